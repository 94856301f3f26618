// The program of a network: its layers, the buffers between them, and a forward and backward pass.
//
// building.hpp constructs it; evaluation.hpp and training.hpp implement its operations.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <vector>

#include "dense.hpp"
#include "elementwise.hpp"
#include "gather.hpp"
#include "loss.hpp"
#include "normalization.hpp"
#include "program.hpp"
#include "rbf.hpp"
#include "rowwise.hpp"

namespace deltaprop::DELTAPROP_TARGET {

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
  void jvp(const Point& point, const Samples& samples, const void* d_theta, const void* d_x,
           void* d_z) override;
  void vjp(const Point& point, const Samples& samples, const void* d_z, void* grad, void* d_x) override;

 private:
  using M = Matrix<T>;
  static constexpr size_t nothing = size_t(-1);

  /// One thread's part of the sums of a step.
  struct alignas(64) Part {
    double loss = 0, squares = 0;  // squares: of the stored gradient, where its norm is limited
    std::vector<LayerSums> layers;
    void clear() { loss = squares = 0, std::fill(layers.begin(), layers.end(), LayerSums{}); }
  };

  /// One thread's part of `layer_stats`: Σ θ² of each slot; for every unit of each activation, the
  /// rows in which it lives, then those in which its slope is flat.
  struct alignas(64) Seen {
    std::vector<double> squares;
    std::vector<Buffer<T>> slopes;
  };

  // Building.
  M* new_matrix(size_t cols);
  void append(const Operation& operation);
  void connect(std::unique_ptr<Layer<T>> layer, size_t outputs, size_t slot = nothing);
  void make_tangents();

  // Statistics of the layers, by all threads.
  void layer_stats(Pass<T> pass, const Probe& probe, const Worker<T>& w, double* seen);
  void count_slopes(const Pass<T>& whole, const Samples& samples, const Worker<T>& w, Seen& own);
  void sum_up(const Probe& probe, double* seen) const;

  // Training.
  size_t epochs(const Training& training, const Worker<T>& w);
  bool epoch(const Training& training, size_t first, double (&faded)[2], size_t& done, double* sums,
             Worker<T> w);
  Update<T> update_at(const Training& training, size_t k, double (&faded)[2]) const;
  void learn(const Pass<T>& pass, const Training& training, Update<T>& update, std::vector<Part>& parts,
             const Worker<T>& w);
  void add_up(double* sums, double loss, double weight, const std::vector<Part>& parts) const;

  // Evaluation, some rows at a time.
  template <class Body>
  void share_work(size_t samples, Body body);
  template <class Body>
  void in_parts(Pass<T> pass, size_t samples, const Worker<T>& w, Body body) const;

  // Parts of a pass.

  Worker<T> worker(int t) {
    return {size_t(t), size_t(plan_.threads), &barrier_, scratch_[t].data(), nullptr};
  }

  Pass<T> pass_at(const Point& point) const {
    Pass<T> pass;
    pass.training = point.training;
    if (filled_) pass.fill_value = change_(T(plan_.fill_value));
    pass.seed = plan_.seed;
    pass.step = point.step;
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
    gather(x, order, change, *values_.front(), rows);
  }

  static void shift(Data& x, size_t start) {
    if (!x.columns)
      x.values = static_cast<const char*>(x.values) + ptrdiff_t(start) * x.row_bytes;
    else
      x.starts = static_cast<const char*>(x.starts) + start * (x.wide_index ? 8 : 4);
  }

  void gather_targets(const Samples& samples, size_t start, Range rows) {
    const double* weight = samples.weight;
    const T* t = static_cast<const T*>(samples.t);
    size_t outputs = values_.back()->cols();
    for (size_t r = rows.begin; r < rows.end; r++) {
      size_t sample = samples.order ? size_t(samples.order[start + r]) : start + r;
      loss_->weight[r] = weight ? T(weight[sample]) : T(1);
      if (samples.labels)
        loss_->labels[r] = T(samples.labels[sample]);
      else
        copy_in(t + (sample - r) * outputs, outputs, loss_->targets, {r, r + 1});
    }
  }

  static double total_weight(const Samples& samples, size_t start, size_t n) {
    if (!samples.weight) return double(n);
    double total = 0;
    for (size_t r = start; r < start + n; r++)
      total += samples.weight[samples.order ? size_t(samples.order[r]) : r];
    return total;
  }

  /// Inputs up, loss, deltas down, for these rows of this thread; returns their Σ weight · E. Layers that
  /// need the whole batch at once cut the layers into segments; each segment runs a block of rows at a time.
  double pass_both_ways(const Pass<T>& pass, Range rows, const Samples& samples, size_t start, double weight,
                        const Worker<T>& w, bool down = true) {
    T scale = weight > 0 ? T(1 / weight) : T(1);
    size_t count = layers_.size(), stages = count + 2 + (down ? count : 0);
    double value = 0;
    auto stage = [&](size_t i, Range block) {
      if (i == 0) {
        gather_inputs(pass, samples, start, block);
      } else if (i <= count) {
        layers_[i - 1]->forward(pass, block, w);
      } else if (i == count + 1) {
        gather_targets(samples, start, block);
        value += loss_->run(*values_.back(), *deltas_.back(), block, samples.labels, scale, w.scratch);
      } else if (size_t l = 2 * count + 1 - i; l >= first_) {
        layers_[l]->backward(pass, block, w);
      }
    };
    auto whole = [&](size_t i) {
      size_t l = i == 0 || i == count + 1 ? count : i <= count ? i - 1 : 2 * count + 1 - i;
      return l < count && layers_[l]->whole_batch(pass);
    };
    for (size_t i = 0; i < stages;) {
      if (whole(i)) {
        stage(i++, rows);
        continue;
      }
      size_t end = i;
      while (end < stages && !whole(end)) end++;
      by_blocks<T>(rows, [&](Range block) {
        for (size_t j = i; j < end; j++) stage(j, block);
      });
      i = end;
    }
    return value;
  }

  void gradients(const Pass<T>& pass, const Worker<T>& w, const Sink<T>& sink) {
    for (size_t l : learns_) layers_[l]->gradient(pass, {0, pass.rows}, w, sink);
  }

  /// Adds the gradients of one part of a batch to those of the parts before, once all threads are there.
  void add_gradients(const Pass<T>& pass, const Worker<T>& w) {
    w.barrier->wait();
    gradients(pass, w, {nullptr, nullptr, pass.first > 0});
    w.barrier->wait();
  }

  void put_back_gradients(const Worker<T>& w) {
    for (size_t l : learns_) layers_[l]->put_back_gradient(w);
  }

  /// Adds the penalty to this thread's share of a stored gradient.
  void penalize(const Update<T>& update, Part& own, const Worker<T>& w) {
    for (size_t l : learns_)
      layers_[l]->each_place(w, [&](const Place& place) {
        const Vectors<T>& at = layers_[l]->own;
        T* gradient = at.gradient ? at.gradient + place.offset : nullptr;
        update.penalize(at, gradient, place.stride, place, own.layers[layers_[l]->slot]);
      });
  }

  Update<T> new_update() const {
    Update<T> update;
    update.l1 = T(plan_.l1), update.l2 = T(plan_.l2);
    return update;
  }

  Plan plan_;
  Pool pool_;
  Barrier barrier_;
  Change<T> change_;     // a scale at the input, applied as samples are gathered
  bool filled_ = false;  // whether inputs may be gathered minus their fill value
  std::vector<std::unique_ptr<M>> matrices_;
  std::vector<M*> values_, deltas_, tangents_;  // between the layers
  std::vector<std::unique_ptr<Layer<T>>> layers_;
  std::vector<Branch<T>*> open_;
  std::vector<size_t> learns_;  // layers with parameters
  size_t first_ = 0;            // the lowest layer that gradients must reach
  std::unique_ptr<Loss<T>> loss_;
  std::vector<Buffer<T>> scratch_;
  std::vector<Seen> seen_;
  std::vector<Part> parts_[2];  // of this step and the one before, which thread 0 may still be reading
  Buffer<T> gradient_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
