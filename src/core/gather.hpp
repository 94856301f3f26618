// Gathers samples from the caller's data into the rows of a batch, converted and scaled.
#pragma once

#include "matrix.hpp"
#include "program.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// Calls body with a number of this type.
template <class Body>
inline auto with_number(Number number, Body body) {
  switch (number) {
#define DELTAPROP_NUMBER(name, type) \
  case Number::name:                 \
    return body(type{});
    DELTAPROP_NUMBERS(DELTAPROP_NUMBER)
#undef DELTAPROP_NUMBER
  }
  __builtin_unreachable();
}

inline size_t bytes_of(Number number) {
  return with_number(number, [](auto n) { return sizeof(n); });
}

/// Applied to every number gathered: factor · (number − fill_value) + offset.
template <class T>
struct Change {
  T fill_value = 0, factor = 1, offset = 0;
  bool none() const { return fill_value == T(0) && factor == T(1) && offset == T(0); }
  template <class V>
  V operator()(V number) const {
    return (number - fill_value) * factor + offset;
  }
};

template <class T, class S>
inline void copy_row(const S* from, const Change<T>& change, Matrix<T>& to, size_t r) {
  constexpr size_t panel = Matrix<T>::panel;
  bool scaled = !change.none();
  for (size_t p = 0; p < to.panels(); p++, from += panel) {
    T* out = to.at(r, p);
    if (to.used(p) == panel)
      for (size_t c = 0; c < panel; c += lanes<T>) {
        vec<T> v = load_as<T>(from + c);
        store(out + c, scaled ? change(v) : v);
      }
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

inline const char* dense_row(const Data& x, size_t sample) {
  return static_cast<const char*>(x.values) + ptrdiff_t(sample) * x.row_bytes;
}

/// Prefetches bytes begin … end − 1 of a dense row.
template <int locality>
inline void prefetch_row(const char* row, size_t begin, size_t end) {
  for (; begin < end; begin += 64) __builtin_prefetch(row + begin, 0, locality);
}

/// Prefetches the samples of the next batch, some cache lines at a time between other work.
class Ahead {
 public:
  /// Starts with the samples order[begin] … order[end − 1]; labels may be null.
  void begin(const Data& x, const int64_t* labels, const int64_t* order, Range rows, size_t columns) {
    x_ = &x, labels_ = labels, order_ = order, rows_ = x.columns ? Range{} : rows;
    bytes_ = columns * bytes_of(x.number), at_ = 0;
  }

  /// Prefetches the next kilobyte.
  void some() {
    for (size_t left = 1024; left > 0 && rows_.size() > 0;) {
      size_t sample = size_t(order_[rows_.begin]), end = at_ + left < bytes_ ? at_ + left : bytes_;
      if (at_ == 0 && labels_) __builtin_prefetch(labels_ + sample, 0, 2);
      prefetch_row<2>(dense_row(*x_, sample), at_, end);
      left -= end - at_, at_ = end;
      if (at_ == bytes_) rows_.begin++, at_ = 0;
    }
  }

 private:
  const Data* x_ = nullptr;
  const int64_t *labels_ = nullptr, *order_ = nullptr;
  Range rows_;
  size_t bytes_ = 0, at_ = 0;
};

/// Rows of `to`: row r is sample order[r], or sample r if order is null.
template <class T>
inline void gather(const Data& x, const int64_t* order, const Change<T>& change, Matrix<T>& to, Range rows) {
  constexpr size_t ahead = 4;
  auto sample = [&](size_t r) { return order ? size_t(order[r]) : r; };
  auto prefetch = [&](size_t r) {
    if (r < rows.end && !x.columns)
      prefetch_row<3>(dense_row(x, sample(r)), 0, to.cols() * bytes_of(x.number));
  };
  for (size_t r = rows.begin; r < rows.begin + ahead; r++) prefetch(r);
  with_number(x.number, [&](auto kind) {
    using S = decltype(kind);
    for (size_t r = rows.begin; r < rows.end; r++) {
      prefetch(r + ahead);
      if (!x.columns) {
        copy_row<T, S>(reinterpret_cast<const S*>(dense_row(x, sample(r))), change, to, r);
      } else if (x.wide_index) {
        spread_row<T, S, int64_t>(x, sample(r), change, to, r);
      } else {
        spread_row<T, S, int32_t>(x, sample(r), change, to, r);
      }
    }
  });
}

}  // namespace deltaprop::DELTAPROP_TARGET
