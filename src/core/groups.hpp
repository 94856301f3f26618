// Groups of columns: the members of an ensemble pass through layers of their own, each with matrices of its
// own. Where the groups begin, columns are repeated or divided; where they end, they are put side by side.
#pragma once

#include <vector>

#include "dense.hpp"

namespace deltaprop::DELTAPROP_TARGET {

/// Copies n columns of these rows, from column `i` of one matrix to column `j` of another.
template <class T>
inline void copy_columns(const Matrix<T>& from, size_t i, Matrix<T>& to, size_t j, size_t n, Range rows) {
  constexpr size_t L = lanes<T>;
  if (i % L == 0 && j % L == 0 && n % L == 0) {
    for (size_t c = 0; c < n; c += L)
      for (size_t r = rows.begin; r < rows.end; r++) store(&to(r, j + c), load(&from(r, i + c)));
  } else {
    for (size_t c = 0; c < n; c++)
      for (size_t r = rows.begin; r < rows.end; r++) to(r, j + c) = from(r, i + c);
  }
}

/// A layer with a row of edges, the groups, on one side.
template <class T>
class Grouping : public Layer<T> {
 public:
  explicit Grouping(std::vector<Edge<T>*> groups) : groups(std::move(groups)) {}

  const std::vector<Edge<T>*> groups;

 protected:
  using Member = Matrix<T>* Edge<T>::*;  // which matrix of an edge

  void divide(const Matrix<T>& whole, Member part, Range rows) const {
    size_t at = 0;
    for (Edge<T>* group : groups) {
      Matrix<T>& to = *(group->*part);
      copy_columns(whole, at, to, 0, to.cols(), rows);
      at += to.cols();
    }
  }
  void collect(Member part, Matrix<T>& whole, Range rows) const {
    size_t at = 0;
    for (const Edge<T>* group : groups) {
      const Matrix<T>& from = *(group->*part);
      copy_columns(from, 0, whole, at, from.cols(), rows);
      at += from.cols();
    }
  }
};

/// Every group has the same x, which is not copied.   d_x = Σ d_y
template <class T>
class Repeat final : public Grouping<T> {
 public:
  using Grouping<T>::Grouping;

  void forward(const Pass<T>&, Range, const Worker<T>&) override {}
  void tangent(const Pass<T>&, Range, const Worker<T>&) override {}
  void backward(const Pass<T>&, Range rows, const Worker<T>&) override {
    if (this->wants_d_x) add_up(&Edge<T>::delta, *this->d_x, rows);
  }
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    backward(pass, rows, worker);
    if (this->wants_d_x) add_up(&Edge<T>::r_delta, *this->r_d_x, rows);
  }

 private:
  void add_up(typename Grouping<T>::Member part, Matrix<T>& sum, Range rows) const {
    for (const Edge<T>* group : this->groups) {
      bool first = group == this->groups.front();
      auto term = [&](T* to, const T* d) { store(to, first ? load(d) : load(to) + load(d)); };
      each_vector<T>(rows, term, sum, *(group->*part));
    }
  }
};

/// Each group has its own columns of x.
template <class T>
class Divide final : public Grouping<T> {
 public:
  using Grouping<T>::Grouping;

  void forward(const Pass<T>&, Range rows, const Worker<T>&) override {
    this->divide(*this->x, &Edge<T>::value, rows);
  }
  void tangent(const Pass<T>&, Range rows, const Worker<T>&) override {
    this->divide(*this->t_x, &Edge<T>::tangent, rows);
  }
  void backward(const Pass<T>&, Range rows, const Worker<T>&) override {
    if (this->wants_d_x) this->collect(&Edge<T>::delta, *this->d_x, rows);
  }
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    backward(pass, rows, worker);
    if (this->wants_d_x) this->collect(&Edge<T>::r_delta, *this->r_d_x, rows);
  }
};

/// y is the groups side by side.
template <class T>
class Collect final : public Grouping<T> {
 public:
  using Grouping<T>::Grouping;

  void forward(const Pass<T>&, Range rows, const Worker<T>&) override {
    this->collect(&Edge<T>::value, *this->y, rows);
  }
  void tangent(const Pass<T>&, Range rows, const Worker<T>&) override {
    this->collect(&Edge<T>::tangent, *this->t_y, rows);
  }
  void backward(const Pass<T>&, Range rows, const Worker<T>&) override {
    this->divide(*this->d_y, &Edge<T>::delta, rows);
  }
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    backward(pass, rows, worker);
    this->divide(*this->r_d_y, &Edge<T>::r_delta, rows);
  }
};

/// Another use of the weights of a dense layer, by group `group`; that layer computes the gradient of all.
template <class T>
class SharedDense final : public Layer<T> {
 public:
  SharedDense(Dense<T>& owner, size_t group) : owner_(owner), group_(group) { owner.uses.push_back(this); }

  bool output_free() const override { return true; }
  bool whole_batch(const Pass<T>& pass) const override { return owner_.whole_batch(pass); }
  void forward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    owner_.forward(pass, rows, worker, *this, group_);
  }
  void backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    owner_.backward(pass, rows, worker, *this);
  }
  void tangent(const Pass<T>&, Range rows, const Worker<T>&) override { owner_.tangent(rows, *this, group_); }
  void r_backward(const Pass<T>& pass, Range rows, const Worker<T>& worker) override {
    owner_.r_backward(pass, rows, worker, *this);
  }

 private:
  Dense<T>& owner_;
  size_t group_;
};

}  // namespace deltaprop::DELTAPROP_TARGET
