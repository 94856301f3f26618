// The last inputs are codes; each becomes its row of a table, or zeros where it is none.
#pragma once

#include <vector>

#include "columns.hpp"
#include "layer.hpp"

namespace deltaprop::DELTAPROP_TARGET {

template <class T>
class Embedding final : public Layer<T> {
 public:
  Embedding(size_t inputs, size_t size, size_t table, std::vector<size_t> categories)
      : size_(size), front_(inputs - categories.size()), table_(table), categories_(std::move(categories)) {
    for (size_t k : categories_) rows_ += k;
    gradient_ = Buffer<T>(rows_ * size_);
  }

  size_t outputs() const { return front_ + categories_.size() * size_; }

  void forward(const Pass<T>&, Range rows, const Worker<T>&) override {
    look_up(rows, this->own.theta + table_, *this->x, *this->y);
  }

  void backward(const Pass<T>&, Range rows, const Worker<T>&) override {
    if (this->wants_d_x) pass_down(rows, *this->d_y, *this->d_x);
  }

  void tangent(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    look_up(rows, pass.direction + table_, *this->t_x, *this->t_y);
  }

  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    backward(pass, rows, worker);
    if (this->wants_d_x) pass_down(rows, *this->r_d_y, *this->r_d_x);
  }

  void gradient(const Pass<T>&, Range rows, size_t piece, const Worker<T>& worker,
                const Sink<T>& sink) override {
    give_sums(*this->d_y, rows, share(rows_, 1, piece, worker.count), sink);
  }

  void r_gradient(const Pass<T>&, Range rows, size_t piece, const Worker<T>& worker,
                  const Sink<T>& sink) override {
    give_sums(*this->r_d_y, rows, share(rows_, 1, piece, worker.count), sink);
  }

  void each_place(const Worker<T>& worker, const std::function<void(const Place&)>& body) const override {
    Range mine = worker.share_of(rows_);
    if (mine.size() > 0) body(place_of(mine));
  }

  void sample_gradient(const Pass<T>&, size_t r, T* grad) override {
    std::fill_n(grad + table_, rows_ * size_, T(0));
    add_up(*this->d_y, {r, r + 1}, {0, rows_}, grad + table_);
  }

 private:
  Place place_of(Range rows) const { return this->part_of(table_, {rows.begin * size_, rows.end * size_}); }

  /// body(sample, first of its columns, row of the table) for each code of these samples that is one.
  template <class Body>
  void each_code(Range samples, Body body) const {
    if (samples.size() == 0) return;
    size_t start = 0;
    for (size_t i = 0; i < categories_.size(); start += categories_[i++]) {
      Column<T> codes(*this->x, samples.begin, front_ + i);
      for (size_t r = 0; r < samples.size(); r++)
        if (codes[r] >= T(0) && codes[r] < T(categories_[i]))
          body(samples.begin + r, front_ + i * size_, start + size_t(codes[r]));
    }
  }

  void look_up(Range samples, const T* table, Matrix<T>& in, Matrix<T>& out) {
    copy_columns(samples, in, 0, front_, out, 0);
    for (size_t c = front_; c < outputs() && samples.size() > 0; c++) {
      Column<T> cleared(out, samples.begin, c);
      for (size_t r = 0; r < samples.size(); r++) cleared[r] = 0;
    }
    each_code(samples, [&](size_t r, size_t c, size_t row) {
      for (size_t k = 0; k < size_; k++) out(r, c + k) = table[row * size_ + k];
    });
  }

  /// Codes have no derivative.
  void pass_down(Range samples, Matrix<T>& d_out, Matrix<T>& d_in) {
    copy_columns(samples, d_out, 0, front_, d_in, 0);
    for (size_t i = 0; i < categories_.size() && samples.size() > 0; i++) {
      Column<T> codes(d_in, samples.begin, front_ + i);
      for (size_t r = 0; r < samples.size(); r++) codes[r] = 0;
    }
  }

  /// Adds the d of each sample to the rows of its codes, as far as these are among `rows`.
  void add_up(const Matrix<T>& d, Range samples, Range rows, T* sums) const {
    each_code(samples, [&](size_t r, size_t c, size_t row) {
      if (row < rows.begin || row >= rows.end) return;
      for (size_t k = 0; k < size_; k++) sums[row * size_ + k] += d(r, c + k);
    });
  }

  /// The gradient of these rows of the table.
  void give_sums(const Matrix<T>& d, Range samples, Range rows, const Sink<T>& sink) {
    if (rows.size() == 0) return;
    T* sums = gradient_.data() + rows.begin * size_;
    std::fill_n(sums, rows.size() * size_, T(0));
    add_up(d, samples, rows, gradient_.data());
    this->give(sink, sums, rows.size() * size_, place_of(rows));
  }

  size_t size_, front_, table_, rows_ = 0;
  std::vector<size_t> categories_;
  Buffer<T> gradient_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
