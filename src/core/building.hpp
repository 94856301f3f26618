// From a plan to layers and the buffers between them.
//
// Groups of columns are chains of layers of their own. What acts on columns alone becomes a layer of each
// group, with its part of the parameters; before anything else the groups are collected.
#pragma once

#include "network.hpp"

namespace deltaprop::DELTAPROP_TARGET {

template <class T>
Network<T>::Network(const Plan& plan)
    : plan_(plan), pool_(plan.threads), barrier_(plan.threads), pieces_(size_t(plan.threads)) {
  bottom_ = new_edge(plan.inputs);
  ends_ = {End{bottom_}};
  for (const Operation& operation : plan.operations) append(operation);
  regroup(1);
  top_ = ends_.front().edge;
  for (size_t i = 0; i < layers_.size(); i++)
    if (layers_[i]->slot != nothing) learns_.push_back(i);
  loss_ = std::make_unique<Loss<T>>(plan, top_->value->cols());
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
Edge<T>* Network<T>::new_edge(size_t cols) {
  return new_edge(new_matrix(cols), new_matrix(cols));
}

template <class T>
Edge<T>* Network<T>::new_edge(M* value, M* delta) {
  edges_.push_back(std::make_unique<Edge<T>>(Edge<T>{value, delta}));
  return edges_.back().get();
}

template <class T>
void Network<T>::append(const Operation& operation) {
  auto integer = [&](size_t i) { return size_t(operation.integers.at(i)); };
  auto number = [&](size_t i) { return T(operation.numbers.at(i)); };
  size_t rows = plan_.rows, threads = size_t(plan_.threads);
  switch (operation.code) {
    case Code::scale:
      if (layers_.empty() && !plan_.whole && change_.none())
        change_.factor = number(0), change_.offset = number(1);
      else
        of_columns([&](size_t, size_t) { return std::make_unique<Scale<T>>(number(0), number(1)); });
      return;
    case Code::dense: {
      auto dense = std::make_unique<Dense<T>>(regroup(1), integer(0), integer(1), integer(2));
      if (layers_.empty() && plan_.sparse && !plan_.whole) {
        dense->expect_sparse(rows, threads);
        filled_ = true;
      }
      return connect(std::move(dense), integer(0), integer(3));
    }
    case Code::activation:
      of_columns([&](size_t, size_t) {
        return std::make_unique<Activation<T>>(Function(integer(0)), number(0), number(1), activations_);
      });
      activations_++;
      return;
    case Code::softmax:
      regroup(1);
      return connect(std::make_unique<Softmax<T>>());
    case Code::dropout: {
      size_t number = dropouts_++, all = width();
      return of_columns([&](size_t d, size_t first) {
        return std::make_unique<Dropout<T>>(number, integer(0), rows, d, first, all);
      });
    }
    case Code::batch_norm:
      return of_columns(
          [&](size_t d, size_t first) {
            typename BatchNorm<T>::Offsets at{integer(0) + first, integer(1) + first, integer(2) + first,
                                              integer(3) + first};
            return std::make_unique<BatchNorm<T>>(number(0), number(1), at, rows, d, threads);
          },
          integer(4));
    case Code::layer_norm:
      regroup(integer(0));
      return of_columns(
          [&](size_t d, size_t first) {
            return std::make_unique<LayerNorm<T>>(number(0), integer(1) + first, integer(2) + first, rows, d);
          },
          integer(3));
    case Code::branch:
      open_.emplace_back();
      return of_columns([&](size_t, size_t) {
        auto branch = std::make_unique<Branch<T>>();
        open_.back().push_back(branch.get());
        return branch;
      });
    case Code::join: {
      std::vector<Branch<T>*> branches = std::move(open_.back());
      open_.pop_back();
      regroup(branches.size());
      size_t group = 0;
      of_columns([&](size_t, size_t) { return std::make_unique<Join<T>>(*branches[group++]); });
      for (size_t g = 0; g < branches.size(); g++) branches[g]->end = ends_[g].last;
      return;
    }
    case Code::rbf: {
      size_t d = regroup(1);
      return connect(std::make_unique<Rbf<T>>(d, integer(0), integer(1), integer(2), rows), integer(0),
                     integer(3));
    }
    case Code::repeat:
      return repeat(integer(0));
    case Code::grouped_dense:
      return grouped_dense(integer(0), integer(1), integer(2), integer(3), integer(4), integer(5));
    case Code::periodic_embedding: {
      typename PeriodicEmbedding<T>::Offsets at{integer(3), integer(4), integer(5), integer(6)};
      auto layer = std::make_unique<PeriodicEmbedding<T>>(
          regroup(1), typename PeriodicEmbedding<T>::Shape{integer(0), integer(1), integer(2)}, at, threads);
      size_t outputs = layer->outputs();
      return connect(std::move(layer), outputs, integer(7));
    }
    case Code::embedding: {
      std::vector<size_t> categories(operation.integers.begin() + 3, operation.integers.end());
      auto layer = std::make_unique<Embedding<T>>(regroup(1), integer(0), integer(1), std::move(categories));
      size_t outputs = layer->outputs();
      return connect(std::move(layer), outputs, integer(2));
    }
    case Code::learned_scale:
      return of_columns(
          [&](size_t d, size_t first) { return std::make_unique<LearnedScale<T>>(integer(0) + first, d); },
          integer(1));
    case Code::parametric_activation:
      return of_columns(
          [&](size_t d, size_t first) {
            return std::make_unique<ParametricActivation<T>>(Function(integer(0)), number(0),
                                                             integer(1) + first, rows, d);
          },
          integer(2));
  }
}

/// Outputs of all groups together.
template <class T>
size_t Network<T>::width() const {
  size_t d = 0;
  for (const End& end : ends_) d += end.edge->value->cols();
  return d;
}

/// make(width, first column) for each group: a layer whose outputs are as many as its inputs.
template <class T>
template <class Make>
void Network<T>::of_columns(Make make, size_t slot) {
  size_t first = 0;
  for (End& end : ends_) {
    size_t d = end.edge->value->cols();
    connect(make(d, first), end, d, slot);
    first += d;
  }
}

/// Makes that many groups of equal width; returns the width of one.
template <class T>
size_t Network<T>::regroup(size_t groups) {
  if (ends_.size() != groups && ends_.size() > 1) collect();
  if (ends_.size() != groups) {
    size_t d = width() / groups;
    std::vector<Edge<T>*> parts;
    for (size_t g = 0; g < groups; g++) parts.push_back(new_edge(d));
    branch_off(std::make_unique<Divide<T>>(parts));
  }
  return ends_.front().edge->value->cols();
}

template <class T>
void Network<T>::collect() {
  std::vector<Edge<T>*> groups;
  for (const End& end : ends_) groups.push_back(end.edge);
  // One group after the other passes through all its layers, so that each finds its input in the cache; where
  // groups share weights, through one layer after the other, so that these stay there.
  auto first = layers_.begin() + ptrdiff_t(first_of_groups_);
  auto shared = [](const auto& layer) { return dynamic_cast<SharedDense<T>*>(layer.get()) != nullptr; };
  if (std::none_of(first, layers_.end(), shared))
    std::stable_sort(first, layers_.end(), [](const auto& a, const auto& b) { return a->group < b->group; });
  auto layer = std::make_unique<Collect<T>>(groups);
  End all{groups.front()};
  connect(std::move(layer), all, width());
  ends_ = {all};
}

/// Every group goes on with what there is now, which is not copied.
template <class T>
void Network<T>::repeat(size_t members) {
  regroup(1);
  std::vector<Edge<T>*> copies;
  Edge<T>* edge = ends_.front().edge;
  for (size_t m = 0; m < members; m++)
    copies.push_back(new_edge(edge->value, new_matrix(edge->value->cols())));
  branch_off(std::make_unique<Repeat<T>>(copies));
}

/// One end becomes several.
template <class T>
void Network<T>::branch_off(std::unique_ptr<Grouping<T>> layer) {
  Edge<T>* edge = ends_.front().edge;
  auto groups = layer->groups;
  layer->slot = nothing;
  place(*layer, edge, edge);
  ends_.clear();
  for (Edge<T>* group : groups) {
    if (layer->active) reached_.insert(group->value);
    ends_.push_back({group, nullptr, ends_.size()});
  }
  layers_.push_back(std::move(layer));
  first_of_groups_ = layers_.size();
}

/// A dense layer for each group, or one that all of them use.
template <class T>
void Network<T>::grouped_dense(size_t units, size_t groups, bool shared, size_t w, size_t b, size_t slot) {
  size_t d = regroup(groups), none = Dense<T>::none;
  Dense<T>* owner = nullptr;
  for (size_t g = 0; g < groups; g++) {
    End& end = ends_[g];
    if (!shared) {
      size_t own = b == none ? none : b + g * units;
      connect(std::make_unique<Dense<T>>(d, units, w + g * units * d, own), end, units, slot);
    } else if (!owner) {
      auto dense = std::make_unique<Dense<T>>(d, units, w, b, groups);
      owner = dense.get();
      connect(std::move(dense), end, units, slot);
    } else {
      connect(std::make_unique<SharedDense<T>>(*owner, g), end, units);
      layers_.back()->active = true;
      reached_.insert(end.edge->value);
    }
  }
}

template <class T>
void Network<T>::connect(std::unique_ptr<Layer<T>> layer) {
  connect(std::move(layer), width());
}

template <class T>
void Network<T>::connect(std::unique_ptr<Layer<T>> layer, size_t outputs, size_t slot) {
  connect(std::move(layer), ends_.front(), outputs, slot);
}

/// Puts a layer on top of one end.
template <class T>
void Network<T>::connect(std::unique_ptr<Layer<T>> layer, End& end, size_t outputs, size_t slot) {
  Edge<T>* below = end.edge;
  bool same = layer->in_place() && end.last && end.last->output_free();
  bool branch = dynamic_cast<Branch<T>*>(layer.get());
  layer->slot = slot;
  layer->group = end.group;
  Edge<T>* above = new_edge(same || branch ? below->value : new_matrix(outputs),
                            same ? below->delta : new_matrix(outputs));
  place(*layer, below, above);
  if (slot != nothing) {
    size_t threads = size_t(plan_.threads);
    layer->pieces = Pieces(threads);
    sums_.resize(std::max(sums_.size(), slot + 1));
    layer->first_sum = sums_[slot].size();
    sums_[slot].resize(layer->first_sum + std::max(layer->gradient_pieces(threads), threads));
  }
  end.edge = above, end.last = layer.get();
  layers_.push_back(std::move(layer));
}

/// Sets a layer's matrices, and whether backward passes need it.
template <class T>
void Network<T>::place(Layer<T>& layer, Edge<T>* below, Edge<T>* above) {
  layer.below = below, layer.above = above;
  layer.x = below->value, layer.d_x = below->delta;
  layer.y = above->value, layer.d_y = above->delta;
  layer.wants_d_x = plan_.whole || reached_.count(below->value);
  layer.active = layer.wants_d_x || layer.slot != nothing;
  if (layer.active) reached_.insert(above->value);
}

template <class T>
void Network<T>::make_tangents() {
  if (bottom_->tangent) return;
  auto make = [&](Edge<T>* edge, M* shared) {
    if (!edge->tangent) edge->tangent = shared ? shared : new_matrix(edge->value->cols());
    return edge->tangent;
  };
  for (auto& layer : layers_) {
    layer->t_x = make(layer->below, nullptr);
    bool branch = dynamic_cast<Branch<T>*>(layer.get());
    layer->t_y = make(layer->above, branch ? layer->t_x : nullptr);
    bool repeat = dynamic_cast<Repeat<T>*>(layer.get());
    if (auto* grouping = dynamic_cast<Grouping<T>*>(layer.get()))
      for (Edge<T>* group : grouping->groups) make(group, repeat ? layer->t_x : nullptr);
    layer->make_tangents();
  }
  make(bottom_, nullptr);
}

template <class T>
void Network<T>::make_second() {
  if (bottom_->r_delta) return;
  auto make = [&](Edge<T>* edge, M* shared) {
    if (!edge->r_delta) edge->r_delta = shared ? shared : new_matrix(edge->delta->cols());
    return edge->r_delta;
  };
  for (auto& layer : layers_) {
    layer->r_d_x = make(layer->below, nullptr);
    layer->r_d_y = make(layer->above, layer->above->delta == layer->below->delta ? layer->r_d_x : nullptr);
    if (auto* grouping = dynamic_cast<Grouping<T>*>(layer.get()))
      for (Edge<T>* group : grouping->groups) make(group, nullptr);
    layer->make_second();
  }
  make(bottom_, nullptr);
}

}  // namespace deltaprop::DELTAPROP_TARGET
