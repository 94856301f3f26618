// z = x wᵀ + b
//
// The layer keeps wᵀ with b as its last row, and the optimizer's moments, in panels of units, so that
// products and steps access memory sequentially. Pieces of the gradient are panels, or some inputs of all
// panels. Products are divided by rows, or where the weights outweigh the batch, by the columns of the
// result.
//
// Several groups of columns may share the weights (`SharedDense`); each group has its own biases.
#pragma once

#include <algorithm>
#include <memory>

#include "layer.hpp"
#include "sparse_inputs.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// Lane i: Σ_k w[i · step + k] · x[r][k].
template <class T>
inline vec<T> dot_rows(const T* w, size_t step, const Matrix<T>& x, size_t r) {
  constexpr size_t L = lanes<T>;
  size_t whole = x.cols() / L * L;
  vec<T> sums[L] = {};
  for (size_t c = 0; c < whole; c += L) {
    vec<T> v = load(&x(r, c));
    for (size_t i = 0; i < L; i++) sums[i] += load(w + i * step + c) * v;
  }
  if (whole < x.cols()) {
    vec<T> v = load_first(&x(r, whole), x.cols() - whole);
    for (size_t i = 0; i < L; i++) sums[i] += load_first(w + i * step + whole, x.cols() - whole) * v;
  }
  transpose<T>(sums);
  vec<T> total = sums[0];
  for (size_t i = 1; i < L; i++) total += sums[i];
  return total;
}

/// z = x wᵀ + b straight from theta, for batches too small to repay packing wᵀ into panels.
template <class T>
inline void multiply(const T* w, const T* b, const Matrix<T>& x, Range rows, Matrix<T>& z) {
  constexpr size_t L = lanes<T>;
  size_t d = x.cols(), units = z.cols();
  for (size_t r = rows.begin; r < rows.end; r++)
    for (size_t u = 0; u < units; u += L) {
      vec<T> total{};
      if (u + L <= units)
        total = dot_rows(w + u * d, d, x, r);
      else
        for (size_t i = 0; u + i < units; i++) total[i] = dot_rows(w + (u + i) * d, 0, x, r)[0];
      if (b) total += load_first(b + u, units - u);
      store(&z(r, u), total);
    }
}

template <class T>
class Dense final : public Layer<T> {
 public:
  static constexpr size_t none = size_t(-1);  // no biases

  Dense(size_t inputs, size_t units, size_t w, size_t b, size_t groups = 1)
      : uses{this}, inputs_(inputs), units_(units), groups_(groups), w_(w), b_(b) {}

  std::vector<Layer<T>*> uses;  // one for each group: the matrices with which it uses the weights

  /// Inputs are gathered minus the fill value and are then mostly zeros.
  void expect_sparse(size_t rows, size_t threads) {
    sparse_ = std::make_unique<SparseInputs<T>>(inputs_, units_, rows, threads);
  }

  bool output_free() const override { return true; }

  /// Whether threads take some columns of all rows: each then reads a part of the weights only.
  bool whole_batch(const Pass<T>& pass) const override {
    constexpr size_t cache = 512 << 10;  // of the second level, on the smaller processors
    bool heavy = inputs_ * units_ * sizeof(T) > cache && 4 * pass.rows <= inputs_;
    return heavy && !sparse_ && pass.threads > 1 &&
           std::min(inputs_, units_) >= 2 * pass.threads * Matrix<T>::panel;  // enough columns for each
  }

  void attach(const Vectors<T>& flat) override {
    flat_ = flat;
    this->own = {room(flat.theta, theta_),       room(flat.first, first_), room(flat.second, second_),
                 room(flat.gradient, gradient_), room(flat.rates, rates_), room(flat.decays, decays_)};
    if (wanted() && plain_.empty()) plain_ = Matrix<T>(units_, inputs_);
  }

  void fetch(const Worker<T>& worker) override {
    Part mine = own_of(worker);
    to_panels(flat_.theta, theta_, mine);
    if (flat_.first) to_panels(flat_.first, first_, mine);
    if (flat_.second) to_panels(flat_.second, second_, mine);
    if (flat_.rates) to_panels(flat_.rates, rates_, mine);
    if (flat_.decays) to_panels(flat_.decays, decays_, mine);
    refresh(worker);
  }

  void put_back(const Worker<T>& worker) override {
    Part mine = own_of(worker);
    from_panels(theta_, flat_.theta, mine);
    if (flat_.first) from_panels(first_, flat_.first, mine);
    if (flat_.second) from_panels(second_, flat_.second, mine);
  }

  void put_back_gradient(const Worker<T>& worker) override {
    from_panels(gradient_, flat_.gradient, own_of(worker));
  }

  void refresh(const Worker<T>& worker) override {
    Part mine = own_of(worker);
    if (sparse_) sparse_->changed_weights(worker.index);
    for (size_t k = mine.inputs.begin; k < mine.inputs.end; k += Matrix<T>::panel)
      for (size_t q = mine.panels.begin; q < mine.panels.end; q++) refresh({k, end_of(k, mine)}, q);
  }

  void forward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    forward(pass, rows, worker, *this, 0);
  }
  void backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    backward(pass, rows, worker, *this);
  }

  void forward(const Pass<T>& pass, Range rows, const Worker<T>& worker, const Layer<T>& at, size_t group) {
    const Matrix<T>& x = *at.x;
    if (!pass.loaded)
      return multiply(flat_.theta + w_, b_ == none ? nullptr : flat_.theta + bias(group), x, rows, *at.y);
    if (!sparse_)
      return divide(pass, rows, theta_, worker, [&](Range block, Range panels) {
        product(x, block, theta_, panels, [&](size_t q) { return theta_.at(inputs_ + group, q); }, *at.y);
      });
    const T* start = sparse_->start(theta_, pass.fill_value, worker.index);
    if (!sparse_->forward(x, rows, theta_, start, *at.y))
      product(
          x, rows, theta_, theta_.all_panels(), [&](size_t q) { return start + q * Matrix<T>::panel; },
          *at.y);
  }

  void backward(const Pass<T>& pass, Range rows, const Worker<T>& worker, const Layer<T>& at) {
    if (at.wants_d_x)
      divide(pass, rows, plain_, worker,
             [&](Range block, Range panels) { product(*at.d_y, block, plain_, panels, *at.d_x); });
  }

  /// A piece is a panel of units or of inputs.
  size_t gradient_pieces(size_t threads) const override {
    return Matrix<T>::panels_of(by_units(threads) ? units_ : inputs_);
  }

  void before_gradient(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    if (sparse_) sparse_->take_fill_value(*this->d_y, rows, pass.fill_value, worker.index);
  }

  void gradient(const Pass<T>&, Range rows, size_t piece, const Worker<T>& worker,
                const Sink<T>& sink) override {
    Part part = weights_of({piece, piece + 1}, worker.count);
    if (sparse_ && sparse_->take_columns(*this->x, rows, piece, worker.index))
      sparse_gradient(part.inputs, part.panels, worker, sink);
    else
      gradient_of_weights(&Layer<T>::x, &Layer<T>::d_y, rows, part, worker, sink);
    gradient_of_biases(&Layer<T>::d_y, rows, part, sink);
  }

  /// R{d_w} = R{d_z}ᵀ x + d_zᵀ R{x}
  void r_gradient(const Pass<T>&, Range rows, size_t piece, const Worker<T>& worker,
                  const Sink<T>& sink) override {
    Part part = weights_of({piece, piece + 1}, worker.count);
    gradient_of_weights(&Layer<T>::x, &Layer<T>::r_d_y, rows, part, worker, sink);
    gradient_of_biases(&Layer<T>::r_d_y, rows, part, sink);
    if (wanted())
      gradient_of_weights(&Layer<T>::t_x, &Layer<T>::d_y, rows, part, worker, {nullptr, nullptr, true});
  }

  void each_place(const Worker<T>& worker, const std::function<void(const Place&)>& body) const override {
    Part mine = own_of(worker);
    for (size_t q = mine.panels.begin; q < mine.panels.end; q++) {
      size_t width = theta_.width(q), used = theta_.used(q);
      if (mine.inputs.size() > 0)
        body(Place{theta_.offset(mine.inputs.begin, q), width, mine.inputs.size(), used, w_, true}.joined());
      if (b_ == none || !mine.bias) continue;
      for (size_t g = 0; g < groups_; g++) body({theta_.offset(inputs_ + g, q), width, 1, used, b_, false});
    }
  }

  void sample_gradient(const Pass<T>&, size_t r, T* grad) override {
    if (groups_ > 1) return add_sample_gradients(r, grad);
    const Matrix<T>&x = *this->x, &d_z = *this->d_y;
    const T* end = grad + w_ + units_ * inputs_;
    // From the last inputs to the first: what a vector writes beyond its row of w is overwritten later.
    for (size_t i = (inputs_ + lanes<T> - 1) / lanes<T>; i-- > 0;) {
      vec<T> v = load(&x(r, i * lanes<T>));
      T* to = grad + w_ + i * lanes<T>;
      for (size_t q = 0; q < d_z.panels(); q++)
        for (const T *d = d_z.at(r, q), *last = d + d_z.used(q); d < last; d++, to += inputs_)
          store_first(to, size_t(end - to), *d * v);
    }
    if (b_ != none) copy_out(d_z, {r, r + 1}, grad + b_, 0);
  }

  std::optional<OuterGradient<T>> outer_gradient() const override {
    if (groups_ > 1) return {};
    return OuterGradient<T>{this->x, this->d_y, w_, b_};
  }

  void fetch_direction(const Pass<T>& pass, const Worker<T>& worker) override {
    to_panels(pass.direction, direction_, own_of(worker));
    if (pass.second && wanted())
      copy_in(pass.direction + w_, inputs_, plain_direction_, worker.share_of(units_));
  }

  void make_tangents() override { direction_ = new_weights(); }
  void make_second() override {
    if (wanted()) plain_direction_ = Matrix<T>(units_, inputs_);
  }

  void tangent(const Pass<T>&, Range rows, const Worker<T>&) override { tangent(rows, *this, 0); }
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    r_backward(pass, rows, worker, *this);
  }

  void tangent(Range rows, const Layer<T>& at, size_t group) {
    product(
        *at.x, rows, direction_, direction_.all_panels(),
        [&](size_t q) { return direction_.at(inputs_ + group, q); }, *at.t_y);
    if (at.wants_d_x) product(*at.t_x, rows, theta_, *at.t_y, true);
  }

  /// R{d_x} = R{d_z} w + d_z R{w}
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker, const Layer<T>& at) {
    backward(pass, rows, worker, at);
    if (!at.wants_d_x) return;
    product(*at.r_d_y, rows, plain_, *at.r_d_x);
    product(*at.d_y, rows, plain_direction_, *at.r_d_x, true);
  }

 private:
  using Side = Matrix<T>* Layer<T>::*;  // which matrix of a use

  bool wanted() const {
    return std::any_of(uses.begin(), uses.end(), [](const Layer<T>* use) { return use->wants_d_x; });
  }

  /// The place in theta of the biases of a group.
  size_t bias(size_t group) const { return b_ + group * units_; }

  /// body(rows, panels of w) for these rows of a product with w, or for the panels that this thread takes.
  template <class Body>
  void divide(const Pass<T>& pass, Range rows, const Matrix<T>& w, const Worker<T>& worker, Body body) const {
    if (!whole_batch(pass)) return body(rows, w.all_panels());
    worker.each_piece(w.panels(), [&](size_t q) { body({0, pass.rows}, {q, q + 1}); });
  }

  /// A part of the weights: panels of units, inputs of these, and whether their biases.
  struct Part {
    Range panels, inputs;
    bool bias;
  };

  /// Whether pieces are panels of units, which lie together in memory, or inputs of all units: where threads
  /// share them, whichever balances better. Each piece reads all of the other factor, so a tie goes to the
  /// division with the smaller other factor.
  bool by_units(size_t threads) const {
    if (sparse_ || threads == 1) return !sparse_;
    auto most = [&](size_t n) {
      return double((Matrix<T>::panels_of(n) + threads - 1) / threads) / double(Matrix<T>::panels_of(n));
    };
    double units = most(units_), inputs = most(inputs_);
    return units < inputs || (units == inputs && units_ >= inputs_);
  }

  Part weights_of(Range pieces, size_t threads) const {
    if (by_units(threads)) return {pieces, {0, inputs_}, true};
    Range inputs{pieces.begin * Matrix<T>::panel, std::min(pieces.end * Matrix<T>::panel, inputs_)};
    return {{0, Matrix<T>::panels_of(units_)}, inputs, inputs.end == inputs_};
  }

  Part own_of(const Worker<T>& worker) const {
    return weights_of(worker.share_of(gradient_pieces(worker.count)), worker.count);
  }

  /// d_zᵀ x, this part of it
  void gradient_of_weights(Side x, Side d_z, Range rows, const Part& part, const Worker<T>& worker,
                           const Sink<T>& sink) {
    for (size_t q = part.panels.begin; q < part.panels.end; q++)
      for (size_t k = part.inputs.begin; k < part.inputs.end; k += Matrix<T>::panel)
        gradient_of_weights(x, d_z, rows, {k, end_of(k, part)}, q, worker, sink);
  }

  void gradient_of_biases(Side side, Range rows, const Part& part, const Sink<T>& sink) {
    if (b_ == none || !part.bias) return;
    constexpr size_t panel = Matrix<T>::panel;
    alignas(64) T tile[panel];
    for (size_t q = part.panels.begin; q < part.panels.end; q++)
      for (size_t g = 0; g < groups_; g++) {
        const Matrix<T>& d_z = *(uses[g]->*side);
        for (size_t c = 0; c < d_z.width(q); c += lanes<T>)
          store(tile + c, column_sum<T>(rows, q * panel + c, itself, d_z));
        this->give(sink, tile, theta_.width(q),
                   {theta_.offset(inputs_ + g, q), theta_.width(q), 1, theta_.used(q), b_, false});
      }
  }

  /// The gradient of the weights from these inputs, at most a panel of them, to panel q of units.
  void gradient_of_weights(Side x, Side d_z, Range rows, Range inputs, size_t q, const Worker<T>& worker,
                           const Sink<T>& sink) {
    constexpr size_t room = std::max(tile_columns<T> * Matrix<T>::panel, size_t(lanes<T> * lanes<T>));
    alignas(64) T tile[room];
    const T* start = sparse_ ? sparse_->fill_value(q, worker.index) : nullptr;
    size_t used = theta_.used(q), width = theta_.width(q);
    bool few = used <= narrow<T>;
    size_t most = few ? lanes<T> : tile_columns<T>;
    for (size_t i = inputs.begin; i < inputs.end; i += most) {
      size_t n = std::min(inputs.end - i, most);
      if (worker.ahead) worker.ahead->some();
      const T* from = start;
      size_t step = 0;
      for (const Layer<T>* use : uses) {  // each adds to the tile of those before
        const Matrix<T>& left = *(use->*x);
        const T* right = (use->*d_z)->at(rows.begin, q);
        if (few)
          narrow_tile<T>(used, left, rows, i, right, from, step, tile);
        else
          tile_by_columns<T>(int(n), width == Matrix<T>::panel, left, rows, i, right, from, step, tile);
        from = tile, step = width;
      }
      this->give(sink, tile, width, {theta_.offset(i, q), width, n, used, w_, true});
    }
    if (sink.update) refresh(inputs, q);
  }

  /// The same to several panels of units, where the inputs are mostly zeros.
  void sparse_gradient(Range inputs, Range panels, const Worker<T>& worker, const Sink<T>& sink) {
    sparse_->tiles(*this->d_y, inputs.size(), panels, worker.index, [&](size_t q, T* tile) {
      size_t width = theta_.width(q);
      if (worker.ahead) worker.ahead->some();
      this->give(sink, tile, width,
                 {theta_.offset(inputs.begin, q), width, inputs.size(), theta_.used(q), w_, true});
      if (sink.update) refresh(inputs, q);
    });
  }

  static size_t end_of(size_t k, const Part& mine) { return std::min(k + Matrix<T>::panel, mine.inputs.end); }

  Matrix<T> new_weights() const { return Matrix<T>(inputs_ + groups_, units_); }

  T* room(const T* flat, Matrix<T>& m) const {
    if (flat && m.empty()) m = new_weights();
    return flat ? m.data() : nullptr;
  }

  /// From theta's layout to panels. Lanes beyond the units stay zero.
  void to_panels(const T* flat, Matrix<T>& m, const Part& mine) const {
    constexpr size_t L = lanes<T>;
    vec<T> block[L];
    for_blocks(mine, [&](size_t u, size_t k, size_t n) {
      for (size_t i = 0; i < L; i++)
        block[i] = u + i < units_ ? load_first(flat + w_ + (u + i) * inputs_ + k, n) : vec<T>{};
      transpose<T>(block);
      for (size_t i = 0; i < n; i++) store(&m(k + i, u), block[i]);
    });
    each_bias(mine, [&](size_t g, size_t u) { m(inputs_ + g, u) = flat[bias(g) + u]; });
  }

  void from_panels(const Matrix<T>& m, T* flat, const Part& mine) const {
    constexpr size_t L = lanes<T>;
    vec<T> block[L];
    for_blocks(mine, [&](size_t u, size_t k, size_t n) {
      for (size_t i = 0; i < L; i++) block[i] = i < n ? load(&m(k + i, u)) : vec<T>{};
      transpose<T>(block);
      for (size_t i = 0; i < L && u + i < units_; i++)
        store_first(flat + w_ + (u + i) * inputs_ + k, n, block[i]);
    });
    each_bias(mine, [&](size_t g, size_t u) { flat[bias(g) + u] = m(inputs_ + g, u); });
  }

  template <class Body>
  void each_bias(const Part& mine, Body body) const {
    if (b_ == none || !mine.bias) return;
    for (size_t g = 0; g < groups_; g++)
      for (size_t u = mine.panels.begin * Matrix<T>::panel; u < units_end(mine); u++) body(g, u);
  }

  /// The gradient of one sample, a sum over the groups.
  void add_sample_gradients(size_t r, T* grad) const {
    std::fill_n(grad + w_, units_ * inputs_, T(0));
    for (size_t g = 0; g < groups_; g++) {
      const Matrix<T>&x = *uses[g]->x, &d_z = *uses[g]->d_y;
      for (size_t u = 0; u < units_; u++)
        for (size_t i = 0; i < inputs_; i++) grad[w_ + u * inputs_ + i] += d_z(r, u) * x(r, i);
      if (b_ != none) copy_out(d_z, {r, r + 1}, grad + bias(g), 0);
    }
  }

  /// Calls body(unit, input, inputs) for squares of lanes × lanes weights.
  template <class Body>
  void for_blocks(const Part& mine, Body body) const {
    for (size_t u = mine.panels.begin * Matrix<T>::panel; u < units_end(mine); u += lanes<T>)
      for (size_t k = mine.inputs.begin; k < mine.inputs.end; k += lanes<T>)
        body(u, k, std::min(mine.inputs.end - k, size_t(lanes<T>)));
  }

  size_t units_end(const Part& mine) const { return std::min(mine.panels.end * Matrix<T>::panel, units_); }

  /// Updates what depends on these weights: w itself (for d_x) and the sums of weights (for the fill value).
  void refresh(Range inputs, size_t q) {
    constexpr size_t L = lanes<T>;
    if (sparse_) sparse_->add_up(theta_, inputs, q);
    if (plain_.empty()) return;
    vec<T> block[L];
    for (size_t u = q * Matrix<T>::panel; u < q * Matrix<T>::panel + theta_.used(q); u += L)
      for (size_t k = inputs.begin; k < inputs.end; k += L) {
        for (size_t i = 0; i < L; i++) block[i] = k + i < inputs.end ? load(&theta_(k + i, u)) : vec<T>{};
        transpose<T>(block);
        for (size_t i = 0; i < L && u + i < units_; i++) store(&plain_(u + i, k), block[i]);
      }
  }

  size_t inputs_, units_, groups_, w_, b_;
  Vectors<T> flat_;
  Matrix<T> theta_, first_, second_, gradient_, rates_, decays_;  // (inputs + groups) × units
  Matrix<T> plain_;                                               // units × inputs
  Matrix<T> direction_, plain_direction_;                         // like theta_ and plain_
  std::unique_ptr<SparseInputs<T>> sparse_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
