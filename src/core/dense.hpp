// z = x wᵀ + b
#pragma once

#include "layer.hpp"
#include "sparse.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// A weight matrix (units × d_in) in the two forms that products read: wᵀ with the bias as a last row, and w.
template <class T>
class Packed {
 public:
  Packed() = default;
  Packed(size_t units, size_t inputs, bool both)
      : units_(units), inputs_(inputs), transposed_(inputs + 1, units), plain_(both ? Matrix<T>(units, inputs) : Matrix<T>()) {}

  const Matrix<T>& transposed() const { return transposed_; }
  const Matrix<T>& plain() const { return plain_; }
  const T* bias(size_t p) const { return transposed_.at(inputs_, p); }

  /// Takes over panel p of the columns of w for some units; these begin at a multiple of the lanes. Adds each unit's
  /// weights to `sums` if that is given.
  void pack(const T* w, Range units, size_t p, T* sums = nullptr) {
    constexpr size_t L = lanes<T>;
    size_t begin = p * Matrix<T>::panel, end = begin + Matrix<T>::panel < inputs_ ? begin + Matrix<T>::panel : inputs_;
    vec<T> block[L];
    for (size_t u = units.begin; u < units.end; u += L)
      for (size_t c = begin; c < end; c += L) {
        for (size_t i = 0; i < L; i++)
          block[i] = u + i < units_ ? load_first(w + (u + i) * inputs_ + c, end - c) : vec<T>{};
        if (plain_.rows() > 0)
          for (size_t i = 0; i < L && u + i < units_; i++) store(plain_.at(u + i, p) + (c - begin), block[i]);
        transpose<T>(block);
        size_t n = end - c < L ? end - c : L;
        for (size_t i = 0; i < n; i++)
          store(transposed_.at(c + i, u / Matrix<T>::panel) + u % Matrix<T>::panel, block[i]);
        if (sums)
          for (size_t i = 0; i < n; i++) store(sums + u, load(sums + u) + block[i]);
      }
  }

  void pack_bias(const T* b, Range units) {
    for (size_t u = units.begin; u < units.end; u++) transposed_(inputs_, u) = b[u];
  }

 private:
  size_t units_ = 0, inputs_ = 0;
  Matrix<T> transposed_, plain_;
};

/// z = x wᵀ + b straight from theta, eight units at a time: for batches too small to pay for packing.
template <class T>
inline void multiply(const T* w, const T* b, const Matrix<T>& x, Range rows, Matrix<T>& z) {
  constexpr size_t block = 8;
  for (size_t r = rows.begin; r < rows.end; r++)
    for (size_t u = 0; u < z.cols(); u += block) {
      size_t n = z.cols() - u < block ? z.cols() - u : block;
      const T* row[block];
      for (size_t i = 0; i < block; i++) row[i] = w + (u + (i < n ? i : 0)) * x.cols();
      vec<T> sums[block] = {};
      size_t c = 0;
      for (; c + lanes<T> <= x.cols(); c += lanes<T>) {
        vec<T> v = load(x.at(r, c / Matrix<T>::panel) + c % Matrix<T>::panel);
        for (size_t i = 0; i < block; i++) sums[i] += load(row[i] + c) * v;
      }
      if (c < x.cols()) {
        vec<T> v = load_first(x.at(r, c / Matrix<T>::panel) + c % Matrix<T>::panel, x.cols() - c);
        for (size_t i = 0; i < block; i++) sums[i] += load_first(row[i] + c, x.cols() - c) * v;
      }
      for (size_t i = 0; i < n; i++) z(r, u + i) = sum<T>(sums[i]) + (b ? b[u + i] : T(0));
    }
}

template <class T>
class Dense final : public Layer<T> {
 public:
  static constexpr size_t none = size_t(-1);

  Dense(size_t inputs, size_t units, size_t w, size_t b, size_t slot)
      : inputs_(inputs), units_(units), w_(w), b_(b), slot_(slot) {}

  bool output_free() const override { return true; }

  void pack(const Pass<T>& pass, const Worker<T>& worker) override {
    if (packed_.transposed().rows() == 0 && worker.count == 1) prepare();
    pack(packed_, pass.theta, worker);
  }

  /// Makes room for the packed weights; before threads are at work.
  void prepare() { packed_ = Packed<T>(units_, inputs_, this->wants_d_x); }

  void forward(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    if (pass.packed)
      product(*this->x, rows, packed_.transposed(), [&](size_t p) { return packed_.bias(p); }, *this->y);
    else
      multiply(pass.theta + w_, b_ == none ? nullptr : pass.theta + b_, *this->x, rows, *this->y);
  }

  void backward(const Pass<T>&, Range rows, const Worker<T>&) override {
    if (this->wants_d_x) product(*this->d_y, rows, packed_.plain(), *this->d_x);
  }

  void gradient(const Pass<T>& pass, Range rows, const Worker<T>& worker, Sink<T>& sink) override {
    const Matrix<T>&x = *this->x, &d_z = *this->d_y;
    alignas(64) T tile[tile_rows * Matrix<T>::panel];
    auto [units, panels] = own(worker);
    for (size_t p = panels.begin; p < panels.end; p++) {
      for (size_t u = units.begin; u < units.end; u += tile_rows) {
        size_t n = units.end - u < size_t(tile_rows) ? units.end - u : tile_rows;
        Place place{w_ + u * inputs_ + p * Matrix<T>::panel, inputs_, n, x.used(p), true};
        if (sink.update) sink.update->prefetch(place);
        tile_by_columns<T>(int(n), x.width(p) == Matrix<T>::panel, d_z, rows, u, x.at(rows.begin, p), tile);
        sink.take(tile, x.width(p), place, slot_);
      }
      if (sink.update) packed_.pack(pass.theta + w_, units, p);
    }
    if (b_ == none) return;
    Range own_biases = share(units_, lanes<T>, worker.index, worker.count);
    for (size_t u = own_biases.begin; u < own_biases.end; u += lanes<T>) {
      store(tile, column_sum<T>(rows, u, [](const T* d) { return load(d); }, d_z));
      size_t n = own_biases.end - u < size_t(lanes<T>) ? own_biases.end - u : lanes<T>;
      sink.take(tile, n, {b_ + u, n, 1, n, false}, slot_);
    }
    if (sink.update) packed_.pack_bias(pass.theta + b_, own_biases);
  }

  void pack_direction(const Pass<T>& pass, const Worker<T>& worker) override {
    if (direction_.transposed().rows() == 0) {
      direction_ = Packed<T>(units_, inputs_, false);
      part_ = Matrix<T>(this->y->rows(), units_);
    }
    pack(direction_, pass.direction, worker);
  }

  void tangent(const Pass<T>&, Range rows, const Worker<T>&) override {
    product(*this->t_x, rows, packed_.transposed(), *this->t_y);
    product(*this->x, rows, direction_.transposed(), [&](size_t p) { return direction_.bias(p); }, part_);
    each_vector<T>(rows, [](T* t, T* part) { store(t, load(t) + load(part)); }, *this->t_y, part_);
  }

 private:
  struct Own {
    Range units, panels;
  };

  /// A thread owns whole units where they divide well, so that their moments stay in its cache; otherwise inputs.
  Own own(const Worker<T>& worker) const {
    size_t pieces = (units_ + lanes<T> - 1) / lanes<T>, panels = (inputs_ + Matrix<T>::panel - 1) / Matrix<T>::panel;
    if (pieces % worker.count == 0 || pieces >= 4 * worker.count || pieces > panels)
      return {share(units_, lanes<T>, worker.index, worker.count), {0, panels}};
    return {{0, units_}, share(panels, 1, worker.index, worker.count)};
  }

  void pack(Packed<T>& packed, const T* theta, const Worker<T>& worker) const {
    auto [units, panels] = own(worker);
    for (size_t p = panels.begin; p < panels.end; p++) packed.pack(theta + w_, units, p);
    if (b_ != none) packed.pack_bias(theta + b_, share(units_, lanes<T>, worker.index, worker.count));
  }

  size_t inputs_, units_, w_, b_, slot_;
  Packed<T> packed_, direction_;
  Matrix<T> part_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
