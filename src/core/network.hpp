// The program of a network: its layers, the buffers between them, and a forward and backward pass.
//
// building.hpp constructs it; evaluation.hpp and training.hpp implement its operations.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <numeric>
#include <set>
#include <vector>

#include "dense.hpp"
#include "elementwise.hpp"
#include "embedding.hpp"
#include "gather.hpp"
#include "groups.hpp"
#include "loss.hpp"
#include "normalization.hpp"
#include "outer_products.hpp"
#include "periodic_embedding.hpp"
#include "program.hpp"
#include "rbf.hpp"
#include "rowwise.hpp"
#include "unitwise.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// Blocks are made smaller than row_block, but not smaller than this, so that each thread has some.
inline constexpr size_t least_block = 32;

/// Below this many rows outside training, packing the weights costs more than it saves.
inline constexpr size_t few_rows = 8;

template <class T>
class Network final : public Program {
 public:
  explicit Network(const Plan& plan);

  size_t train(const Training& training) override;

  bool forward(const Point& point, const Samples& samples, bool mapped, void* z) override;
  void layer_stats(const Point& point, const Probe& probe, double* seen) override;
  double gradient(const Point& point, const Samples& samples, void* grad) override;
  void sample_gradients(const Point& point, const Samples& samples, void* grads) override;
  void sample_vjp(const Point& point, const Samples& samples, const void* d_z, size_t count,
                  void* grads) override;
  void normal_matrix(const Point& point, const Samples& samples, const void* d_z, size_t count,
                     void* matrix) override;
  void jvp(const Point& point, const Samples& samples, const void* d_theta, const void* d_x,
           void* d_z) override;
  void vjp(const Point& point, const Samples& samples, const void* d_z, void* grad, void* d_x) override;
  void hvp(const Point& point, const Samples& samples, const void* v, bool gauss_newton,
           void* product) override;

 private:
  using M = Matrix<T>;
  static constexpr size_t nothing = size_t(-1);

  /// One thread's part of `layer_stats`: Σ θ² of each slot; for every unit of each activation, the
  /// rows in which it lives, then those in which its slope is flat.
  struct alignas(64) Seen {
    std::vector<double> squares;
    std::vector<Buffer<T>> slopes;
  };

  /// The newest edge of a group of columns, and the layer that it comes from, if that is one of the group.
  struct End {
    Edge<T>* edge;
    Layer<T>* last = nullptr;
    size_t group = 0;
  };

  // Building.
  M* new_matrix(size_t cols);
  Edge<T>* new_edge(size_t cols);
  Edge<T>* new_edge(M* value, M* delta);
  size_t width() const;
  void append(const Operation& operation);
  template <class Make>
  void of_columns(Make make, size_t slot = nothing);
  size_t regroup(size_t groups);
  void collect();
  void repeat(size_t members);
  void branch_off(std::unique_ptr<Grouping<T>> layer);
  void grouped_dense(size_t units, size_t groups, bool shared, size_t w, size_t b, size_t slot);
  void connect(std::unique_ptr<Layer<T>> layer);
  void connect(std::unique_ptr<Layer<T>> layer, size_t outputs, size_t slot = nothing);
  void connect(std::unique_ptr<Layer<T>> layer, End& end, size_t outputs, size_t slot = nothing);
  void place(Layer<T>& layer, Edge<T>* below, Edge<T>* above);
  void make_tangents();
  void make_second();

  // Statistics of the layers, by all threads.
  void layer_stats(Pass<T> pass, const Probe& probe, const Worker<T>& w, double* seen);
  void count_slopes(const Pass<T>& whole, const Samples& samples, const Worker<T>& w, Seen& own);
  void sum_up(const Probe& probe, double* seen) const;

  // Training.
  size_t epochs(const Training& training, const Worker<T>& w);
  bool epoch(const Training& training, size_t first, double (&faded)[2], size_t& done, double* sums,
             Worker<T> w);
  Update<T> update_at(const Training& training, size_t k, double (&faded)[2]) const;
  void learn(const Pass<T>& pass, const Training& training, Update<T>& update, const Worker<T>& w);
  void add_up(double* sums, double loss, double weight) const;

  // Evaluation, some rows at a time.
  template <class Body>
  void share_work(size_t samples, Body body);
  template <class Body>
  void in_parts(Pass<T> pass, size_t samples, const Worker<T>& w, Body body) const;
  template <class Delta, class Each>
  void by_sample(const Pass<T>& pass, const Samples& samples, size_t count, const Worker<T>& w, Delta delta,
                 Each each);
  void sample_gradient(const Pass<T>& pass, size_t row, void* grad);
  bool make_outer_products(size_t count);
  void sum_outer_products(const Point& point, const Samples& samples, const void* d_z, size_t count,
                          T* matrix);
  void sum_products(const Point& point, const Samples& samples, const void* d_z, size_t count, T* matrix);
  void take_deltas(const Pass<T>& pass, Range rows, const void* d_z, size_t k, size_t count);

  // Parts of a pass.

  Worker<T> worker(int t) {
    return {size_t(t), size_t(plan_.threads), &barrier_, &pieces_, scratch_[t].data(), nullptr};
  }

  Pass<T> pass_at(const Point& point) const {
    Pass<T> pass;
    pass.training = point.training;
    if (filled_) pass.fill_value = change_(T(plan_.fill_value));
    pass.seed = plan_.seed;
    pass.step = point.step;
    pass.dropout = point.dropout;
    pass.buffers = static_cast<T*>(const_cast<void*>(point.buffers));  // only `update_running_stats` writes
    return pass;
  }

  void attach(const Vectors<T>& flat) {
    for (auto& layer : layers_) layer->attach(flat);
  }

  void attach_point(const Point& point, void* grad) {
    Vectors<T> flat;
    flat.theta = static_cast<T*>(const_cast<void*>(point.theta));  // which evaluations only read
    flat.gradient = static_cast<T*>(grad);
    attach(flat);
  }

  void fetch(const Worker<T>& w) {
    for (auto& layer : layers_) layer->fetch(w);
    w.barrier->wait();
  }

  static Range rows_of(const Pass<T>& pass, const Worker<T>& w) {
    return share(pass.rows, lanes<T>, w.index, w.count);
  }

  void gather_inputs(const Pass<T>& pass, const Samples& samples, size_t start, Range rows) {
    const int64_t* order = samples.order ? samples.order + start : nullptr;
    Data x = samples.x;
    if (!order) shift(x, start);
    Change<T> change = change_;
    if (filled_ && pass.loaded) change.fill_value = T(plan_.fill_value), change.offset = 0;
    gather(x, order, change, *bottom_->value, rows);
  }

  static void shift(Data& x, size_t start) {
    if (!x.columns)
      x.values = static_cast<const char*>(x.values) + ptrdiff_t(start) * x.row_bytes;
    else
      x.starts = static_cast<const char*>(x.starts) + start * (x.wide_index ? 8 : 4);
  }

  void gather_targets(const Samples& samples, size_t start, Range rows) {
    const T* t = static_cast<const T*>(samples.t);
    size_t columns = loss_->targets.cols();
    for (size_t r = rows.begin; r < rows.end; r++) {
      size_t sample = samples.order ? size_t(samples.order[start + r]) : start + r;
      loss_->weigh(r, samples.weight ? samples.weight + sample * samples.weights : nullptr, samples.weights);
      if (samples.labels)
        loss_->labels[r] = T(samples.labels[sample]);
      else
        copy_in(t + (sample - r) * columns, columns, loss_->targets, {r, r + 1});
    }
  }

  static double total_weight(const Samples& samples, size_t start, size_t n) {
    if (!samples.weight) return double(n);
    double total = 0;
    for (size_t r = start; r < start + n; r++) {
      const double* weight =
          samples.weight + (samples.order ? size_t(samples.order[r]) : r) * samples.weights;
      for (size_t i = 0; i < samples.weights; i++) total += weight[i];
    }
    return total;
  }

  /// The number of blocks that threads take: four for each of them, unless that makes them too small or
  /// large.
  static size_t blocks_of(size_t rows, size_t threads) {
    size_t each = (rows + threads - 1) / threads, least = (each + row_block - 1) / row_block;
    size_t enough = threads == 1 ? 1 : std::clamp<size_t>(each / least_block, 1, 4);
    return threads * std::max(least, enough);
  }

  /// body(block, number) for all blocks of rows, each by one of the threads.
  template <class Body>
  void each_block(size_t rows, const Worker<T>& w, Body body) const {
    size_t blocks = blocks_of(rows, w.count);
    w.each_piece(blocks, [&](size_t i) { body(share(rows, lanes<T>, i, blocks), i); });
  }

  /// Inputs up, top(rows, number of the block), deltas down, by all threads together. Layers that need the
  /// whole batch at once cut the layers into segments; each segment runs a block of rows at a time. Along a
  /// direction, tangents go up, and in second order the tangents of the deltas down; threads do not divide
  /// products otherwise than by rows then.
  template <class Top>
  void pass_both_ways(Pass<T> pass, const Samples& samples, size_t start, const Worker<T>& w, bool down,
                      Top top) {
    pass.threads = pass.direction ? 1 : w.count;
    size_t count = layers_.size(), stages = count + 2 + (down ? count : 0);
    auto stage = [&](size_t i, Range block, size_t number = 0) {
      if (i == 0) {
        gather_inputs(pass, samples, start, block);
      } else if (i <= count) {
        layers_[i - 1]->forward(pass, block, w);
        if (pass.direction && layers_[i - 1]->active) layers_[i - 1]->tangent(pass, block, w);
      } else if (i == count + 1) {
        top(block, number);
      } else if (size_t l = 2 * count + 1 - i; layers_[l]->active) {
        pass.second ? layers_[l]->r_backward(pass, block, w) : layers_[l]->backward(pass, block, w);
      }
    };
    auto whole = [&](size_t i) {
      size_t l = i == 0 || i == count + 1 ? count : i <= count ? i - 1 : 2 * count + 1 - i;
      return l < count && layers_[l]->whole_batch(pass);
    };
    for (size_t i = 0; i < stages;) {
      size_t end = i;
      while (end < stages && !whole(end)) end++;
      if (end == i)
        stage(end++, rows_of(pass, w));
      else
        each_block(pass.rows, w, [&](Range block, size_t number) {
          for (size_t j = i; j < end; j++) stage(j, block, number);
        });
      w.barrier->wait();
      i = end;
    }
  }

  /// The same with the loss at the top; returns Σ weight · E when all are done.
  double pass_with_loss(const Pass<T>& pass, const Samples& samples, size_t start, double weight,
                        const Worker<T>& w, bool down = true) {
    T scale = weight > 0 ? T(1 / weight) : T(1);
    pass_both_ways(pass, samples, start, w, down, [&](Range block, size_t number) {
      gather_targets(samples, start, block);
      losses_[number] = loss_->run(*top_->value, *top_->delta, block, samples.labels, scale, w.scratch);
    });
    return std::accumulate(losses_.begin(), losses_.begin() + ptrdiff_t(blocks_of(pass.rows, w.count)), 0.0);
  }

  /// Updates the parameters, or without an update stores the gradient or adds to it.
  void gradients(const Pass<T>& pass, const Worker<T>& w, const Update<T>* update, bool add = false) {
    Range rows{0, pass.rows};
    for (size_t l : learns_) w.offer(layers_[l]->pieces, layers_[l]->gradient_pieces(w.count));
    for (size_t l : learns_) {
      Layer<T>& layer = *layers_[l];
      layer.before_gradient(pass, rows, w);
      w.take(layer.pieces, [&](size_t piece) {
        LayerSums sums;
        Sink<T> sink{update, &sums, add};
        pass.second ? layer.r_gradient(pass, rows, piece, w, sink)
                    : layer.gradient(pass, rows, piece, w, sink);
        if (update) sums_of(layer)[piece] = sums;
      });
    }
  }

  /// Adds the gradients of one part of a batch to those of the parts before.
  void add_gradients(const Pass<T>& pass, const Worker<T>& w) {
    gradients(pass, w, nullptr, pass.first > 0);
    w.barrier->wait();
  }

  /// The sums of a layer, by pieces.
  LayerSums* sums_of(const Layer<T>& layer) { return sums_[layer.slot].data() + layer.first_sum; }

  void clear_sums() {
    for (auto& pieces : sums_) std::fill(pieces.begin(), pieces.end(), LayerSums{});
  }

  double penalty() const {
    double total = 0;
    for (const auto& pieces : sums_)
      for (const LayerSums& sums : pieces) total += sums.penalty;
    return total;
  }

  void put_back_gradients(const Worker<T>& w) {
    for (size_t l : learns_) layers_[l]->put_back_gradient(w);
  }

  /// Adds the penalty to this thread's share of a stored gradient.
  void penalize(const Update<T>& update, const Worker<T>& w) {
    for (size_t l : learns_) {
      LayerSums& sums = sums_of(*layers_[l])[w.index];
      sums = {};
      layers_[l]->each_place(w, [&](const Place& place) {
        const Vectors<T>& at = layers_[l]->own;
        T* gradient = at.gradient ? at.gradient + place.offset : nullptr;
        update.penalize(at, gradient, place.stride, place, sums);
      });
    }
  }

  Update<T> new_update() const {
    Update<T> update;
    update.l1 = T(plan_.l1), update.l2 = T(plan_.l2);
    return update;
  }

  Plan plan_;
  Pool pool_;
  Barrier barrier_;
  Pieces pieces_;
  Change<T> change_;     // a scale at the input, applied as samples are gathered
  bool filled_ = false;  // whether inputs may be gathered minus their fill value
  std::vector<std::unique_ptr<M>> matrices_;
  std::vector<std::unique_ptr<Edge<T>>> edges_;       // between the layers
  Edge<T>*bottom_ = nullptr, *top_ = nullptr;         // of the network
  M jacobian_, normal_;                               // of `sum_products`
  std::unique_ptr<OuterProducts<T>> outer_products_;  // of `sum_outer_products`
  std::vector<std::unique_ptr<Layer<T>>> layers_;
  std::vector<End> ends_;                      // while building
  std::vector<std::vector<Branch<T>*>> open_;  // while building
  std::set<const M*> reached_;                 // what depends on parameters
  size_t activations_ = 0, dropouts_ = 0;      // numbers of these layers
  size_t first_of_groups_ = 0;                 // the layer after the last one that made groups
  std::vector<size_t> learns_;                 // layers with parameters
  std::unique_ptr<Loss<T>> loss_;
  std::vector<Buffer<T>> scratch_;
  std::vector<Seen> seen_;
  std::vector<double> losses_;                // of this batch, by blocks of rows
  std::vector<std::vector<LayerSums>> sums_;  // of this step, by slots and pieces
  std::vector<double> squares_;               // of the stored gradient, where its norm is limited, by threads
  Buffer<T> gradient_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
