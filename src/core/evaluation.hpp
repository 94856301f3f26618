// Evaluation at given parameters: outputs, derivatives and statistics of the layers.
#pragma once

#include "network.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// body(worker) on every thread; on this one alone where the samples are too few to share.
template <class T>
template <class Body>
void Network<T>::share_work(size_t samples, Body body) {
  Barrier alone(1);
  if (plan_.threads > 1 && samples > plan_.shared)
    pool_.run([&](int t) { body(worker(t)); });
  else
    body(Worker<T>{0, 1, &alone, &pieces_, scratch_[0].data(), nullptr});
}

/// body(pass, rows) for as many samples at a time as there is room for; `rows` are this thread's, if threads
/// do not divide the work otherwise.
template <class T>
template <class Body>
void Network<T>::in_parts(Pass<T> pass, size_t samples, const Worker<T>& w, Body body) const {
  // The same rows in every part, so that no thread waits for another.
  const Range mine = share(std::min(plan_.rows, samples), lanes<T>, w.index, w.count);
  do {
    pass.rows = std::min(plan_.rows, samples - pass.first);
    body(pass, Range{mine.begin, std::min(mine.end, pass.rows)});
    pass.first += plan_.rows;
  } while (pass.first < samples);
}

template <class T>
bool Network<T>::forward(const Point& point, const Samples& samples, bool mapped, void* z) {
  std::atomic<bool> finite = true;
  Pass<T> whole = pass_at(point);
  whole.loaded = samples.count > few_rows;
  attach_point(point, nullptr);
  size_t outputs = mapped ? loss_->targets.cols() : top_->value->cols();
  share_work(whole.loaded ? samples.count : 0, [&](const Worker<T>& w) {
    if (whole.loaded) fetch(w);
    in_parts(whole, samples.count, w, [&](const Pass<T>& pass, Range) {
      each_block(pass.rows, w, [&](Range block, size_t) {
        gather_inputs(pass, samples, pass.first, block);
        if (!all_finite(*bottom_->value, block)) finite = false;
        for (auto& layer : layers_) layer->forward(pass, block, w);
        const M& out = mapped ? loss_->predict(*top_->value, block, w.scratch) : *top_->value;
        copy_out(out, block, static_cast<T*>(z) + pass.first * outputs, outputs);
      });
      w.barrier->wait();
    });
  });
  return finite;
}

template <class T>
void Network<T>::layer_stats(const Point& point, const Probe& probe, double* seen) {
  attach_point(point, nullptr);
  Pass<T> pass = pass_at(point);
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
void Network<T>::count_slopes(const Pass<T>& whole, const Samples& samples, const Worker<T>& w, Seen& own) {
  for (Buffer<T>& slopes : own.slopes) std::fill_n(slopes.data(), slopes.size(), T(0));
  in_parts(whole, samples.count, w, [&](const Pass<T>& pass, Range rows) {
    by_blocks(rows, [&](Range block) {
      gather_inputs(pass, samples, pass.first, block);
      for (auto& layer : layers_) layer->forward(pass, block, w);
      size_t a = 0;
      for (auto& layer : layers_)
        if (auto* activation = dynamic_cast<Activation<T>*>(layer.get())) {
          Buffer<T>& slopes = own.slopes[a++];
          activation->count_slopes(block, slopes.data(), slopes.data() + slopes.size() / 2);
        }
    });
  });
}

template <class T>
void Network<T>::sum_up(const Probe& probe, double* seen) const {
  for (size_t slot = 0; slot < plan_.slots; slot++) {
    *seen = 0;
    for (const Seen& part : seen_) *seen += part.squares[slot];
    seen++;
  }
  std::vector<size_t> units(activations_), dead(activations_), saturated(activations_);
  size_t a = 0;
  for (auto& layer : layers_) {
    auto* activation = dynamic_cast<Activation<T>*>(layer.get());
    if (!activation) continue;
    size_t n = activation->number, half = seen_[0].slopes[a].size() / 2;
    for (size_t u = 0; u < layer->y->cols(); u++) {
      double alive = 0, flat = 0;
      for (const Seen& part : seen_) alive += part.slopes[a][u], flat += part.slopes[a][half + u];
      units[n]++;
      dead[n] += alive == 0;
      saturated[n] += flat / double(probe.samples.count) >= probe.most;
    }
    a++;
  }
  for (size_t n = 0; n < activations_; n++) {
    *seen++ = double(dead[n]) / double(units[n]);
    *seen++ = double(saturated[n]) / double(units[n]);
  }
}

template <class T>
double Network<T>::gradient(const Point& point, const Samples& samples, void* grad) {
  attach_point(point, grad);
  double weight = total_weight(samples, 0, samples.count), value = 0;
  clear_sums();
  share_work(samples.count, [&](const Worker<T>& w) {
    double sum = 0;
    fetch(w);
    in_parts(pass_at(point), samples.count, w, [&](const Pass<T>& pass, Range) {
      sum += pass_with_loss(pass, samples, pass.first, weight, w, grad);
      if (grad)
        add_gradients(pass, w);
      else
        w.barrier->wait();  // all threads have added up the losses before they change
    });
    penalize(new_update(), w);
    if (grad) put_back_gradients(w);
    if (w.index == 0) value = sum;
  });
  return (weight > 0 ? value / weight : 0) + penalty();
}

/// Calls each(block, k) for every block of rows and k < count, after a backward pass from the output deltas
/// that delta(block, k) sets. Outside training no layer needs other rows.
template <class T>
template <class Delta, class Each>
void Network<T>::by_sample(const Pass<T>& pass, const Samples& samples, size_t count, const Worker<T>& w,
                           Delta delta, Each each) {
  each_block(pass.rows, w, [&](Range block, size_t) {
    gather_inputs(pass, samples, pass.first, block);
    for (auto& layer : layers_) layer->forward(pass, block, w);
    for (size_t k = 0; k < count; k++) {
      delta(block, k);
      for (size_t l = layers_.size(); l-- > 0;)
        if (layers_[l]->active) layers_[l]->backward(pass, block, w);
      each(block, k);
    }
  });
  w.barrier->wait();
}

/// The gradient of one row, by the deltas of a backward pass.
template <class T>
void Network<T>::sample_gradient(const Pass<T>& pass, size_t row, void* grad) {
  for (size_t l : learns_) layers_[l]->sample_gradient(pass, row, static_cast<T*>(grad));
}

template <class T>
void Network<T>::sample_gradients(const Point& point, const Samples& samples, void* grads) {
  attach_point(point, nullptr);
  share_work(samples.count, [&](const Worker<T>& w) {
    fetch(w);
    in_parts(pass_at(point), samples.count, w, [&](const Pass<T>& pass, Range) {
      auto delta = [&](Range rows, size_t) {
        gather_targets(samples, pass.first, rows);
        loss_->run(*top_->value, *top_->delta, rows, samples.labels, T(1), w.scratch);
      };
      by_sample(pass, samples, 1, w, delta, [&](Range rows, size_t) {
        for (size_t r = rows.begin; r < rows.end; r++)
          sample_gradient(pass, r, static_cast<T*>(grads) + (pass.first + r) * plan_.parameters);
      });
    });
  });
}

/// Row k of the `count` rows of d_z that each sample has, as the deltas of the outputs.
template <class T>
void Network<T>::take_deltas(const Pass<T>& pass, Range rows, const void* d_z, size_t k, size_t count) {
  M& top = *top_->delta;
  const T* from = static_cast<const T*>(d_z) + (pass.first * count + k) * top.cols();
  copy_in(from, count * top.cols(), top, rows);
}

template <class T>
void Network<T>::sample_vjp(const Point& point, const Samples& samples, const void* d_z, size_t count,
                            void* grads) {
  attach_point(point, nullptr);
  share_work(samples.count, [&](const Worker<T>& w) {
    fetch(w);
    in_parts(pass_at(point), samples.count, w, [&](const Pass<T>& pass, Range) {
      auto delta = [&](Range rows, size_t k) { take_deltas(pass, rows, d_z, k, count); };
      by_sample(pass, samples, count, w, delta, [&](Range rows, size_t k) {
        for (size_t r = rows.begin; r < rows.end; r++)
          sample_gradient(pass, r,
                          static_cast<T*>(grads) + ((pass.first + r) * count + k) * plan_.parameters);
      });
    });
  });
}

template <class T>
void Network<T>::normal_matrix(const Point& point, const Samples& samples, const void* d_z, size_t count,
                               void* matrix) {
  attach_point(point, nullptr);
  if (make_outer_products(count))
    sum_outer_products(point, samples, d_z, count, static_cast<T*>(matrix));
  else
    sum_products(point, samples, d_z, count, static_cast<T*>(matrix));
}

/// Whether all gradients are outer products, and their products cheaper as such.
template <class T>
bool Network<T>::make_outer_products(size_t count) {
  std::vector<OuterGradient<T>> outer;
  for (size_t l : learns_)
    if (auto gradient = layers_[l]->outer_gradient()) outer.push_back(*gradient);
  if (outer.size() < learns_.size()) return false;
  if (!OuterProducts<T>::pay(outer, plan_.parameters, plan_.rows, count)) return false;
  if (!outer_products_ || outer_products_->count() != count)
    outer_products_ = std::make_unique<OuterProducts<T>>(outer, plan_.rows, count, size_t(plan_.threads));
  return true;
}

/// Of some samples at a time the deltas of all directions, then their products with the inputs.
template <class T>
void Network<T>::sum_outer_products(const Point& point, const Samples& samples, const void* d_z, size_t count,
                                    T* matrix) {
  OuterProducts<T>& products = *outer_products_;
  share_work(samples.count, [&](const Worker<T>& w) {
    products.clear(w);
    fetch(w);
    in_parts(pass_at(point), samples.count, w, [&](const Pass<T>& pass, Range) {
      auto delta = [&](Range rows, size_t k) { take_deltas(pass, rows, d_z, k, count); };
      by_sample(pass, samples, count, w, delta, [&](Range rows, size_t k) {
        products.take(rows, k);
        if (k + 1 == count) products.expand(rows, w);
      });
      w.each_piece(products.blocks(), [&](size_t block) { products.add(block, pass.rows); });
      w.barrier->wait();
    });
    products.put(matrix, plan_.parameters, w);
  });
}

/// Of some samples at a time the rows of `sample_vjp`, then the blocks of their products.
template <class T>
void Network<T>::sum_products(const Point& point, const Samples& samples, const void* d_z, size_t count,
                              T* matrix) {
  size_t n = plan_.parameters;
  if (jacobian_.rows() < plan_.rows * count) jacobian_ = M(plan_.rows * count, n);
  if (normal_.empty()) normal_ = M(n, n);
  std::vector<Buffer<T>> row(size_t(plan_.threads));
  for (Buffer<T>& r : row) r = Buffer<T>(n);
  share_work(samples.count, [&](const Worker<T>& w) {
    Range panels = w.share_of(normal_.panels());
    for (size_t p = panels.begin; p < panels.end; p++) std::fill_n(normal_.at(0, p), normal_.stride(), T(0));
    fetch(w);
    in_parts(pass_at(point), samples.count, w, [&](const Pass<T>& pass, Range) {
      T* own = row[w.index].data();
      auto delta = [&](Range rows, size_t k) { take_deltas(pass, rows, d_z, k, count); };
      by_sample(pass, samples, count, w, delta, [&](Range rows, size_t k) {
        for (size_t r = rows.begin; r < rows.end; r++) {
          sample_gradient(pass, r, own);
          copy_in(own, 0, jacobian_, {r * count + k, r * count + k + 1});
        }
      });
      w.each_piece(gram_blocks(n),
                   [&](size_t block) { add_gram(jacobian_, pass.rows * count, block, normal_); });
      w.barrier->wait();
    });
    copy_out(normal_, w.share_of(n), matrix, n);
  });
}

template <class T>
void Network<T>::jvp(const Point& point, const Samples& samples, const void* d_theta, const void* d_x,
                     void* d_z) {
  make_tangents();
  Pass<T> whole = pass_at(point);
  whole.direction = static_cast<const T*>(d_theta);
  attach_point(point, nullptr);
  M &bottom = *bottom_->tangent, &top = *top_->tangent;
  share_work(samples.count, [&](const Worker<T>& w) {
    for (auto& layer : layers_) layer->fetch_direction(whole, w);
    fetch(w);
    in_parts(whole, samples.count, w, [&](const Pass<T>& pass, Range rows) {
      if (d_x) {
        copy_in(static_cast<const T*>(d_x) + pass.first * bottom.cols(), bottom.cols(), bottom, rows);
        w.barrier->wait();
      }
      pass_both_ways(pass, samples, pass.first, w, false, [&](Range block, size_t) {
        copy_out(top, block, static_cast<T*>(d_z) + pass.first * top.cols(), top.cols());
      });
    });
  });
}

template <class T>
void Network<T>::vjp(const Point& point, const Samples& samples, const void* d_z, void* grad, void* d_x) {
  attach_point(point, grad);
  M &bottom = *bottom_->delta, &top = *top_->delta;
  share_work(samples.count, [&](const Worker<T>& w) {
    fetch(w);
    in_parts(pass_at(point), samples.count, w, [&](const Pass<T>& pass, Range rows) {
      pass_both_ways(pass, samples, pass.first, w, true, [&](Range block, size_t) {
        copy_in(static_cast<const T*>(d_z) + pass.first * top.cols(), top.cols(), top, block);
      });
      copy_out(bottom, rows, static_cast<T*>(d_x) + pass.first * bottom.cols(), bottom.cols());
      add_gradients(pass, w);
    });
    put_back_gradients(w);
  });
}

/// As for the gradient, with its change along v in its place (Pearlmutter's R-operator). Without the terms
/// that hold the deltas themselves the same pass yields the Gauss–Newton product.
template <class T>
void Network<T>::hvp(const Point& point, const Samples& samples, const void* v, bool gauss_newton,
                     void* product) {
  make_tangents();
  if (!gauss_newton) make_second();
  Pass<T> whole = pass_at(point);
  whole.direction = static_cast<const T*>(v);
  whole.second = !gauss_newton;
  attach_point(point, product);
  double weight = total_weight(samples, 0, samples.count);
  T scale = weight > 0 ? T(1 / weight) : T(1);
  M &z = *top_->value, &d_z = *top_->delta;
  share_work(samples.count, [&](const Worker<T>& w) {
    for (auto& layer : layers_) layer->fetch_direction(whole, w);
    fetch(w);
    in_parts(whole, samples.count, w, [&](const Pass<T>& pass, Range) {
      pass_both_ways(pass, samples, pass.first, w, true, [&](Range block, size_t) {
        gather_targets(samples, pass.first, block);
        if (pass.second) loss_->run(z, d_z, block, samples.labels, scale, w.scratch);
        loss_->curve(z, *top_->tangent, pass.second ? *top_->r_delta : d_z, block, samples.labels, scale,
                     w.scratch);
      });
      add_gradients(pass, w);
    });
    put_back_gradients(w);
  });
}

}  // namespace deltaprop::DELTAPROP_TARGET
