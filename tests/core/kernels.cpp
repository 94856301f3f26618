// The kernels of one instruction set against plain loops in long double; compiled once for each set.
#include <algorithm>
#include <cmath>
#include <vector>

#include "check.hpp"
#include "gather.hpp"
#include "gemm.hpp"
#include "gram.hpp"
#include "philox.hpp"
#include "sparse_inputs.hpp"
#include "vector_math.hpp"

namespace deltaprop::DELTAPROP_TARGET {

namespace {

using Real = long double;
using test::Random;

template <class T>
constexpr T epsilon = std::numeric_limits<T>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();

template <class T>
Matrix<T> random_matrix(size_t rows, size_t cols, Random& random, double zeros = 0) {
  Matrix<T> m(rows, cols);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < cols; c++) m(r, c) = random() < 2 * zeros - 1 ? T(0) : T(random());
  return m;
}

// ---------------------------------------------------------------------------------------- vectors and
// matrices

template <class T>
void test_vectors() {
  constexpr size_t L = lanes<T>;
  T from[L * L], to[L * L + 1];
  for (size_t i = 0; i < L * L; i++) from[i] = T(i + 1);
  for (size_t n = 0; n <= L; n++) {
    std::fill_n(to, L + 1, T(-1));
    store_first(to, n, load_first(from, n));
    for (size_t i = 0; i <= L; i++) CHECK(to[i] == (i < n ? from[i] : T(-1)));
    store(to, load_first(from, n));
    for (size_t i = n; i < L; i++) CHECK(to[i] == 0);
  }
  CHECK(sum<T>(load(from)) == T(L * (L + 1) / 2));
  vec<T> rows[L];
  for (size_t i = 0; i < L; i++) rows[i] = load(from + i * L);
  transpose<T>(rows);
  for (size_t i = 0; i < L; i++)
    for (size_t j = 0; j < L; j++) CHECK(rows[i][j] == from[j * L + i]);
}

template <class T>
void test_matrices() {
  Random random;
  for (size_t cols : {1, 3, 4, 8, 9, 16, 17, 33, 50}) {
    std::vector<T> source(7 * cols), target(7 * cols);
    for (T& v : source) v = T(random());
    Matrix<T> m(7, cols);
    copy_in(source.data(), cols, m, {0, 7});
    copy_out(m, {0, 7}, target.data(), cols);
    CHECK(source == target);
    CHECK(m(6, cols - 1) == source.back());
    Real total = 0;
    for (size_t r = 0; r < 7; r++) total += source[r * cols];
    vec<T> sums = column_sum<T>({0, 7}, 0, [](const T* v) { return load(v); }, m);
    CHECK(std::abs(sums[0] - total) < 7 * epsilon<T>);
    CHECK(all_finite(m, {0, 7}));
    for (double bad : {infinity, -infinity, std::nan("")}) {
      m(3, cols / 2) = T(bad);
      CHECK(!all_finite(m, {0, 7}));
      CHECK(all_finite(m, {0, 3}));
    }
  }
  for (size_t n : {0, 1, 8, 100})
    for (size_t count : {1, 2, 3, 7}) {
      size_t end = 0;
      for (size_t i = 0; i < count; i++) {
        Range part = share(n, 8, i, count);
        CHECK(part.begin == end && (part.begin % 8 == 0 || part.size() == 0));
        end = part.end;
      }
      CHECK(end == n);
    }
}

// ------------------------------------------------------------------------------------------------
// vector_math

/// The largest error of `f` in units of the last place of the exact result. Where long double is double
/// (macOS on ARM, Windows) the exact result of a double is rounded itself, and a unit is allowed for that.
template <class T, class F, class Exact>
double error_in_ulps(double low, double high, F f, Exact exact) {
  constexpr int steps = 40'000;
  double largest = 0;
  for (int i = 0; i < steps; i += lanes<T>) {
    vec<T> x{};
    for (int j = 0; j < lanes<T>; j++) x[j] = T(low + (high - low) * (i + j) / steps);
    vec<T> y = f(x);
    for (int j = 0; j < lanes<T>; j++) {
      Real right = exact(Real(x[j]));
      T nearest = std::abs(T(right));
      Real ulp = Real(std::nextafter(nearest, std::numeric_limits<T>::infinity())) - Real(nearest);
      largest = std::max(largest, double(std::abs(Real(y[j]) - right) / ulp));
    }
  }
  constexpr bool rounded = std::numeric_limits<Real>::digits <= std::numeric_limits<T>::digits;
  return rounded ? largest - 1 : largest;
}

template <class T>
void test_vector_math() {
  constexpr bool is_float = sizeof(T) == 4;
  auto exp = [](vec<T> x) { return exponential<T>(x); };
  auto log = [](vec<T> x) { return logarithm<T>(x); };
  auto tanh = [](vec<T> x) { return hyperbolic_tangent<T>(x); };
  auto logistic_of = [](vec<T> x) { return logistic<T>(x); };
  auto log1p = [](vec<T> x) { return log_one_plus<T>(x); };
  auto cdf = [](vec<T> x) { return normal_distribution<T>(x); };
  auto exact_exp = [](Real x) { return std::exp(x); };
  auto exact_log = [](Real x) { return std::log(x); };
  auto exact_tanh = [](Real x) { return std::tanh(x); };
  auto exact_logistic = [](Real x) { return 1 / (1 + std::exp(-x)); };
  auto exact_log1p = [](Real x) { return std::log1p(x); };
  auto exact_cdf = [](Real x) { return std::erfc(-x * std::sqrt(Real(0.5))) / 2; };

  CHECK(error_in_ulps<T>(is_float ? -87 : -708, is_float ? 88 : 709, exp, exact_exp) < 2);
  CHECK(error_in_ulps<T>(is_float ? -104 : -745, is_float ? -87 : -708, exp, exact_exp) <
        2);  // denormal results
  CHECK(error_in_ulps<T>(0.01, 100, log, exact_log) < 2);
  CHECK(error_in_ulps<T>(1e-30, 1e30, log, exact_log) < 2);
  CHECK(error_in_ulps<T>(-10, 10, tanh, exact_tanh) < 2);
  CHECK(error_in_ulps<T>(-1e-3, 1e-3, tanh, exact_tanh) < 2);
  CHECK(error_in_ulps<T>(-80, 80, logistic_of, exact_logistic) < 3);
  CHECK(error_in_ulps<T>(0, 1, log1p, exact_log1p) < 2);
  CHECK(error_in_ulps<T>(0, 8, cdf, exact_cdf) < 2);
  CHECK(error_in_ulps<T>(-1, 0, cdf, exact_cdf) < 4);
  if (!is_float) CHECK(error_in_ulps<T>(-8, -1, cdf, exact_cdf) < 2 * 64);  // x² of the rounding of x
  for (double x = -15; x < 15; x += 0.01) CHECK(std::abs(cdf(fill(T(x)))[0] - exact_cdf(T(x))) < epsilon<T>);

  const T inf = T(infinity), nan = T(std::nan(""));
  CHECK(exponential<T>(fill(inf))[0] == inf && exponential<T>(fill(-inf))[0] == 0);
  CHECK(std::isnan(exponential<T>(fill(nan))[0]));
  CHECK(hyperbolic_tangent<T>(fill(inf))[0] == 1 && hyperbolic_tangent<T>(fill(-inf))[0] == -1);
  CHECK(std::isnan(hyperbolic_tangent<T>(fill(nan))[0]));
  CHECK(std::signbit(hyperbolic_tangent<T>(fill(T(-0.0)))[0]));
  CHECK(logistic<T>(fill(inf))[0] == 1 && logistic<T>(fill(-inf))[0] == 0);
  CHECK(std::isnan(logistic<T>(fill(nan))[0]));
  CHECK(std::isnan(maximum<T>(fill(nan), fill(T(1)))[0]) && std::isnan(maximum<T>(fill(T(1)), fill(nan))[0]));
  CHECK(square_root<T>(fill(T(2)))[0] == std::sqrt(T(2)));
}

// -------------------------------------------------------------------------------------------------------
// gemm

/// Whether `got` is Σ_k a(k) b(k) but for rounding: within n ε Σ |a b|.
template <class T, class Term>
bool is_dot(T got, size_t n, T start, Term term) {
  Real total = start, size = std::abs(start);
  for (size_t k = 0; k < n; k++) total += term(k), size += std::abs(term(k));
  return std::abs(Real(got) - total) <= Real(n + 2) * epsilon<T> * size;
}

template <class T>
void test_gemm() {
  Random random;
  constexpr size_t panel = Matrix<T>::panel;
  for (size_t rows : {1, 2, 7, 8, 33})
    for (size_t inner : {1, 2, 5, 8, 16, 31, 40, 256, 257, 600})
      for (size_t cols : {1, 2, 3, 4, 8, 9, 17, 32, 45}) {
        Matrix<T> a = random_matrix<T>(rows, inner, random), b = random_matrix<T>(inner, cols, random);
        Matrix<T> start = random_matrix<T>(1, cols, random), out(rows, cols);
        auto term = [&](size_t r, size_t c) {
          return [&, r, c](size_t k) { return Real(a(r, k)) * b(k, c); };
        };
        product(a, {0, rows}, b, out);
        for (size_t r = 0; r < rows; r++)
          for (size_t c = 0; c < cols; c++) CHECK(is_dot<T>(out(r, c), inner, 0, term(r, c)));
        product(a, {0, rows}, b, b.all_panels(), [&](size_t p) { return start.at(0, p); }, out);
        for (size_t r = 0; r < rows; r++)
          for (size_t c = 0; c < cols; c++) CHECK(is_dot<T>(out(r, c), inner, start(0, c), term(r, c)));

        // aᵀ · d, as a dense layer's gradient: both factors are read by rows.
        Matrix<T> d = random_matrix<T>(rows, cols, random);
        alignas(64) T tile[std::max(tile_columns<T> * panel, size_t(lanes<T> * lanes<T>))];
        for (size_t p = 0; p < d.panels(); p++) {
          auto check = [&](size_t i, size_t n) {
            for (size_t j = 0; j < n; j++)
              for (size_t c = 0; c < d.used(p); c++)
                CHECK(is_dot<T>(tile[j * d.width(p) + c], rows, start(0, p * panel + c),
                                [&](size_t r) { return Real(a(r, i + j)) * d(r, p * panel + c); }));
          };
          for (size_t i = 0, n; i < inner; i += n) {
            n = std::min({inner - i, panel - i % panel, tile_columns<T>});  // within one panel of a
            tile_by_columns<T>(int(n), d.width(p) == panel, a, {0, rows}, i, d.at(0, p), start.at(0, p), 0,
                               tile);
            check(i, n);
          }
          if (d.used(p) > narrow<T>) continue;
          for (size_t i = 0; i < inner; i += lanes<T>) {
            narrow_tile<T>(d.used(p), a, {0, rows}, i, d.at(0, p), start.at(0, p), 0, tile);
            check(i, std::min(inner - i, size_t(lanes<T>)));
          }
        }
      }
}

// -----------------------------------------------------------------------------------------------------
// gather

/// Numbers of either sign where S has them; every fifth is at an end of the range of S, or of float.
template <class S>
std::vector<S> numbers(size_t count) {
  using Limits = std::numeric_limits<std::conditional_t<std::is_integral_v<S>, S, float>>;
  const S extremes[] = {S(Limits::lowest()), S(Limits::max()), S(Limits::max() / 2), S(Limits::min())};
  Random random;
  std::vector<S> x(count);
  for (size_t i = 0; i < count; i++) {
    double number = 100 * random();
    x[i] = i % 5 == 0 ? extremes[i / 5 % 4] : S(std::is_signed_v<S> ? number : std::abs(number));
  }
  return x;
}

/// Sums of products block by block, added up over two parts of the rows.
template <class T>
void test_gram() {
  Random random;
  for (size_t rows : {1, 9, 70})
    for (size_t left : {1, 5, 64, 70, 150})
      for (size_t right : {1, 7, 65, 131}) {
        Matrix<T> a = random_matrix<T>(rows, left, random), b = random_matrix<T>(rows, right, random);
        Matrix<T> product(left, right), square(left, left);  // zeros
        for (int part = 0; part < 2; part++) {
          for (size_t i = 0; i < product_blocks(left, right); i++) add_product(a, b, rows, i, product);
          for (size_t i = 0; i < gram_blocks(left); i++) add_gram(a, rows, i, square);
        }
        auto twice = [&](const Matrix<T>& d, size_t i, size_t j) {
          return [&, i, j](size_t r) { return Real(a(r % rows, i)) * d(r % rows, j); };
        };
        for (size_t i = 0; i < left; i++) {
          for (size_t j = 0; j < right; j++) CHECK(is_dot<T>(product(i, j), 2 * rows, 0, twice(b, i, j)));
          for (size_t j = i; j < left; j++) CHECK(is_dot<T>(square(i, j), 2 * rows, 0, twice(a, i, j)));
        }
      }
}

template <class T, class S>
void test_gather_numbers(Number number) {
  constexpr size_t rows = 9;
  const int64_t order[] = {8, 0, 3, 3, 7};
  for (size_t cols : {21, 32, 45}) {  // of AVX-512's floats no panel is full, one, one and a part of the next
    const size_t step = cols + 4;     // rows further apart than they are long
    const std::vector<S> x = numbers<S>(rows * step);
    Data data;
    data.number = number, data.values = x.data(), data.row_bytes = ptrdiff_t(step * sizeof(S));
    for (bool scaled : {false, true}) {
      Change<T> change;
      if (scaled) change = {T(3), T(0.5), T(0.25)};
      Matrix<T> in_order(5, cols), first(5, cols);
      gather(data, order, change, in_order, {0, 5});
      gather(data, nullptr, change, first, {0, 5});
      for (size_t r = 0; r < 5; r++)
        for (size_t c = 0; c < cols; c++) {
          CHECK(in_order(r, c) == change(T(x[size_t(order[r]) * step + c])));
          CHECK(first(r, c) == change(T(x[r * step + c])));
        }
    }
  }
}

template <class T, class I>
void test_gather_csr() {
  const float values[] = {1, 2, 3, 4};
  const I columns[] = {0, 20, 5, 6}, starts[] = {0, 2, 2, 4};
  Data data;
  data.number = Number::f32, data.values = values, data.columns = columns, data.starts = starts;
  data.wide_index = sizeof(I) == 8;
  const int64_t order[] = {2, 1, 0};
  const Change<T> change{T(1), T(2), T(0)};
  Matrix<T> m(3, 21);
  gather(data, order, change, m, {0, 3});
  for (size_t r = 0; r < 3; r++)
    for (size_t c = 0; c < 21; c++) {
      T value = 0;
      for (I i = starts[order[r]]; i < starts[order[r] + 1]; i++)
        if (size_t(columns[i]) == c) value = T(values[i]);
      CHECK(m(r, c) == change(value));
    }
}

template <class T>
void test_gather() {
  test_gather_numbers<T, uint8_t>(Number::u8);
  test_gather_numbers<T, int8_t>(Number::i8);
  test_gather_numbers<T, uint16_t>(Number::u16);
  test_gather_numbers<T, int16_t>(Number::i16);
  test_gather_numbers<T, uint32_t>(Number::u32);
  test_gather_numbers<T, int32_t>(Number::i32);
  test_gather_numbers<T, uint64_t>(Number::u64);
  test_gather_numbers<T, int64_t>(Number::i64);
  test_gather_numbers<T, float>(Number::f32);
  test_gather_numbers<T, double>(Number::f64);
  test_gather_csr<T, int32_t>();
  test_gather_csr<T, int64_t>();
}

// -----------------------------------------------------------------------------------------------------
// sparse

template <class T>
void test_sparse() {
  Random random;
  constexpr size_t panel = Matrix<T>::panel;
  for (size_t inputs : {1, 7, 64, 200})
    for (size_t units : {1, 5, 20, 40, 150}) {
      constexpr size_t rows = 19;
      const T fill_value = T(0.75);
      Matrix<T> x = random_matrix<T>(rows, inputs, random, 0.8);
      Matrix<T> w = random_matrix<T>(inputs + 1, units, random);  // the biases are its last row
      Matrix<T> z(rows, units), d_z = random_matrix<T>(rows, units, random);
      SparseInputs<T> sparse(inputs, units, rows, 1);
      for (size_t q = 0; q < w.panels(); q++)
        for (size_t k = 0; k < inputs; k += Matrix<T>::panel)
          sparse.add_up(w, {k, std::min(k + Matrix<T>::panel, inputs)}, q);
      if (sparse.forward(x, {0, rows}, w, sparse.start(w, fill_value, 0), z))
        for (size_t r = 0; r < rows; r++)
          for (size_t u = 0; u < units; u++)
            CHECK(is_dot<T>(z(r, u), 2 * inputs, w(inputs, u), [&](size_t k) {
              return k < inputs ? Real(x(r, k)) * w(k, u) : Real(fill_value) * w(k - inputs, u);
            }));
      else
        CHECK(inputs == 1);  // so few numbers that most may be non-zero

      sparse.take_fill_value(d_z, {0, rows}, fill_value, 0);
      for (size_t p = 0; p < x.panels(); p++) {
        sparse.take_columns(x, {0, rows}, p, 0);
        size_t seen = 0;
        sparse.tiles(d_z, x.used(p), d_z.all_panels(), 0, [&](size_t q, const T* tile) {
          CHECK(q == seen++);
          for (size_t i = 0; i < x.used(p); i++)
            for (size_t j = 0; j < d_z.used(q); j++)
              CHECK(is_dot<T>(tile[i * d_z.width(q) + j], rows, 0, [&](size_t r) {
                return (Real(x(r, p * panel + i)) + fill_value) * d_z(r, q * panel + j);
              }));
        });
        CHECK(seen == d_z.panels());
      }
    }
}

// -----------------------------------------------------------------------------------------------------
// philox

/// The known answers of Random123's kat_vectors.
void test_philox() {
  uint64_t out[4];
  auto is = [&](uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    return out[0] == a && out[1] == b && out[2] == c && out[3] == d;
  };
  philox(0, 0, 0, 0, 0, 0, out);
  CHECK(is(0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b));
  constexpr uint64_t ones = ~uint64_t(0);
  philox(ones, ones, ones, ones, ones, ones, out);
  CHECK(is(0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0));
  philox(0x452821e638d01377, 0xbe5466cf34e90c6c, 0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0,
         0x082efa98ec4e6c89, out);
  CHECK(is(0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6));

  uint32_t whole[20], part[6];
  philox_lanes(1, 2, 3, 0, 20, whole);
  philox(1, 2, 1, 3, 0, 0, out);
  CHECK(whole[0] == uint32_t(out[0]) && whole[1] == uint32_t(out[0] >> 32) &&
        whole[7] == uint32_t(out[3] >> 32));
  philox_lanes(1, 2, 3, 5, 6, part);
  CHECK(std::equal(part, part + 6, whole + 5));
}

template <class T>
void test_all() {
  test_vectors<T>();
  test_matrices<T>();
  test_vector_math<T>();
  test_gemm<T>();
  test_gram<T>();
  test_gather<T>();
  test_sparse<T>();
}

}  // namespace

void test_kernels() {
  test_all<float>();
  test_all<double>();
  test_philox();
}

}  // namespace deltaprop::DELTAPROP_TARGET
