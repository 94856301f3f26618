// Each of the first inputs x becomes x and z = u cos(2π frequency x + phase) + c; the others stay.
//
// With d = uᵀ d_z and b = −d ⊙ sin(…):
//   d_u = Σ d_z cos(…)ᵀ,  d_c = Σ d_z,  d_phase = Σ b,  d_frequency = 2π Σ b x,  d_x += 2π Σ frequency ⊙ b
//
// Vectors hold one column of as many rows. Sines and cosines are computed again where they are needed, which
// is faster than to read them.
#pragma once

#include <vector>

#include "columns.hpp"
#include "layer.hpp"
#include "vector_math.hpp"

namespace deltaprop::DELTAPROP_TARGET {

template <class T>
class PeriodicEmbedding final : public Layer<T> {
 public:
  struct Shape {
    size_t columns, frequencies, units;
  };
  struct Offsets {
    size_t frequency, phase, u, c;
  };

  PeriodicEmbedding(size_t inputs, Shape shape, Offsets at, size_t threads)
      : inputs_(inputs), columns_(shape.columns), waves_(shape.frequencies), units_(shape.units), at_(at) {
    for (size_t t = 0; t < threads; t++) sums_.emplace_back(room());
  }

  size_t outputs() const { return inputs_ + columns_ * units_; }

  void forward(const Pass<T>&, Range rows, const Worker<T>&) override {
    Parameters p = parameters(this->own.theta);
    each_group(rows, [&](size_t j, size_t r, size_t) {
      vec<T> x = Column<T>(*this->x, r, j).get();
      Column<T>(*this->y, r, place(j)).set(x);
      each_few(j, [&](size_t first, size_t n) {
        vec<T> cosine[few];
        for (size_t i = 0; i < n; i++) cosine[i] = wave(p, first + i, x).cosine;
        for (size_t k = 0; k < units_; k++) {
          Column<T> z(*this->y, r, place(j) + 1 + k);
          vec<T> sum = first == j * waves_ ? fill(p.c[j * units_ + k]) : z.get();
          const T* u = p.u + mixing(first, k);
          for (size_t i = 0; i < n; i++) sum += u[i] * cosine[i];
          z.set(sum);
        }
      });
    });
    copy_rest(rows, *this->x, *this->y);
  }

  void backward(const Pass<T>&, Range rows, const Worker<T>&) override {
    if (!this->wants_d_x) return;
    Parameters p = parameters(this->own.theta);
    each_group(rows, [&](size_t j, size_t r, size_t) {
      vec<T> x = Column<T>(*this->x, r, j).get(), along{};
      each_few(j, [&](size_t first, size_t n) {
        vec<T> d[few] = {};
        mix(p, *this->d_y, j, r, lanes<T>, first, n, d);
        for (size_t i = 0; i < n; i++) along -= p.frequency[first + i] * d[i] * wave(p, first + i, x).sine;
      });
      Column<T>(*this->d_x, r, j).set(Column<T>(*this->d_y, r, place(j)).get() + circle * along);
    });
    copy_back(rows, *this->d_y, *this->d_x);
  }

  void tangent(const Pass<T>& pass, Range rows, const Worker<T>&) override {
    Parameters p = parameters(this->own.theta), change = parameters(pass.direction);
    each_group(rows, [&](size_t j, size_t r, size_t) {
      vec<T> x = Column<T>(*this->x, r, j).get(), t = Column<T>(*this->t_x, r, j).get();
      Column<T>(*this->t_y, r, place(j)).set(t);
      each_few(j, [&](size_t first, size_t n) {
        vec<T> cosine[few], turned[few];  // turned: R{cos(…)}
        for (size_t i = 0; i < n; i++) {
          SineAndCosine<T> of = wave(p, first + i, x);
          cosine[i] = of.cosine;
          turned[i] = -of.sine * turn(p, change, first + i, x, t);
        }
        for (size_t k = 0; k < units_; k++) {
          Column<T> z(*this->t_y, r, place(j) + 1 + k);
          vec<T> sum = first == j * waves_ ? fill(change.c[j * units_ + k]) : z.get();
          const T *u = p.u + mixing(first, k), *r_u = change.u + mixing(first, k);
          for (size_t i = 0; i < n; i++) sum += u[i] * turned[i] + r_u[i] * cosine[i];
          z.set(sum);
        }
      });
    });
    copy_rest(rows, *this->t_x, *this->t_y);
  }

  /// R{b} = −R{d} sin(…) − d cos(…) R{…},   R{d_x} += 2π Σ frequency R{b} + R{frequency} b
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    backward(pass, rows, worker);
    if (!this->wants_d_x) return;
    Parameters p = parameters(this->own.theta), change = parameters(pass.direction);
    each_group(rows, [&](size_t j, size_t r, size_t) {
      vec<T> x = Column<T>(*this->x, r, j).get(), t = Column<T>(*this->t_x, r, j).get(), along{};
      each_few(j, [&](size_t first, size_t n) {
        Bends b(*this, p, change, j, r, lanes<T>, first, n, x, t);
        for (size_t i = 0; i < n; i++)
          along += p.frequency[first + i] * b.r_bend[i] + change.frequency[first + i] * b.bend[i];
      });
      Column<T>(*this->r_d_x, r, j).set(Column<T>(*this->r_d_y, r, place(j)).get() + circle * along);
    });
    copy_back(rows, *this->r_d_y, *this->r_d_x);
  }

  void gradient(const Pass<T>&, Range rows, size_t piece, const Worker<T>& worker,
                const Sink<T>& sink) override {
    Range mine = share(columns_, 1, piece, worker.count);
    for (size_t j = mine.begin; j < mine.end; j++) {
      T* sums = sums_[worker.index].data();
      add_up(j, rows, sums);
      give_sums(j, sums, sink);
    }
  }

  void r_gradient(const Pass<T>& pass, Range rows, size_t piece, const Worker<T>& worker,
                  const Sink<T>& sink) override {
    Range mine = share(columns_, 1, piece, worker.count);
    for (size_t j = mine.begin; j < mine.end; j++) {
      T* sums = sums_[worker.index].data();
      r_add_up(pass, j, rows, sums);
      give_sums(j, sums, sink);
    }
  }

  void each_place(const Worker<T>& worker, const std::function<void(const Place&)>& body) const override {
    Range mine = worker.share_of(columns_);
    if (mine.size() > 0) each_array([&](size_t offset, size_t n) { body(place_of(offset, n, mine)); });
  }

  void sample_gradient(const Pass<T>&, size_t r, T* grad) override {
    std::vector<T> sums(room());
    for (size_t j = 0; j < columns_; j++) {
      add_up(j, {r, r + 1}, sums.data());
      const T* from = sums.data();
      each_array([&](size_t offset, size_t n) {
        std::copy_n(from, n, grad + offset + j * n);
        from += n;
      });
    }
  }

 private:
  static constexpr size_t few = 16;  // frequencies at a time
  static constexpr T circle = T(6.28318530717958647693), per_turn = T(0.159154943091895335769);

  /// The arrays within a vector of theta's layout.
  struct Parameters {
    const T *frequency, *phase, *u, *c;
  };
  Parameters parameters(const T* theta) const {
    return {theta + at_.frequency, theta + at_.phase, theta + at_.u, theta + at_.c};
  }

  /// body(offset, numbers of a column) for each array, in the order of the sums
  template <class Body>
  void each_array(Body body) const {
    body(at_.frequency, waves_);
    body(at_.phase, waves_);
    body(at_.u, units_ * waves_);
    body(at_.c, units_);
  }
  Place place_of(size_t offset, size_t n, Range columns) const {
    return this->part_of(offset, {columns.begin * n, columns.end * n});
  }
  size_t room() const { return (2 * waves_ + units_ * waves_ + units_) * lanes<T>; }

  /// Where column j begins among the outputs.
  size_t place(size_t j) const { return j * (1 + units_); }
  /// Where the weights of unit k begin for wave `first` of all columns.
  size_t mixing(size_t first, size_t k) const {
    size_t j = first / waves_;
    return (j * units_ + k) * waves_ + (first - j * waves_);
  }

  /// body(column, row, rows) for every column and a vector's worth of rows
  template <class Body>
  void each_group(Range rows, Body body) const {
    for (size_t j = 0; j < columns_; j++) each_group(j, rows, body);
  }
  template <class Body>
  static void each_group(size_t j, Range rows, Body body) {
    for (size_t r = rows.begin; r < rows.end; r += lanes<T>)
      body(j, r, std::min(rows.end - r, size_t(lanes<T>)));
  }
  /// body(first, n) for the waves of a column
  template <class Body>
  void each_few(size_t j, Body body) const {
    for (size_t f = j * waves_; f < (j + 1) * waves_; f += few) body(f, std::min((j + 1) * waves_ - f, few));
  }

  static SineAndCosine<T> wave(const Parameters& p, size_t f, vec<T> x) {
    return SineAndCosine<T>(p.frequency[f] * x + p.phase[f] * per_turn);
  }
  /// The change of the angle of wave f
  static vec<T> turn(const Parameters& p, const Parameters& change, size_t f, vec<T> x, vec<T> t) {
    return circle * (change.frequency[f] * x + p.frequency[f] * t) + change.phase[f];
  }

  /// d += uᵀ d_z, some waves of it
  void mix(const Parameters& p, Matrix<T>& d_z, size_t j, size_t r, size_t rows, size_t first, size_t n,
           vec<T>* d) const {
    for (size_t k = 0; k < units_; k++) {
      vec<T> from = Column<T>(d_z, r, place(j) + 1 + k).get(rows);
      const T* u = p.u + mixing(first, k);
      for (size_t i = 0; i < n; i++) d[i] += u[i] * from;
    }
  }

  /// b and its change, of some waves.
  struct Bends {
    vec<T> cosine[few], turned[few], bend[few], r_bend[few];  // turned: R{cos(…)}

    Bends(const PeriodicEmbedding& layer, const Parameters& p, const Parameters& change, size_t j, size_t r,
          size_t rows, size_t first, size_t n, vec<T> x, vec<T> t) {
      vec<T> d[few] = {}, r_d[few] = {};
      layer.mix(p, *layer.d_y, j, r, rows, first, n, d);
      layer.mix(p, *layer.r_d_y, j, r, rows, first, n, r_d);
      layer.mix(change, *layer.d_y, j, r, rows, first, n, r_d);
      for (size_t i = 0; i < n; i++) {
        SineAndCosine<T> of = wave(p, first + i, x);
        vec<T> angle = turn(p, change, first + i, x, t);
        cosine[i] = of.cosine, turned[i] = -of.sine * angle;
        bend[i] = -d[i] * of.sine;
        r_bend[i] = -r_d[i] * of.sine - d[i] * of.cosine * angle;
      }
    }
  };

  /// The sums over the rows of what `each_array` names, of column j.
  void add_up(size_t j, Range rows, T* sums) const {
    Parameters p = parameters(this->own.theta);
    std::fill_n(sums, room(), T(0));
    auto add = [&](size_t i, vec<T> v) { store(sums + i * lanes<T>, load(sums + i * lanes<T>) + v); };
    size_t of_u = 2 * waves_, of_c = of_u + units_ * waves_;
    each_group(j, rows, [&](size_t, size_t r, size_t count) {
      vec<T> x = Column<T>(*this->x, r, j).get(count);
      each_few(j, [&](size_t first, size_t n) {
        size_t f = first - j * waves_;
        vec<T> sine[few], cosine[few], d[few] = {};
        for (size_t i = 0; i < n; i++) {
          SineAndCosine<T> of = wave(p, first + i, x);
          sine[i] = of.sine, cosine[i] = of.cosine;
        }
        for (size_t k = 0; k < units_; k++) {
          vec<T> d_z = Column<T>(*this->d_y, r, place(j) + 1 + k).get(count);
          const T* u = p.u + mixing(first, k);
          if (f == 0) add(of_c + k, d_z);
          for (size_t i = 0; i < n; i++) {
            d[i] += u[i] * d_z;
            add(of_u + k * waves_ + f + i, d_z * cosine[i]);
          }
        }
        for (size_t i = 0; i < n; i++) {
          vec<T> bend = -d[i] * sine[i];
          add(f + i, circle * bend * x);
          add(waves_ + f + i, bend);
        }
      });
    });
    reduce(sums);
  }

  void r_add_up(const Pass<T>& pass, size_t j, Range rows, T* sums) const {
    Parameters p = parameters(this->own.theta), change = parameters(pass.direction);
    std::fill_n(sums, room(), T(0));
    auto add = [&](size_t i, vec<T> v) { store(sums + i * lanes<T>, load(sums + i * lanes<T>) + v); };
    size_t of_u = 2 * waves_, of_c = of_u + units_ * waves_;
    each_group(j, rows, [&](size_t, size_t r, size_t count) {
      vec<T> x = Column<T>(*this->x, r, j).get(count), t = Column<T>(*this->t_x, r, j).get(count);
      each_few(j, [&](size_t first, size_t n) {
        size_t f = first - j * waves_;
        Bends b(*this, p, change, j, r, count, first, n, x, t);
        for (size_t i = 0; i < n; i++) {
          add(f + i, circle * (b.r_bend[i] * x + b.bend[i] * t));
          add(waves_ + f + i, b.r_bend[i]);
        }
        for (size_t k = 0; k < units_; k++) {
          vec<T> d_z = Column<T>(*this->d_y, r, place(j) + 1 + k).get(count);
          vec<T> r_d_z = Column<T>(*this->r_d_y, r, place(j) + 1 + k).get(count);
          if (f == 0) add(of_c + k, r_d_z);
          for (size_t i = 0; i < n; i++)
            add(of_u + k * waves_ + f + i, r_d_z * b.cosine[i] + d_z * b.turned[i]);
        }
      });
    });
    reduce(sums);
  }

  /// Each vector's sum takes the place of its number, which is never behind the vector.
  void reduce(T* sums) const {
    for (size_t i = 0; i < room() / lanes<T>; i++) sums[i] = sum<T>(load(sums + i * lanes<T>));
  }

  void give_sums(size_t j, T* sums, const Sink<T>& sink) {
    each_array([&](size_t offset, size_t n) {
      this->give(sink, sums, n, place_of(offset, n, {j, j + 1}));
      sums += n;
    });
  }

  void copy_rest(Range rows, Matrix<T>& in, Matrix<T>& out) const {
    copy_columns(rows, in, columns_, inputs_ - columns_, out, place(columns_));
  }
  void copy_back(Range rows, Matrix<T>& out, Matrix<T>& in) const {
    copy_columns(rows, out, place(columns_), inputs_ - columns_, in, columns_);
  }

  size_t inputs_, columns_, waves_, units_;
  Offsets at_;
  std::vector<Buffer<T>> sums_;  // by threads
};

}  // namespace deltaprop::DELTAPROP_TARGET
