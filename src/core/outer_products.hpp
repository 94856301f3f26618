// Σ g gᵀ over gradients g that are outer products, as those of dense layers are: g_(i,a) = δ_i x_a.
//
// The block of two layers is Σ (δ_i δ'_j) (x_a x'_b), a product of two matrices with a row for each sample:
// of all products of deltas, summed over the directions of a sample, and of all products of inputs. Within
// one layer both are symmetric, so that half of each will do.
#pragma once

#include <vector>

#include "gram.hpp"
#include "layer.hpp"

namespace deltaprop::DELTAPROP_TARGET {

template <class T>
class OuterProducts {
 public:
  /// For `count` gradients of each sample, taken for `rows` samples at a time by so many threads.
  OuterProducts(std::vector<OuterGradient<T>> layers, size_t rows, size_t count, size_t threads)
      : layers_(std::move(layers)), count_(count) {
    for (const OuterGradient<T>& layer : layers_) {
      delta_at_.push_back(units_);
      input_at_.push_back(inputs_);
      units_ += round_up(layer.units(), lanes<T>) + lanes<T>;
      inputs_ += round_up(layer.inputs(), lanes<T>) + lanes<T>;
    }
    size_t widest = 0;
    for (size_t l = 0; l < layers_.size(); l++)
      for (size_t m = l; m < layers_.size(); m++) {
        auto [left, right] = widths(layers_[l], layers_[m], l == m);
        widest = std::max({widest, left, right});
        pairs_.push_back({l, m, Matrix<T>(rows, left), Matrix<T>(rows, right), Matrix<T>(left, right)});
      }
    deltas_ = Buffer<T>(rows * count * units_ + lanes<T>);
    for (size_t t = 0; t < threads; t++) scratch_.emplace_back(inputs_ + widest + 2 * lanes<T>);
  }

  size_t count() const { return count_; }

  /// Whether this takes less time than the products of the gradients themselves, and not much more memory:
  /// few inputs of many units would give many products of deltas for few of the inputs.
  static bool pay(const std::vector<OuterGradient<T>>& layers, size_t parameters, size_t rows, size_t count) {
    size_t time = 0, memory = 0;
    for (size_t l = 0; l < layers.size(); l++)
      for (size_t m = l; m < layers.size(); m++) {
        auto [left, right] = widths(layers[l], layers[m], l == m);
        // To form a product of two numbers takes some times as long as to use it in a product of matrices.
        time += left * round_up(right, Matrix<T>::panel) + 4 * (left * count + right);
        memory += rows * (left + right) + left * right;
      }
    return time < count * parameters * parameters / 2 &&
           memory < 2 * (rows * count + 2 * parameters) * parameters;
  }

  void clear(const Worker<T>& w) {
    for (Pair& pair : pairs_) {
      Range panels = w.share_of(pair.sums.panels());
      for (size_t p = panels.begin; p < panels.end; p++)
        std::fill_n(pair.sums.at(0, p), pair.sums.stride(), T(0));
    }
  }

  /// Keeps the deltas of direction k, as the backward pass has left them.
  void take(Range rows, size_t k) {
    for (size_t l = 0; l < layers_.size(); l++)
      for (size_t r = rows.begin; r < rows.end; r++)
        copy_out(*layers_[l].delta, {r, r + 1}, delta(r, k, l), 0);
  }

  /// The rows of products of these samples.
  void expand(Range rows, const Worker<T>& w) {
    T *x = scratch_[w.index].data(), *row = x + inputs_;
    for (size_t r = rows.begin; r < rows.end; r++) {
      for (size_t l = 0; l < layers_.size(); l++) {
        copy_out(*layers_[l].x, {r, r + 1}, x + input_at_[l], 0);
        if (layers_[l].has_bias()) x[input_at_[l] + layers_[l].inputs() - 1] = 1;
      }
      for (Pair& pair : pairs_) {
        const OuterGradient<T>&l = layers_[pair.l], &m = layers_[pair.m];
        bool same = pair.l == pair.m;
        for (size_t k = 0; k < count_; k++)
          products(delta(r, k, pair.l), l.units(), delta(r, k, pair.m), m.units(), same, k > 0, row);
        copy_in(row, 0, pair.left, {r, r + 1});
        products(x + input_at_[pair.l], l.inputs(), x + input_at_[pair.m], m.inputs(), same, false, row);
        copy_in(row, 0, pair.right, {r, r + 1});
      }
    }
  }

  /// The blocks that the sums are divided into, and one of them over the first `rows` samples.
  size_t blocks() const {
    size_t total = 0;
    for (const Pair& pair : pairs_) total += pair.blocks();
    return total;
  }

  void add(size_t block, size_t rows) {
    for (Pair& pair : pairs_) {
      if (block < pair.blocks()) return add_product(pair.left, pair.right, rows, block, pair.sums);
      block -= pair.blocks();
    }
  }

  /// Writes this thread's share into the upper triangle of a matrix of n × n parameters.
  void put(T* matrix, size_t n, const Worker<T>& w) {
    T* sums = scratch_[w.index].data() + inputs_;
    for (Pair& pair : pairs_) {
      const OuterGradient<T>&l = layers_[pair.l], &m = layers_[pair.m];
      bool same = pair.l == pair.m;
      Range share = w.share_of(l.units());
      for (size_t i = share.begin; i < share.end; i++)
        for (size_t j = same ? i : 0; j < m.units(); j++) {
          size_t row = same ? half(i, j, m.units()) : i * m.units() + j;
          copy_out(pair.sums, {row, row + 1}, sums, 0);
          for (size_t a = 0; a < l.inputs(); a++)
            for (size_t b = 0; b < m.inputs(); b++) {
              size_t column = same ? half(std::min(a, b), std::max(a, b), m.inputs()) : a * m.inputs() + b;
              size_t first = l.place(i, a), second = m.place(j, b);
              matrix[std::min(first, second) * n + std::max(first, second)] = sums[column];
            }
        }
    }
  }

 private:
  struct Pair {
    size_t l, m;  // layers, l ≤ m
    Matrix<T> left, right, sums;
    size_t blocks() const { return product_blocks(left.cols(), right.cols()); }
  };

  static std::pair<size_t, size_t> widths(const OuterGradient<T>& l, const OuterGradient<T>& m, bool same) {
    if (same) return {l.units() * (l.units() + 1) / 2, l.inputs() * (l.inputs() + 1) / 2};
    return {l.units() * m.units(), l.inputs() * m.inputs()};
  }

  /// The place of (i, j), i ≤ j, in the rows of the upper triangle of n × n one after the other.
  static size_t half(size_t i, size_t j, size_t n) { return i * n - i * (i + 1) / 2 + j; }

  /// row = all products of an entry of u and one of v, of u = v each pair once; or row += these. Behind the
  /// entries of v are zeros up to a whole vector, which the next products overwrite or are added to.
  static void products(const T* u, size_t n, const T* v, size_t m, bool same, bool add, T* row) {
    for (size_t i = 0; i < n; i++) {
      size_t first = same ? i : 0;
      for (size_t j = first; j < m; j += lanes<T>) {
        T* to = row + (j - first);
        vec<T> product = u[i] * load(v + j);
        store(to, add ? load(to) + product : product);
      }
      row += m - first;
    }
  }

  T* delta(size_t row, size_t k, size_t layer) {
    return deltas_.data() + (row * count_ + k) * units_ + delta_at_[layer];
  }

  std::vector<OuterGradient<T>> layers_;
  size_t count_, units_ = 0, inputs_ = 0;    // of all layers, those of each followed by zeros
  std::vector<size_t> delta_at_, input_at_;  // where those of each layer begin
  Buffer<T> deltas_;                         // of each row and direction
  std::vector<Buffer<T>> scratch_;           // of each thread
  std::vector<Pair> pairs_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
