// From a plan to layers and the buffers between them.
#pragma once

#include "network.hpp"

namespace deltaprop::DELTAPROP_TARGET {

template <class T>
Network<T>::Network(const Plan& plan)
    : plan_(plan), pool_(plan.threads), barrier_(plan.threads), pieces_(size_t(plan.threads)) {
  values_.push_back(new_matrix(plan.inputs));
  deltas_.push_back(new_matrix(plan.inputs));
  for (const Operation& operation : plan.operations) append(operation);
  size_t outputs = values_.back()->cols();
  loss_ = std::make_unique<Loss<T>>(plan, outputs);
  first_ = plan.whole || learns_.empty() ? 0 : learns_.front();
  for (size_t i = 0; i < layers_.size(); i++)
    layers_[i]->wants_d_x = plan.whole || (!learns_.empty() && i > learns_.front());
  for (int t = 0; t < plan.threads; t++) scratch_.emplace_back(loss_->scratch());
  losses_.resize(blocks_of(plan.rows, size_t(plan.threads)));
  squares_.resize(plan.threads);
  seen_.resize(plan.threads);
  for (Seen& seen : seen_) {
    seen.squares.resize(plan.slots);
    for (auto& layer : layers_)
      if (dynamic_cast<Activation<T>*>(layer.get()))
        seen.slopes.emplace_back(2 * round_up(layer->y->cols(), lanes<T>));
  }
}

template <class T>
Matrix<T>* Network<T>::new_matrix(size_t cols) {
  matrices_.push_back(std::make_unique<M>(plan_.rows, cols));
  return matrices_.back().get();
}

template <class T>
void Network<T>::append(const Operation& operation) {
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
        filled_ = true;
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
      branch->end = layers_.back().get();
      return;
    }
    case Code::rbf:
      return connect(std::make_unique<Rbf<T>>(d, integer(0), integer(1), integer(2), rows), integer(0),
                     integer(3));
  }
}

template <class T>
void Network<T>::connect(std::unique_ptr<Layer<T>> layer, size_t outputs, size_t slot) {
  bool same = layer->in_place() && !layers_.empty() && layers_.back()->output_free();
  bool branch = dynamic_cast<Branch<T>*>(layer.get());
  layer->x = values_.back();
  layer->d_x = deltas_.back();
  layer->y = same || branch ? layer->x : new_matrix(outputs);
  layer->d_y = same ? layer->d_x : new_matrix(outputs);
  values_.push_back(layer->y);
  deltas_.push_back(layer->d_y);
  if (slot != nothing) {
    size_t threads = size_t(plan_.threads);
    layer->slot = slot;
    layer->pieces = Pieces(threads);
    sums_.resize(std::max(sums_.size(), slot + 1));
    sums_[slot].resize(std::max(layer->gradient_pieces(threads), threads));
    learns_.push_back(layers_.size());
  }
  layers_.push_back(std::move(layer));
}

template <class T>
void Network<T>::make_tangents() {
  if (!tangents_.empty()) return;
  for (M* value : values_) tangents_.push_back(new_matrix(value->cols()));
  for (size_t i = 0; i < layers_.size(); i++) {
    if (dynamic_cast<Branch<T>*>(layers_[i].get())) tangents_[i + 1] = tangents_[i];
    layers_[i]->t_x = tangents_[i];
    layers_[i]->t_y = tangents_[i + 1];
    layers_[i]->make_tangents();
  }
}

template <class T>
void Network<T>::make_second() {
  if (!r_deltas_.empty()) return;
  for (size_t i = 0; i < deltas_.size(); i++) {
    bool same = i > 0 && deltas_[i] == deltas_[i - 1];
    r_deltas_.push_back(same ? r_deltas_.back() : new_matrix(deltas_[i]->cols()));
  }
  for (size_t i = 0; i < layers_.size(); i++) {
    layers_[i]->r_d_x = r_deltas_[i];
    layers_[i]->r_d_y = r_deltas_[i + 1];
    layers_[i]->make_second();
  }
}

}  // namespace deltaprop::DELTAPROP_TARGET
