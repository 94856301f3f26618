// What a layer of the program is: forward and backward side by side, over some rows of the batch at a time.
#pragma once

#include "gemm.hpp"
#include "optimizer.hpp"
#include "pool.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// One pass over one batch.
template <class T>
struct Pass {
  size_t rows = 0;  // samples in the batch
  bool training = false;
  bool packed = true;  // whether `pack` has been called for these parameters; if not, products read theta itself
  uint64_t seed = 0, step = 0;
  const T* theta = nullptr;
  T* statistics = nullptr;
  const T* direction = nullptr;  // of forward-mode derivatives
  T ground = 0;                  // what has been left out of every input, for the first layer to put back
};

/// One thread of those that work on a pass.
template <class T>
struct Worker {
  size_t index = 0, count = 1;
  Barrier* barrier = nullptr;
  T* scratch = nullptr;
};

/// Where gradients go: straight into an update, or into a vector of theta's layout.
template <class T>
struct Sink {
  const Update<T>* update = nullptr;
  T* gradient = nullptr;
  LayerSums* sums = nullptr;  // one for each layer with parameters

  /// Takes a rectangle of the gradient, rows `ld` apart; it may be changed.
  void take(T* g, size_t ld, Place place, size_t slot) {
    if (place.cols == place.stride && place.rows > 1) {  // whole rows lie behind each other: one long row
      if (ld != place.cols)
        for (size_t i = 1; i < place.rows; i++)
          for (size_t j = 0; j < place.cols; j++) g[i * place.cols + j] = g[i * ld + j];
      ld = place.cols = place.stride = place.rows * place.cols;
      place.rows = 1;
    }
    if (gradient) {
      for (size_t i = 0; i < place.rows; i++)
        std::memcpy(gradient + place.offset + i * place.stride, g + i * ld, place.cols * sizeof(T));
    } else {
      update->penalize(g, ld, place, sums[slot]);
      update->step(g, ld, place, sums[slot]);
    }
  }
};

/// One operation. x and y are its input and output, d_x and d_y the gradients with respect to them, t_x and t_y their
/// changes in forward mode. Functions given rows touch these rows only, unless `whole_batch`: then every thread calls
/// them once with its own share, and they may meet at the barrier.
template <class T>
class Layer {
 public:
  Matrix<T>*x = nullptr, *y = nullptr, *d_x = nullptr, *d_y = nullptr, *t_x = nullptr, *t_y = nullptr;
  bool wants_d_x = true;  // whether anything below can use it

  virtual ~Layer() = default;
  virtual bool whole_batch() const { return false; }
  virtual bool in_place() const { return false; }     // y may be x, d_x may be d_y
  virtual bool output_free() const { return false; }  // nothing looks at y once the next layer has
  virtual void pack(const Pass<T>&, const Worker<T>&) {}
  virtual void forward(const Pass<T>&, Range rows, const Worker<T>&) = 0;
  virtual void backward(const Pass<T>&, Range rows, const Worker<T>&) = 0;
  /// This thread's share of the parameters: their gradient over all of `rows`. Read d_y, never d_x.
  virtual void gradient(const Pass<T>&, Range /*rows*/, const Worker<T>&, Sink<T>&) {}
  virtual void pack_direction(const Pass<T>&, const Worker<T>&) {}
  virtual void tangent(const Pass<T>&, Range rows, const Worker<T>&) = 0;
  virtual void settle(const Pass<T>&, const Worker<T>&) {}
};

/// out[j] = Σ over rows of term(pointers to the vector of the first matrix and of the others), for one vector of columns
template <class T, class Term, class... M>
inline vec<T> column_sum(Range rows, size_t col, Term term, const Matrix<T>& first, const M&... others) {
  size_t p = col / Matrix<T>::panel, c = col % Matrix<T>::panel, step = first.width(p);
  vec<T> sum{};
  size_t i = 0;
  for (size_t r = rows.begin; r < rows.end; r++, i += step)
    sum += term(first.at(rows.begin, p) + c + i, (others.at(rows.begin, p) + c + i)...);
  return sum;
}

}  // namespace deltaprop::DELTAPROP_TARGET
