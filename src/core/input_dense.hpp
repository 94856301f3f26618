// The first layer of a network whose inputs are mostly one value, the ground, such as the background of an image.
//
// Samples are gathered as x − ground, which is mostly zeros: products cost by what is not zero. The ground comes back as
// z = (x − ground) wᵀ + ground Σ_k w_k + b  and  d_w = d_zᵀ (x − ground) + ground d_b.
#pragma once

#include <vector>

#include "dense.hpp"
#include "sparse.hpp"

namespace deltaprop::DELTAPROP_TARGET {

template <class T>
class InputDense final : public Layer<T> {
 public:
  InputDense(size_t inputs, size_t units, size_t w, size_t b, size_t slot, size_t rows, size_t threads)
      : inputs_(inputs), units_(units), w_(w), b_(b), slot_(slot), packed_(units, inputs, false),
        by_row_(round_up(rows, lanes<T>), round_up(inputs, lanes<T>), (inputs + stretch - 1) / stretch) {
    for (size_t t = 0; t < threads; t++) parts_.emplace_back(units, rows);
  }

  bool output_free() const override { return true; }

  void pack(const Pass<T>& pass, const Worker<T>& worker) override {
    Part& own = parts_[worker.index];
    own.clear_sums();
    Range panels = own_panels(worker);
    for (size_t p = panels.begin; p < panels.end; p++)
      packed_.pack(pass.theta + w_, {0, units_}, p, own.weight_sums.data());
    if (b_ != Dense<T>::none) packed_.pack_bias(pass.theta + b_, own_biases(worker));
  }

  void forward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    const Matrix<T>&x = *this->x, &w = packed_.transposed();
    Matrix<T>& z = *this->y;
    if (!pass.packed)
      return multiply(pass.theta + w_, b_ == Dense<T>::none ? nullptr : pass.theta + b_, x, rows, z);
    T* start = parts_[worker.index].start.data();
    for (size_t u = 0; u < units_; u += lanes<T>) {
      vec<T> total{};
      for (size_t t = 0; t < worker.count; t++) total += load(parts_[t].weight_sums.data() + u);
      const T* bias = packed_.bias(u / Matrix<T>::panel) + u % Matrix<T>::panel;
      store(start + u, pass.ground == 0 ? load(bias) : load(bias) + pass.ground * total);
    }
    size_t count = 0;
    for (size_t r = rows.begin; r < rows.end; r++) {
      by_row_.take_row(x, r, stretch);
      count += by_row_.count(r);
    }
    if (count > dense_from * double(rows.size() * inputs_))
      return product(x, rows, w, [&](size_t p) { return start + p * Matrix<T>::panel; }, z);
    for (size_t p = 0; p < z.panels(); p++)
      for (size_t s = 0; s * stretch < inputs_; s++)
        for (size_t r = rows.begin; r < rows.end; r++) {
          Range part = by_row_.stretch(r, s);
          const T* from = s == 0 ? start + p * Matrix<T>::panel : z.at(r, p);
          sparse_row(z.width(p) == Matrix<T>::panel, by_row_.values(r) + part.begin, by_row_.indices(r) + part.begin,
                     part.size(), w.at(0, p), from, z.at(r, p));
        }
  }

  void backward(const Pass<T>&, Range, const Worker<T>&) override {}  // nothing is below

  void gradient(const Pass<T>& pass, Range rows, const Worker<T>& worker, Sink<T>& sink) override {
    Part& own = parts_[worker.index];
    own.clear_sums();
    Range panels = own_panels(worker), biases = own_biases(worker);
    for (size_t u = 0; u < units_; u += lanes<T>)
      store(own.d_b.data() + u, column_sum<T>(rows, u, [](const T* d) { return load(d); }, *this->d_y));
    for (size_t p = panels.begin; p < panels.end; p++) {
      own.by_column.take_columns(*this->x, rows, p);
      size_t count = 0;
      for (size_t c = 0; c < this->x->used(p); c++) count += own.by_column.count(c);
      bool sparse = count <= dense_from * double(rows.size() * this->x->used(p));
      for (size_t u = 0; u < units_; u += lanes<T>)
        sparse ? sparse_tiles(pass, rows, p, u, own, sink) : dense_tiles(pass, rows, p, u, own, sink);
      if (sink.update) packed_.pack(pass.theta + w_, {0, units_}, p, own.weight_sums.data());
    }
    if (b_ == Dense<T>::none || biases.size() == 0) return;
    sink.take(own.d_b.data() + biases.begin, biases.size(),
              {b_ + biases.begin, biases.size(), 1, biases.size(), false}, slot_);
    if (sink.update) packed_.pack_bias(pass.theta + b_, biases);
  }

  void tangent(const Pass<T>&, Range, const Worker<T>&) override {}  // programs for derivatives use Dense

 private:
  static constexpr size_t stretch = 8 * Matrix<T>::panel;  // rows of wᵀ that stay near while all samples use them
  static constexpr double dense_from = 0.4;                // share of numbers that are not zero where density wins

  struct Part {
    Buffer<T> weight_sums, start, d_b;
    Lists<T> by_column;
    Part(size_t units, size_t rows)
        : weight_sums(round_up(units, Matrix<T>::panel)), start(round_up(units, Matrix<T>::panel)),
          d_b(round_up(units, Matrix<T>::panel)), by_column(Matrix<T>::panel, round_up(rows, lanes<T>)) {}
    void clear_sums() { std::memset(weight_sums.data(), 0, weight_sums.size() * sizeof(T)); }
  };

  Range own_panels(const Worker<T>& worker) const {
    return share((inputs_ + Matrix<T>::panel - 1) / Matrix<T>::panel, 1, worker.index, worker.count);
  }
  Range own_biases(const Worker<T>& worker) const { return share(units_, lanes<T>, worker.index, worker.count); }

  /// As many units as there are lanes, by the columns of panel p: from the columns' lists to d_wᵀ, turned to d_w.
  void sparse_tiles(const Pass<T>& pass, Range rows, size_t p, size_t u, Part& own, Sink<T>& sink) {
    constexpr size_t L = lanes<T>;
    alignas(64) T tile[L * Matrix<T>::panel];
    const Matrix<T>& d_z = *this->d_y;
    size_t q = u / Matrix<T>::panel, step = d_z.width(q), used = this->x->used(p), width = this->x->width(p);
    Place place = place_of(u, p);
    if (sink.update) sink.update->prefetch(place);
    const T* d = d_z.at(0, q) + u % Matrix<T>::panel;
    vec<T> block[L];
    for (size_t c = 0; c < used; c += L) {
      for (size_t i = 0; i < L; i++)
        block[i] = c + i < used ? pass.ground * load(own.d_b.data() + u) + column(own.by_column, c + i, d, step) : vec<T>{};
      transpose<T>(block);
      for (size_t i = 0; i < L; i++) store(tile + i * width + c, block[i]);
    }
    (void)rows;
    sink.take(tile, width, place, slot_);
  }

  /// Σ over the rows in a column's list of value · (one vector of that row of d_z)
  static vec<T> column(const Lists<T>& lists, size_t c, const T* d, size_t step) {
    const T* values = lists.values(c);
    const uint32_t* rows = lists.indices(c);
    size_t n = lists.count(c), i = 0;
    vec<T> a{}, b{}, e{}, f{};
    for (; i + 4 <= n; i += 4) {
      a += values[i] * load(d + rows[i] * step);
      b += values[i + 1] * load(d + rows[i + 1] * step);
      e += values[i + 2] * load(d + rows[i + 2] * step);
      f += values[i + 3] * load(d + rows[i + 3] * step);
    }
    for (; i < n; i++) a += values[i] * load(d + rows[i] * step);
    return (a + b) + (e + f);
  }

  void dense_tiles(const Pass<T>& pass, Range rows, size_t p, size_t u, Part& own, Sink<T>& sink) {
    alignas(64) T tile[lanes<T> * Matrix<T>::panel];
    const Matrix<T>& x = *this->x;
    Place place = place_of(u, p);
    if (sink.update) sink.update->prefetch(place);
    for (size_t i = 0; i < place.rows; i += tile_rows) {
      T* c = tile + i * x.width(p);
      int n = place.rows - i < size_t(tile_rows) ? int(place.rows - i) : tile_rows;
      tile_by_columns<T>(n, x.width(p) == Matrix<T>::panel, *this->d_y, rows, u + i, x.at(rows.begin, p), c);
    }
    for (size_t i = 0; i < place.rows; i++)
      for (size_t c = 0; c < x.width(p); c++) tile[i * x.width(p) + c] += pass.ground * own.d_b[u + i];
    sink.take(tile, x.width(p), place, slot_);
  }

  Place place_of(size_t u, size_t p) const {
    size_t n = units_ - u < size_t(lanes<T>) ? units_ - u : lanes<T>;
    return {w_ + u * inputs_ + p * Matrix<T>::panel, inputs_, n, this->x->used(p), true};
  }

  size_t inputs_, units_, w_, b_, slot_;
  Packed<T> packed_;
  Lists<T> by_row_;
  std::vector<Part> parts_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
