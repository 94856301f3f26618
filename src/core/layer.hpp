// The interface of a layer: forward and backward over some rows of the batch at a time.
#pragma once

#include <functional>
#include <optional>

#include "gather.hpp"
#include "gemm.hpp"
#include "optimizer.hpp"
#include "pieces.hpp"
#include "pool.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// One pass over one batch.
template <class T>
struct Pass {
  size_t rows = 0;     // samples in the batch
  size_t first = 0;    // number of its first sample, where a larger batch is evaluated in parts
  size_t threads = 1;  // that may divide the work of a layer between them
  bool training = false;
  bool loaded = true;  // whether layers have packed the parameters; otherwise they read theta
  uint64_t seed = 0, step = 0;
  const double* dropout = nullptr;  // in training, the rate of each dropout layer
  T* buffers = nullptr;
  const T* direction = nullptr;  // in parameter space: forward passes compute tangents along it
  bool second = false;           // whether backward passes compute their change along it
  T fill_value = 0;              // subtracted from every input; the first layer adds it back
};

/// One of the threads that work on a pass.
template <class T>
struct Worker {
  size_t index = 0, count = 1;
  Barrier* barrier = nullptr;
  Pieces* pieces = nullptr;  // of the stage that all threads work on
  T* scratch = nullptr;
  Ahead* ahead = nullptr;  // prefetches the next batch in the meantime

  /// This thread's share of 0 … n − 1.
  Range share_of(size_t n) const { return share(n, 1, index, count); }

  /// body(piece) for 0 … n − 1, each by one of the threads; all of them call this.
  template <class Body>
  void each_piece(size_t n, Body body) const {
    offer(*pieces, n);
    take(*pieces, body);
  }

  /// The same in two parts, so that a thread may go on to the next stage while others are still at this one.
  void offer(Pieces& pieces, size_t n) const {
    Range mine = share_of(n);
    pieces.offer(index, mine.begin, mine.end);
  }
  template <class Body>
  void take(Pieces& pieces, Body body) const {
    for (size_t piece; pieces.take(index, piece);) body(piece);
  }
};

/// Destination of gradients: a step of the optimizer, or without one the gradient vector, which is
/// overwritten or added to.
template <class T>
struct Sink {
  const Update<T>* update = nullptr;
  LayerSums* sums = nullptr;  // of the step
  bool add = false;
};

/// Where the gradient of a row of a layer's weights is the outer product of its delta and its inputs, with 1
/// as the last input where there are biases.
template <class T>
struct OuterGradient {
  static constexpr size_t none = size_t(-1);
  const Matrix<T>*x, *delta;
  size_t w, b;  // offsets in theta; none: no biases

  bool has_bias() const { return b != none; }
  size_t units() const { return delta->cols(); }
  size_t inputs() const { return x->cols() + has_bias(); }
  /// The place in theta of the weight of unit i and input a.
  size_t place(size_t i, size_t a) const { return a < x->cols() ? w + i * x->cols() + a : b + i; }
};

/// What connects two layers: the values that go up, the deltas that go down, and the tangents of both.
template <class T>
struct Edge {
  Matrix<T>*value = nullptr, *delta = nullptr, *tangent = nullptr, *r_delta = nullptr;
};

/// One operation. x and y are its input and output, d_x and d_y the gradients with respect to them, t_x and
/// t_y their forward-mode tangents, r_d_x and r_d_y the tangents of d_x and d_y. Functions work on the given
/// rows only. With `whole_batch`, every thread calls them once with its share of the rows, and they may wait
/// at the barrier or divide the work otherwise.
template <class T>
class Layer {
 public:
  Matrix<T>*x = nullptr, *y = nullptr, *d_x = nullptr, *d_y = nullptr, *t_x = nullptr, *t_y = nullptr,
  *r_d_x = nullptr, *r_d_y = nullptr;
  Edge<T>*below = nullptr, *above = nullptr;  // whose matrices these are
  bool wants_d_x = true;                      // whether any layer below needs it; if not, t_x is zero
  bool active = true;    // whether it has parameters or any layer below; backward passes reach it
  size_t slot = 0;       // number of the layer of the network among those with parameters
  size_t group = 0;      // of columns
  size_t first_sum = 0;  // place of its first piece among the sums of that slot
  Vectors<T> own;        // the vectors it works on: in theta's layout, or packed copies
  Pieces pieces{0};      // of the gradient

  virtual ~Layer() = default;
  virtual bool whole_batch(const Pass<T>&) const { return false; }
  virtual bool in_place() const { return false; }     // y may be x, d_x may be d_y
  virtual bool output_free() const { return false; }  // only the next layer reads y

  /// Sets the vectors to work with, in theta's layout; before threads start.
  virtual void attach(const Vectors<T>& flat) { own = flat; }
  /// Packs this thread's share of them into the layer's own layout, and unpacks it; the gradient separately.
  virtual void fetch(const Worker<T>&) {}
  virtual void put_back(const Worker<T>&) {}
  virtual void put_back_gradient(const Worker<T>&) {}
  /// Makes room for tangents, and for those of backward passes.
  virtual void make_tangents() {}
  virtual void make_second() {}
  virtual void fetch_direction(const Pass<T>&, const Worker<T>&) {}

  virtual void forward(const Pass<T>&, Range rows, const Worker<T>&) = 0;
  virtual void backward(const Pass<T>&, Range rows, const Worker<T>&) = 0;
  virtual void tangent(const Pass<T>&, Range rows, const Worker<T>&) = 0;
  /// backward, and its change along the direction; `tangent` went before.
  virtual void r_backward(const Pass<T>&, Range rows, const Worker<T>&) = 0;
  /// The number of pieces of the gradient, and one of them, over all `rows`. Reads d_y, never d_x.
  virtual size_t gradient_pieces(size_t threads) const { return threads; }
  virtual void gradient(const Pass<T>&, Range /*rows*/, size_t /*piece*/, const Worker<T>&, const Sink<T>&) {}
  /// The same for the change of the gradient along the direction.
  virtual void r_gradient(const Pass<T>&, Range /*rows*/, size_t /*piece*/, const Worker<T>&,
                          const Sink<T>&) {}
  /// Called by every thread before it takes pieces.
  virtual void before_gradient(const Pass<T>&, Range /*rows*/, const Worker<T>&) {}
  /// The places of this thread's share of the parameters.
  virtual void each_place(const Worker<T>&, const std::function<void(const Place&)>&) const {}
  /// Called after parameters have been changed from outside.
  virtual void refresh(const Worker<T>&) {}
  /// The gradient of one row's loss, in theta's layout.
  virtual void sample_gradient(const Pass<T>&, size_t /*row*/, T* /*grad*/) {}
  /// How `sample_gradient` is an outer product, if it is.
  virtual std::optional<OuterGradient<T>> outer_gradient() const { return {}; }
  virtual void update_running_stats(const Pass<T>&, const Worker<T>&) {}

 protected:
  /// Passes a rectangle of the gradient, with leading dimension `ld`, to the sink, which may modify it.
  void give(const Sink<T>& sink, T* g, size_t ld, const Place& place) {
    Place joined = ld == place.cols ? place.joined() : place;
    if (!sink.update) {
      for (size_t i = 0; i < joined.rows; i++) {
        T* to = own.gradient + joined.offset + i * joined.stride;
        for (size_t j = 0; j < joined.cols; j++) to[j] = g[i * ld + j] + (sink.add ? to[j] : T(0));
      }
    } else {
      sink.update->penalize(own, g, ld, joined, *sink.sums);
      sink.update->step(own, g, ld, joined, *sink.sums);
    }
  }

  /// Passes sums(c), vector by vector, to the sink: the gradients of a parameter with a number for each
  /// column.
  template <class Sums>
  void give_columns(size_t offset, Range columns, const Sink<T>& sink, Sums sums) {
    alignas(64) T g[lanes<T>];
    for (size_t c = columns.begin; c < columns.end; c += lanes<T>) {
      Range part{c, std::min(c + lanes<T>, columns.end)};
      store(g, sums(c));
      give(sink, g, part.size(), part_of(offset, part));
    }
  }

  /// This thread's part of a parameter of n numbers; part i of as many as there are threads.
  static Range own_part(size_t n, const Worker<T>& worker) { return part(n, worker.index, worker.count); }
  static Range part(size_t n, size_t i, size_t threads) { return share(n, lanes<T>, i, threads); }

  static Place part_of(size_t offset, Range part) {
    return {offset + part.begin, part.size(), 1, part.size(), offset, false};
  }
};

/// A layer without parameters whose Jacobian is symmetric: d_x = J d_y and t_y = J t_x.
template <class T>
class Symmetric : public Layer<T> {
 public:
  void backward(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    jacobian(pass, rows, *this->d_y, *this->d_x);
  }
  void tangent(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    jacobian(pass, rows, *this->t_x, *this->t_y);
  }
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    jacobian(pass, rows, *this->r_d_y, *this->r_d_x);
    r_jacobian(rows);
    this->backward(pass, rows, worker);
  }

 private:
  /// r_d_x += R{J} d_y, where the Jacobian depends on x.
  virtual void r_jacobian(Range /*rows*/) {}
  virtual void jacobian(const Pass<T>&, Range rows, Matrix<T>& in, Matrix<T>& out) = 0;
};

}  // namespace deltaprop::DELTAPROP_TARGET
