// The loop over steps and epochs.
#pragma once

#include <chrono>

#include "network.hpp"

namespace deltaprop::DELTAPROP_TARGET {

template <class T>
size_t Network<T>::train(const Training& training) {
  if (training.clip_norm > 0 && gradient_.size() == 0) gradient_ = Buffer<T>(plan_.parameters);
  auto vector = [](const void* p) { return static_cast<T*>(const_cast<void*>(p)); };
  bool each = !training.factors_by_array;
  attach({vector(training.theta), vector(training.first), vector(training.second),
          training.clip_norm > 0 ? gradient_.data() : nullptr, each ? vector(training.rates) : nullptr,
          each ? vector(training.decays) : nullptr});
  clear_sums();
  size_t done = 0;
  pool_.run([&](int t) {
    size_t steps = epochs(training, worker(t));
    if (t == 0) done = steps;
  });
  return done;
}

/// Runs all epochs; returns the number of steps.
template <class T>
size_t Network<T>::epochs(const Training& training, const Worker<T>& w) {
  using Clock = std::chrono::steady_clock;
  double faded[2] = {1, 1};
  if (training.faded) std::copy(training.faded, training.faded + 2, faded);
  fetch(w);
  size_t done = 0, count = training.samples.count / training.epochs;
  Clock::time_point began = Clock::now();
  for (size_t e = 0; e < training.epochs; e++) {
    double* report = training.report + e * training.width;
    bool finite = epoch(training, e * count, faded, done, report, w);
    if (size_t seconds = 3 + 2 * plan_.slots; seconds < training.width) {
      if (training.probe)
        layer_stats(pass_at({nullptr, training.buffers}), *training.probe, w, report + seconds + 1);
      Clock::time_point now = Clock::now();
      if (w.index == 0) report[seconds] = std::chrono::duration<double>(now - began).count();
      began = now;
    }
    if (!finite) break;
  }
  for (auto& layer : layers_) layer->put_back(w);
  if (w.index == 0 && training.faded) std::copy(faded, faded + 2, training.faded);
  return done;
}

/// Runs the steps of one epoch from position `first` of the order; returns whether all losses were finite.
template <class T>
bool Network<T>::epoch(const Training& training, size_t first, double (&faded)[2], size_t& done, double* sums,
                       Worker<T> w) {
  const Samples& samples = training.samples;
  Ahead ahead;
  w.ahead = &ahead;
  Pass<T> pass = pass_at({nullptr, training.buffers, true, training.step});
  size_t end = first + samples.count / training.epochs;
  for (size_t start = first; start < end; start += training.batch) {
    pass.rows = std::min(training.batch, end - start);
    pass.step = training.step + done;
    pass.dropout = training.dropout + done * dropouts_;
    Update<T> update = update_at(training, done, faded);
    double weight = total_weight(samples, start, pass.rows);
    double loss = pass_with_loss(pass, samples, start, weight, w);
    done++;
    bool finite = std::isfinite(loss);
    if (finite) {
      size_t next = start + pass.rows, left = samples.count - next;
      Range rows = share(std::min(training.batch, left), lanes<T>, w.index, w.count);
      ahead.begin(samples.x, samples.labels, samples.order + next, rows, plan_.inputs);
      learn(pass, training, update, w);
      for (auto& layer : layers_) layer->update_running_stats(pass, w);
    } else if (w.index == 0) {
      clear_sums();
    }
    barrier_.wait();
    double penalty = this->penalty();
    if (w.index == 0) add_up(sums, loss + penalty * weight, weight);
    if (!finite || !std::isfinite(penalty)) return false;
  }
  return true;
}

template <class T>
Update<T> Network<T>::update_at(const Training& training, size_t k, double (&faded)[2]) const {
  const Hyper& h = training.hyper[k];
  Update<T> update = new_update();
  update.rule = training.rule;
  update.clip_value = T(training.clip_value);
  update.beta1 = T(h.beta1), update.rest1 = T(1 - h.beta1);
  update.beta2 = T(h.beta2), update.rest2 = T(1 - h.beta2);
  update.epsilon = T(h.epsilon);
  update.decay = T(h.rate * h.decay);
  update.rate = T(h.rate);
  if (training.factors_by_array) {
    update.rates = static_cast<const T*>(training.rates);
    update.decays = static_cast<const T*>(training.decays);
  }
  if (update.rule == Rule::adam) {
    faded[0] *= h.beta1, faded[1] *= h.beta2;
    update.rate = T(h.rate / (1 - faded[0]));
    update.root = T(1 / std::sqrt(1 - faded[1]));
  }
  return update;
}

/// Steps the parameters, all threads together.
template <class T>
void Network<T>::learn(const Pass<T>& pass, const Training& training, Update<T>& update, const Worker<T>& w) {
  if (training.clip_norm <= 0) return gradients(pass, w, &update);
  // The norm must be known before any parameter changes: the gradient is stored.
  gradients(pass, w, nullptr);
  barrier_.wait();
  penalize(update, w);
  double squares = 0;
  for (size_t l : learns_)
    layers_[l]->each_place(
        w, [&](const Place& place) { squares += sum_of_squares(layers_[l]->own.gradient, place); });
  squares_[w.index] = squares;
  barrier_.wait();
  double norm = std::sqrt(std::accumulate(squares_.begin(), squares_.end(), 0.0));
  if (norm > training.clip_norm && std::isfinite(norm)) update.clip_factor = T(training.clip_norm / norm);
  for (size_t l : learns_) {
    Layer<T>& layer = *layers_[l];
    layer.each_place(w, [&](const Place& place) {
      update.step(layer.own, layer.own.gradient + place.offset, place.stride, place, sums_of(layer)[w.index]);
    });
    layer.refresh(w);
  }
}

template <class T>
void Network<T>::add_up(double* sums, double loss, double weight) const {
  sums[0] += loss;
  sums[1] += weight;
  sums[2] += 1;
  for (size_t l = 0; l < plan_.slots; l++)
    for (const LayerSums& piece : sums_[l]) {
      sums[3 + l] += piece.gradient2;
      sums[3 + plan_.slots + l] += piece.update2;
    }
}

}  // namespace deltaprop::DELTAPROP_TARGET
