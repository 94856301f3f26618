// The program of a network: its layers in a row, the buffers between them, and the loop over steps.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <vector>

#include "batch_norm.hpp"
#include "dense.hpp"
#include "elementwise.hpp"
#include "gather.hpp"
#include "loss.hpp"
#include "program.hpp"
#include "rbf.hpp"
#include "rowwise.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// Rows that go through all layers together, so that what one layer writes the next still finds near.
inline constexpr size_t row_block = 64;

/// Below this many rows outside training, packing the weights costs more than it saves.
inline constexpr size_t few_rows = 8;

template <class T>
class Network final : public Program {
 public:
  explicit Network(const Plan& plan) : plan_(plan), pool_(plan.threads), barrier_(plan.threads) {
    values_.push_back(new_matrix(plan.inputs));
    deltas_.push_back(new_matrix(plan.inputs));
    for (const Operation& operation : plan.operations) append(operation);
    size_t outputs = values_.back()->cols();
    loss_ = std::make_unique<Loss<T>>(LossKind(plan.loss), T(plan.threshold), plan.rows, outputs);
    first_ = plan.whole || learns_.empty() ? 0 : learns_.front();
    for (size_t i = 0; i < layers_.size(); i++)
      layers_[i]->wants_d_x = plan.whole || (!learns_.empty() && i > learns_.front());
    for (int t = 0; t < plan.threads; t++) scratch_.emplace_back(loss_->scratch());
    for (auto& parity : parts_) parity.resize(plan.threads);
    for (auto& parity : parts_)
      for (auto& part : parity) part.layers.resize(plan.slots);
  }

  size_t train(const Training& training) override {
    if (training.clip_norm > 0 && gradient_.size() == 0) gradient_ = Buffer<T>(plan_.parameters);
    auto vector = [](const void* p) { return static_cast<T*>(const_cast<void*>(p)); };
    attach({vector(training.theta), vector(training.first), vector(training.second), vector(training.rates),
            training.clip_norm > 0 ? gradient_.data() : nullptr});
    size_t done = 0;
    pool_.run([&](int t) {
      size_t n = steps(training, worker(t));
      if (t == 0) done = n;
    });
    return done;
  }

  bool forward(const Point& point, const Samples& samples, bool mapped, void* z) override {
    std::atomic<bool> finite = true;
    Pass<T> pass = pass_at(point, 0);
    pass.loaded = samples.count > few_rows;
    attach_point(point, nullptr);
    auto work = [&](const Worker<T>& w) {
      if (pass.loaded) fetch(w);
      size_t outputs = values_.back()->cols();
      for (size_t start = 0; start < samples.count; start += plan_.rows) {
        Pass<T> part = pass;
        part.rows = std::min(plan_.rows, samples.count - start);
        Range rows =
            share(plan_.rows, lanes<T>, w.index, w.count);  // the same in every part: nobody need wait
        rows.end = std::min(rows.end, part.rows);
        by_blocks(rows, [&](Range block) {
          gather_inputs(part, samples, start, block);
          if (!all_finite(*values_.front(), block)) finite = false;
          for (auto& layer : layers_) layer->forward(part, block, w);
          if (mapped) loss_->predict(*values_.back(), block);
          copy_out(*values_.back(), block, static_cast<T*>(z) + start * outputs, outputs);
        });
      }
    };
    Barrier alone(1);
    if (pass.loaded && plan_.threads > 1)
      pool_.run([&](int t) { work(worker(t)); });
    else
      work({0, 1, &alone, scratch_[0].data()});
    return finite;
  }

  void health(const Point& point, const Samples& samples, double most, double* shares) override {
    Pass<T> pass = pass_at(point, 0);
    attach_point(point, nullptr);
    Barrier here(1);
    Worker<T> alone{0, 1, &here, scratch_[0].data()};
    fetch(alone);
    std::vector<std::pair<Activation<T>*, Buffer<T>>> counts;
    for (auto& layer : layers_)
      if (auto* activation = dynamic_cast<Activation<T>*>(layer.get()))
        counts.emplace_back(activation, Buffer<T>(2 * round_up(layer->y->cols(), lanes<T>)));
    for (size_t start = 0; start < samples.count; start += pass.rows) {
      pass.rows = std::min(plan_.rows, samples.count - start);
      Range rows{0, pass.rows};
      gather_inputs(pass, samples, start, rows);
      for (auto& layer : layers_) layer->forward(pass, rows, alone);
      for (auto& [activation, count] : counts)
        activation->count_slopes(rows, count.data(), count.data() + count.size() / 2);
    }
    for (auto& [activation, count] : counts) {
      size_t units = activation->y->cols(), dead = 0, saturated = 0;
      for (size_t u = 0; u < units; u++) {
        dead += count[u] == 0;
        saturated += double(count[count.size() / 2 + u]) / double(samples.count) >= most;
      }
      *shares++ = double(dead) / double(units);
      *shares++ = double(saturated) / double(units);
    }
  }

  double gradient(const Point& point, const Samples& samples, void* grad) override {
    Pass<T> pass = pass_at(point, samples.count);
    attach_point(point, grad);
    double weight = total_weight(samples, 0, samples.count), value = 0, penalty = 0;
    Update<T> update = new_update();
    pool_.run([&](int t) {
      Worker<T> w = worker(t);
      Part& own = parts_[0][t];
      own.clear();
      fetch(w);
      own.loss = pass_both_ways(pass, samples, 0, weight, w);
      barrier_.wait();
      gradients(pass, w, {});
      penalize(update, own, w);
      for (size_t l : learns_) layers_[l]->put_back_gradient(w);
    });
    for (const Part& part : parts_[0]) {
      value += part.loss;
      for (const LayerSums& sums : part.layers) penalty += sums.penalty;
    }
    return (weight > 0 ? value / weight : 0) + penalty;
  }

  void sample_gradients(const Point& point, const Samples& samples, void* grads) override {
    Pass<T> pass = pass_at(point, samples.count);
    attach_point(point, nullptr);
    pool_.run([&](int t) {
      Worker<T> w = worker(t);
      fetch(w);
      pass_both_ways(pass, samples, 0, 1, w);
      Range rows = rows_of(pass, w);
      for (size_t r = rows.begin; r < rows.end; r++)
        for (size_t l : learns_)
          layers_[l]->sample_gradient(pass, r, static_cast<T*>(grads) + r * plan_.parameters);
    });
  }

  void jvp(const Point& point, const Samples& samples, const void* d_theta, const void* d_x,
           void* d_z) override {
    make_tangents();
    Pass<T> pass = pass_at(point, samples.count);
    pass.direction = static_cast<const T*>(d_theta);
    attach_point(point, nullptr);
    pool_.run([&](int t) {
      Worker<T> w = worker(t);
      for (auto& layer : layers_) layer->fetch_direction(pass, w);
      fetch(w);
      Range rows = rows_of(pass, w);
      gather_inputs(pass, samples, 0, rows);
      if (d_x)
        copy_in(static_cast<const T*>(d_x), plan_.inputs, *tangents_.front(), rows);
      else
        each_vector<T>(rows, [](T* t) { store(t, vec<T>{}); }, *tangents_.front());
      for (auto& layer : layers_) {
        layer->forward(pass, rows, w);
        layer->tangent(pass, rows, w);
      }
      copy_out(*tangents_.back(), rows, static_cast<T*>(d_z), tangents_.back()->cols());
    });
  }

  void vjp(const Point& point, const Samples& samples, const void* d_z, void* grad, void* d_x) override {
    Pass<T> pass = pass_at(point, samples.count);
    attach_point(point, grad);
    pool_.run([&](int t) {
      Worker<T> w = worker(t);
      fetch(w);
      Range rows = rows_of(pass, w);
      gather_inputs(pass, samples, 0, rows);
      for (auto& layer : layers_) layer->forward(pass, rows, w);
      copy_in(static_cast<const T*>(d_z), deltas_.back()->cols(), *deltas_.back(), rows);
      for (size_t i = layers_.size(); i-- > 0;) layers_[i]->backward(pass, rows, w);
      copy_out(*deltas_.front(), rows, static_cast<T*>(d_x), plan_.inputs);
      barrier_.wait();
      gradients(pass, w, {});
      for (size_t l : learns_) layers_[l]->put_back_gradient(w);
    });
  }

 private:
  using M = Matrix<T>;

  /// One thread's part of the sums of a step.
  struct alignas(64) Part {
    double loss = 0;
    std::vector<LayerSums> layers;
    void clear() { std::fill(layers.begin(), layers.end(), LayerSums{}); }
  };

  // -- building
  // -------------------------------------------------------------------------------------------------

  M* new_matrix(size_t cols) {
    matrices_.push_back(std::make_unique<M>(plan_.rows, cols));
    return matrices_.back().get();
  }

  void append(const Operation& operation) {
    auto integer = [&](size_t i) { return size_t(operation.integers.at(i)); };
    auto number = [&](size_t i) { return T(operation.numbers.at(i)); };
    size_t d = values_.back()->cols(), rows = plan_.rows, threads = size_t(plan_.threads);
    switch (operation.code) {
      case Code::scale:
        if (layers_.empty() && !plan_.whole && change_.none())
          change_.factor = number(0), change_.offset = number(1);
        else
          connect(std::make_unique<Scale<T>>(number(0), number(1)), d);
        return;
      case Code::dense: {
        auto dense = std::make_unique<Dense<T>>(d, integer(0), integer(1), integer(2));
        if (layers_.empty() && plan_.sparse && !plan_.whole) {
          dense->expect_sparse(rows, threads);
          grounded_ = true;
        }
        return connect(std::move(dense), integer(0), integer(3));
      }
      case Code::activation:
        return connect(std::make_unique<Activation<T>>(Function(integer(0)), number(0), number(1)), d);
      case Code::softmax:
        return connect(std::make_unique<Softmax<T>>(), d);
      case Code::dropout:
        return connect(std::make_unique<Dropout<T>>(operation.numbers.at(0), integer(0), rows, d), d);
      case Code::batch_norm: {
        typename BatchNorm<T>::Offsets at{integer(0), integer(1), integer(2), integer(3)};
        return connect(std::make_unique<BatchNorm<T>>(number(0), number(1), at, rows, d, threads), d,
                       integer(4));
      }
      case Code::layer_norm:
        return connect(std::make_unique<LayerNorm<T>>(number(0), integer(0), integer(1), rows, d), d,
                       integer(2));
      case Code::branch: {
        auto branch = std::make_unique<Branch<T>>();
        open_.push_back(branch.get());
        return connect(std::move(branch), d);
      }
      case Code::join: {
        Branch<T>* branch = open_.back();
        open_.pop_back();
        connect(std::make_unique<Join<T>>(*branch), d);
        branch->d_sum = deltas_.back();
        return;
      }
      case Code::rbf:
        return connect(std::make_unique<Rbf<T>>(d, integer(0), integer(1), integer(2), rows), integer(0),
                       integer(3));
    }
  }

  static constexpr size_t nothing = size_t(-1);

  void connect(std::unique_ptr<Layer<T>> layer, size_t outputs, size_t slot = nothing) {
    bool same = layer->in_place() && !layers_.empty() && layers_.back()->output_free();
    bool branch = dynamic_cast<Branch<T>*>(layer.get());
    layer->x = values_.back();
    layer->d_x = deltas_.back();
    layer->y = same || branch ? layer->x : new_matrix(outputs);
    layer->d_y = same ? layer->d_x : new_matrix(outputs);
    values_.push_back(layer->y);
    deltas_.push_back(layer->d_y);
    if (slot != nothing) {
      layer->slot = slot;
      learns_.push_back(layers_.size());
    }
    layers_.push_back(std::move(layer));
  }

  void make_tangents() {
    if (!tangents_.empty()) return;
    for (M* value : values_) tangents_.push_back(new_matrix(value->cols()));
    for (size_t i = 0; i < layers_.size(); i++) {
      if (dynamic_cast<Branch<T>*>(layers_[i].get())) tangents_[i + 1] = tangents_[i];
      layers_[i]->t_x = tangents_[i];
      layers_[i]->t_y = tangents_[i + 1];
      layers_[i]->make_tangents();
    }
  }

  // -- parts of a pass
  // --------------------------------------------------------------------------------------------

  Worker<T> worker(int t) { return {size_t(t), size_t(plan_.threads), &barrier_, scratch_[t].data()}; }

  Pass<T> pass_at(const Point& point, size_t rows) const {
    Pass<T> pass;
    pass.rows = rows;
    pass.training = point.training;
    if (grounded_) pass.ground = change_(T(plan_.ground));
    pass.seed = plan_.seed;
    pass.step = point.step;
    pass.statistics = static_cast<T*>(const_cast<void*>(point.statistics));  // only `settle` writes
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

  template <class Body>
  static void by_blocks(Range rows, Body body) {
    for (size_t r = rows.begin; r < rows.end; r += row_block)
      body(Range{r, std::min(r + row_block, rows.end)});
  }

  void gather_inputs(const Pass<T>& pass, const Samples& samples, size_t start, Range rows) {
    const int64_t* order = samples.order ? samples.order + start : nullptr;
    Data x = samples.x;
    if (!order) shift(x, start);
    Change<T> change = change_;
    if (grounded_ && pass.loaded) change.ground = T(plan_.ground), change.offset = 0;
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
      loss_->weight()[r] = weight ? T(weight[sample]) : T(1);
      if (samples.labels)
        loss_->labels()[r] = T(samples.labels[sample]);
      else
        copy_in(t + (sample - r) * outputs, outputs, loss_->targets(), {r, r + 1});
    }
  }

  static double total_weight(const Samples& samples, size_t start, size_t n) {
    if (!samples.weight) return double(n);
    double total = 0;
    for (size_t r = start; r < start + n; r++)
      total += samples.weight[samples.order ? size_t(samples.order[r]) : r];
    return total;
  }

  /// Inputs up, loss, deltas down, for this thread's rows; returns its Σ weight · E. Layers that need the
  /// whole batch at once cut the row of layers into stretches; each stretch runs a block of rows at a time.
  double pass_both_ways(const Pass<T>& pass, const Samples& samples, size_t start, double weight,
                        const Worker<T>& w) {
    T scale = weight > 0 ? T(1 / weight) : T(1);
    Range rows = rows_of(pass, w);
    size_t count = layers_.size(), stages = 2 * count + 2;
    double value = 0;
    auto stage = [&](size_t i, Range block) {
      if (i == 0) {
        gather_inputs(pass, samples, start, block);
      } else if (i <= count) {
        layers_[i - 1]->forward(pass, block, w);
      } else if (i == count + 1) {
        gather_targets(samples, start, block);
        value += loss_->run(*values_.back(), *deltas_.back(), block, samples.labels, scale, w.scratch);
      } else if (size_t l = stages - 1 - i; l >= first_) {
        layers_[l]->backward(pass, block, w);
      }
    };
    auto whole = [&](size_t i) {
      size_t l = i == 0 || i == count + 1 ? count : i <= count ? i - 1 : stages - 1 - i;
      return l < count && layers_[l]->whole_batch();
    };
    for (size_t i = 0; i < stages;) {
      if (whole(i)) {
        stage(i++, rows);
        continue;
      }
      size_t end = i;
      while (end < stages && !whole(end)) end++;
      by_blocks(rows, [&](Range block) {
        for (size_t j = i; j < end; j++) stage(j, block);
      });
      i = end;
    }
    return value;
  }

  void gradients(const Pass<T>& pass, const Worker<T>& w, const Sink<T>& sink) {
    for (size_t l : learns_) layers_[l]->gradient(pass, {0, pass.rows}, w, sink);
  }

  /// Adds the penalty to this thread's share of a gradient that has been put aside.
  void penalize(const Update<T>& update, Part& own, const Worker<T>& w) {
    for (size_t l : learns_)
      layers_[l]->each_place(w, [&](const Place& place) {
        const Vectors<T>& at = layers_[l]->own;
        update.penalize(at, at.gradient + place.offset, place.stride, place, own.layers[layers_[l]->slot]);
      });
  }

  // -- training
  // ---------------------------------------------------------------------------------------------------

  size_t steps(const Training& training, const Worker<T>& w) {
    const Samples& samples = training.samples;
    Pass<T> pass = pass_at({nullptr, training.statistics, true, training.step}, 0);
    double faded[2] = {1, 1};
    if (training.faded) std::copy(training.faded, training.faded + 2, faded);
    fetch(w);
    size_t done = 0;
    for (size_t start = 0; start < samples.count; start += training.batch) {
      pass.rows = std::min(training.batch, samples.count - start);
      pass.step = training.step + done;
      Update<T> update = update_at(training, done, faded);
      std::vector<Part>& parts = parts_[done % 2];
      Part& own = parts[w.index];
      own.clear();
      double weight = total_weight(samples, start, pass.rows);
      own.loss = pass_both_ways(pass, samples, start, weight, w);
      barrier_.wait();
      double loss = 0;
      for (const Part& part : parts) loss += part.loss;
      done++;
      bool finite = std::isfinite(loss);
      if (finite) {
        learn(pass, training, update, parts, w);
        for (auto& layer : layers_) layer->settle(pass, w);
      }
      barrier_.wait();
      double penalty = 0;
      for (const Part& part : parts)
        for (const LayerSums& sums : part.layers) penalty += sums.penalty;
      if (w.index == 0) add_up(training.sums, loss + penalty * weight, weight, parts);
      if (!finite || !std::isfinite(penalty)) break;
    }
    for (auto& layer : layers_) layer->put_back(w);
    if (w.index == 0 && training.faded) std::copy(faded, faded + 2, training.faded);
    return done;
  }

  Update<T> new_update() const {
    Update<T> update;
    update.l1 = T(plan_.l1), update.l2 = T(plan_.l2);
    return update;
  }

  Update<T> update_at(const Training& training, size_t k, double (&faded)[2]) const {
    const Hyper& h = training.hyper[k];
    Update<T> update = new_update();
    update.rule = Rule(training.rule);
    update.clip_value = T(training.clip_value);
    update.beta1 = T(h.beta1), update.rest1 = T(1 - h.beta1);
    update.beta2 = T(h.beta2), update.rest2 = T(1 - h.beta2);
    update.epsilon = T(h.epsilon);
    update.decay = T(h.rate * h.decay);
    update.rate = T(h.rate);
    if (update.rule == Rule::adam || update.rule == Rule::adamw) {
      faded[0] *= h.beta1, faded[1] *= h.beta2;
      update.rate = T(h.rate / (1 - faded[0]));
      update.root = T(1 / std::sqrt(1 - faded[1]));
    }
    return update;
  }

  /// This thread's share of the parameters takes its step.
  void learn(const Pass<T>& pass, const Training& training, Update<T>& update, std::vector<Part>& parts,
             const Worker<T>& w) {
    Part& own = parts[w.index];
    if (training.clip_norm <= 0) return gradients(pass, w, {&update, own.layers.data()});
    // The norm must be known before anything moves: the gradient is put aside.
    gradients(pass, w, {});
    penalize(update, own, w);
    barrier_.wait();
    double squares = 0;
    for (const Part& part : parts)
      for (const LayerSums& sums : part.layers) squares += sums.gradient2;
    double norm = std::sqrt(squares);
    if (norm > training.clip_norm && std::isfinite(norm)) update.clip_factor = T(training.clip_norm / norm);
    for (size_t l : learns_) {
      Layer<T>& layer = *layers_[l];
      layer.each_place(w, [&](const Place& place) {
        update.step(layer.own, layer.own.gradient + place.offset, place.stride, place,
                    own.layers[layer.slot]);
      });
      layer.refresh(w);
    }
  }

  void add_up(double* sums, double loss, double weight, const std::vector<Part>& parts) const {
    sums[0] += loss;
    sums[1] += weight;
    sums[2] += 1;
    for (size_t l = 0; l < plan_.slots; l++)
      for (const Part& part : parts) {
        sums[3 + l] += part.layers[l].gradient2;
        sums[3 + plan_.slots + l] += part.layers[l].update2;
      }
  }

  Plan plan_;
  Pool pool_;
  Barrier barrier_;
  Change<T> change_;       // a scale at the input, applied as samples are gathered
  bool grounded_ = false;  // whether inputs may be gathered less their ground
  std::vector<std::unique_ptr<M>> matrices_;
  std::vector<M*> values_, deltas_, tangents_;  // between the layers
  std::vector<std::unique_ptr<Layer<T>>> layers_;
  std::vector<Branch<T>*> open_;
  std::vector<size_t> learns_;  // layers with parameters
  size_t first_ = 0;            // the lowest layer that gradients must reach
  std::unique_ptr<Loss<T>> loss_;
  std::vector<Buffer<T>> scratch_;
  std::vector<Part> parts_[2];  // of this step and the one before, which thread 0 may still be reading
  Buffer<T> gradient_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
