// Samples from the caller's data into the rows of a batch, converted and scaled on the way.
#pragma once

#include "data.hpp"
#include "matrix.hpp"

namespace deltaprop::DELTAPROP_TARGET {

inline size_t bytes_of(Number number) {
  switch (number) {
    case Number::u8:
    case Number::i8:
      return 1;
    case Number::u16:
    case Number::i16:
      return 2;
    case Number::u32:
    case Number::i32:
    case Number::f32:
      return 4;
    default:
      return 8;
  }
}

template <class Body>
inline void with_number(Number number, Body body) {
  switch (number) {
    case Number::u8:
      return body(uint8_t{});
    case Number::i8:
      return body(int8_t{});
    case Number::u16:
      return body(uint16_t{});
    case Number::i16:
      return body(int16_t{});
    case Number::u32:
      return body(uint32_t{});
    case Number::i32:
      return body(int32_t{});
    case Number::u64:
      return body(uint64_t{});
    case Number::i64:
      return body(int64_t{});
    case Number::f32:
      return body(float{});
    case Number::f64:
      return body(double{});
  }
}

/// What is done to a number on its way in: factor · (number − fill_value) + offset.
template <class T>
struct Change {
  T fill_value = 0, factor = 1, offset = 0;
  bool none() const { return fill_value == T(0) && factor == T(1) && offset == T(0); }
  T operator()(T number) const { return (number - fill_value) * factor + offset; }
};

template <class T, class S>
inline void copy_row(const S* from, const Change<T>& change, Matrix<T>& to, size_t r) {
  constexpr size_t panel = Matrix<T>::panel;
  bool scaled = !change.none();
  for (size_t p = 0; p < to.panels(); p++, from += panel) {
    T* out = to.at(r, p);
    if (to.used(p) == panel && scaled)
      for (size_t c = 0; c < panel; c++) out[c] = change(T(from[c]));
    else if (to.used(p) == panel)
      for (size_t c = 0; c < panel; c++) out[c] = T(from[c]);
    else
      for (size_t c = 0; c < to.used(p); c++) out[c] = scaled ? change(T(from[c])) : T(from[c]);
  }
}

template <class T, class S, class I>
inline void spread_row(const Data& x, size_t sample, const Change<T>& change, Matrix<T>& to, size_t r) {
  for (size_t p = 0; p < to.panels(); p++)
    for (size_t c = 0; c < to.width(p); c++) to.at(r, p)[c] = change(T(0));
  const I *starts = static_cast<const I*>(x.starts), *columns = static_cast<const I*>(x.columns);
  const S* values = static_cast<const S*>(x.values);
  for (I i = starts[sample]; i < starts[sample + 1]; i++)
    to(r, size_t(columns[i])) += T(values[i]) * change.factor;
}

/// Brings one sample near before it is needed.
inline void prefetch_sample(const Data& x, size_t sample, size_t columns) {
  if (x.columns) return;
  const char* row = static_cast<const char*>(x.values) + ptrdiff_t(sample) * x.row_bytes;
  size_t bytes = columns * bytes_of(x.number);
  for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch(row + i);
}

/// The samples of the next batch, brought near a few cache lines at a time while there is other work to do.
class Ahead {
 public:
  /// Begin with the samples order[begin] … order[end − 1]; labels may be null.
  void begin(const Data& x, const int64_t* labels, const int64_t* order, Range rows, size_t columns) {
    x_ = &x, labels_ = labels, order_ = order, rows_ = x.columns ? Range{} : rows;
    bytes_ = columns * bytes_of(x.number), at_ = 0;
  }

  /// Bring the next few lines.
  void some() {
    for (size_t lines = 16; lines > 0 && rows_.size() > 0;) {
      int64_t sample = order_[rows_.begin];
      if (at_ == 0 && labels_) __builtin_prefetch(labels_ + sample, 0, 2);
      const char* row = static_cast<const char*>(x_->values) + ptrdiff_t(sample) * x_->row_bytes;
      for (; lines > 0 && at_ < bytes_; at_ += 64, lines--) __builtin_prefetch(row + at_, 0, 2);
      if (at_ >= bytes_) rows_.begin++, at_ = 0;
    }
  }

 private:
  const Data* x_ = nullptr;
  const int64_t *labels_ = nullptr, *order_ = nullptr;
  Range rows_;
  size_t bytes_ = 0, at_ = 0;
};

/// Rows of `to`: row r is sample order[r], or sample r where order is null.
template <class T>
inline void gather(const Data& x, const int64_t* order, const Change<T>& change, Matrix<T>& to, Range rows) {
  constexpr size_t ahead = 4;
  auto sample = [&](size_t r) { return order ? size_t(order[r]) : r; };
  for (size_t r = rows.begin; r < rows.end && r < rows.begin + ahead; r++)
    prefetch_sample(x, sample(r), to.cols());
  with_number(x.number, [&](auto kind) {
    using S = decltype(kind);
    for (size_t r = rows.begin; r < rows.end; r++) {
      if (r + ahead < rows.end) prefetch_sample(x, sample(r + ahead), to.cols());
      if (!x.columns) {
        const char* row = static_cast<const char*>(x.values) + ptrdiff_t(sample(r)) * x.row_bytes;
        copy_row<T, S>(reinterpret_cast<const S*>(row), change, to, r);
      } else if (x.wide_index) {
        spread_row<T, S, int64_t>(x, sample(r), change, to, r);
      } else {
        spread_row<T, S, int32_t>(x, sample(r), change, to, r);
      }
    }
  });
}

}  // namespace deltaprop::DELTAPROP_TARGET
