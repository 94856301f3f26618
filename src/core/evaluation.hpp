// Evaluation at given parameters: outputs, derivatives and statistics of the layers.
#pragma once

#include "network.hpp"

namespace deltaprop::DELTAPROP_TARGET {

template <class T>
bool Network<T>::forward(const Point& point, const Samples& samples, bool mapped, void* z) {
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
          share(plan_.rows, lanes<T>, w.index, w.count);  // the same in every part, so no barrier is needed
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

template <class T>
void Network<T>::layer_stats(const Point& point, const Probe& probe, double* seen) {
  attach_point(point, nullptr);
  Pass<T> pass = pass_at(point, 0);
  pool_.run([&](int t) {
    Worker<T> w = worker(t);
    fetch(w);
    layer_stats(pass, probe, w, seen);
  });
}

/// Each thread examines its share of the parameters and of the probe's rows; the first adds them up.
template <class T>
void Network<T>::layer_stats(Pass<T> pass, const Probe& probe, const Worker<T>& w, double* seen) {
  Seen& own = seen_[w.index];
  std::fill(own.squares.begin(), own.squares.end(), 0);
  for (size_t l : learns_) {
    const Layer<T>& layer = *layers_[l];
    layer.each_place(
        w, [&](const Place& place) { own.squares[layer.slot] += sum_of_squares(layer.own.theta, place); });
  }
  pass.training = false;
  count_slopes(pass, probe.samples, w, own);
  barrier_.wait();
  if (w.index == 0) sum_up(probe, seen);
}

template <class T>
void Network<T>::count_slopes(Pass<T>& pass, const Samples& samples, const Worker<T>& w, Seen& own) {
  for (Buffer<T>& slopes : own.slopes) std::fill_n(slopes.data(), slopes.size(), T(0));
  for (size_t start = 0; start < samples.count; start += plan_.rows) {
    pass.rows = std::min(plan_.rows, samples.count - start);
    Range rows =
        share(plan_.rows, lanes<T>, w.index, w.count);  // the same in every part, so no barrier is needed
    rows.end = std::min(rows.end, pass.rows);
    by_blocks(rows, [&](Range block) {
      gather_inputs(pass, samples, start, block);
      for (auto& layer : layers_) layer->forward(pass, block, w);
      size_t a = 0;
      for (auto& layer : layers_)
        if (const Activation<T>* activation = layer->as_activation()) {
          Buffer<T>& slopes = own.slopes[a++];
          activation->count_slopes(block, slopes.data(), slopes.data() + slopes.size() / 2);
        }
    });
  }
}

template <class T>
void Network<T>::sum_up(const Probe& probe, double* seen) const {
  for (size_t slot = 0; slot < plan_.slots; slot++) {
    *seen = 0;
    for (const Seen& part : seen_) *seen += part.squares[slot];
    seen++;
  }
  size_t a = 0;
  for (auto& layer : layers_) {
    if (!layer->as_activation()) continue;
    size_t units = layer->y->cols(), half = seen_[0].slopes[a].size() / 2, dead = 0, saturated = 0;
    for (size_t u = 0; u < units; u++) {
      double alive = 0, flat = 0;
      for (const Seen& part : seen_) alive += part.slopes[a][u], flat += part.slopes[a][half + u];
      dead += alive == 0;
      saturated += flat / double(probe.samples.count) >= probe.most;
    }
    *seen++ = double(dead) / double(units);
    *seen++ = double(saturated) / double(units);
    a++;
  }
}

template <class T>
double Network<T>::gradient(const Point& point, const Samples& samples, void* grad) {
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

template <class T>
void Network<T>::sample_gradients(const Point& point, const Samples& samples, void* grads) {
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

template <class T>
void Network<T>::jvp(const Point& point, const Samples& samples, const void* d_theta, const void* d_x,
                     void* d_z) {
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

template <class T>
void Network<T>::vjp(const Point& point, const Samples& samples, const void* d_z, void* grad, void* d_x) {
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

}  // namespace deltaprop::DELTAPROP_TARGET
