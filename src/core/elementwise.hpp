// Elementwise layers: activation, scale, dropout.
#pragma once

#include "activation.hpp"
#include "layer.hpp"
#include "philox.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// a = f(z).   d_z = d_a ⊙ f′(z)
template <class T>
class Activation final : public Symmetric<T> {
 public:
  /// `number` is its own among the activation layers of the network.
  Activation(Function function, T alpha, T flat, size_t number)
      : number(number), function_(function), alpha_(alpha), flat_(flat) {}

  const size_t number;

  bool in_place() const override {
    bool from_a = false;
    with_function<T>(function_, alpha_, [&](auto f) { from_a = f.from_a; });
    return from_a;
  }

  void forward(const Pass<T>&, Range rows, const Worker<T>&) override {
    with_function<T>(function_, alpha_, [&](auto f) {
      each_vector<T>(rows, [&](T* a, const T* z) { store(a, f.f(load(z))); }, *this->y, *this->x);
    });
  }

  /// Counts, for every unit, the rows in which f′ is not 0, and those in which |f′| is below `flat`.
  void count_slopes(Range rows, T* alive, T* flat) const {
    with_function<T>(function_, alpha_, [&](auto f) {
      vec<T> one = fill(T(1)), zero{};
      for (size_t c = 0; c < this->y->cols(); c += lanes<T>) {
        auto slope = [&](const T* z, const T* a) { return absolute<T>(f.df(load(z), load(a))); };
        auto living = [&](const T* z, const T* a) { return slope(z, a) == zero ? zero : one; };
        auto lying = [&](const T* z, const T* a) { return slope(z, a) < flat_ ? one : zero; };
        store(alive + c, load(alive + c) + column_sum<T>(rows, c, living, *this->x, *this->y));
        store(flat + c, load(flat + c) + column_sum<T>(rows, c, lying, *this->x, *this->y));
      }
    });
  }

 private:
  void jacobian(const Pass<T>&, Range rows, Matrix<T>& in, Matrix<T>& out) override {
    with_function<T>(function_, alpha_, [&](auto f) {
      auto slope = [&](T* to, const T* d, const T* z, const T* a) {
        store(to, load(d) * f.df(load(z), load(a)));
      };
      each_vector<T>(rows, slope, out, in, *this->x, *this->y);
    });
  }

  void r_jacobian(Range rows) override {
    with_function<T>(function_, alpha_, [&](auto f) {
      if constexpr (f.curved) {
        auto bend = [&](T* to, const T* d, const T* t, const T* z, const T* a) {
          store(to, load(to) + load(d) * f.d2f(load(z), load(a)) * load(t));
        };
        each_vector<T>(rows, bend, *this->r_d_x, *this->d_y, *this->t_x, *this->x, *this->y);
      }
    });
  }

  Function function_;
  T alpha_, flat_;
};

/// z = factor · x + offset
template <class T>
class Scale final : public Symmetric<T> {
 public:
  Scale(T factor, T offset) : factor_(factor), offset_(offset) {}

  void forward(const Pass<T>&, Range rows, const Worker<T>&) override {
    auto scale = [&](T* y, const T* x) { store(y, load(x) * factor_ + offset_); };
    each_vector<T>(rows, scale, *this->y, *this->x);
  }

 private:
  void jacobian(const Pass<T>&, Range rows, Matrix<T>& in, Matrix<T>& out) override {
    each_vector<T>(rows, [&](T* to, const T* v) { store(to, load(v) * factor_); }, out, in);
  }

  T factor_, offset_;
};

/// a = x ⊙ m in training, where m is 0 or 1 / (1 − rate).   d_x = d_a ⊙ m
template <class T>
class Dropout final : public Symmetric<T> {
 public:
  /// Columns first … first + cols − 1 of layer `index`, of `all` columns; `number` counts the dropout layers.
  Dropout(size_t number, uint64_t index, size_t rows, size_t cols, size_t first, size_t all)
      : number_(number), index_(index), first_(first), all_(all), mask_(rows, cols) {}

  void forward(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    if (drops(pass)) draw(pass, rows);
    jacobian(pass, rows, *this->x, *this->y);
  }

 private:
  bool drops(const Pass<T>& pass) const { return pass.training && pass.dropout[number_] > 0; }

  /// Element (r, j) takes lane r·d + j of the stream that belongs to (seed, layer, step).
  void draw(const Pass<T>& pass, Range rows) {
    const double rate = pass.dropout[number_];
    const uint32_t threshold = uint32_t(rate * 4294967296.0);
    const T kept = T(1 / (1 - rate));
    uint32_t random[Matrix<T>::panel];
    for (size_t r = rows.begin; r < rows.end; r++)
      for (size_t p = 0; p < mask_.panels(); p++) {
        size_t n = mask_.used(p);
        size_t lane = (pass.first + r) * all_ + first_ + p * Matrix<T>::panel;
        philox_lanes(pass.seed, index_, pass.step, lane, n, random);
        T* mask = mask_.at(r, p);
        for (size_t c = 0; c < n; c++) mask[c] = random[c] >= threshold ? kept : T(0);
      }
  }

  void jacobian(const Pass<T>& pass, Range rows, Matrix<T>& in, Matrix<T>& out) override {
    if (drops(pass))
      each_vector<T>(
          rows, [](T* to, const T* v, const T* m) { store(to, load(v) * load(m)); }, out, in, mask_);
    else
      each_vector<T>(rows, [](T* to, const T* v) { store(to, load(v)); }, out, in);
  }

  size_t number_;
  uint64_t index_;
  size_t first_, all_;
  Matrix<T> mask_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
