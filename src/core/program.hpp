// A network as a program: a list of operations over preallocated buffers; one call runs many steps.
//
// The interface of the core to the bindings. The implementation is compiled once for each instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "kinds.hpp"

namespace deltaprop {

#define DELTAPROP_NUMBERS(X) \
  X(u8, uint8_t)             \
  X(i8, int8_t)              \
  X(u16, uint16_t)           \
  X(i16, int16_t)            \
  X(u32, uint32_t) X(i32, int32_t) X(u64, uint64_t) X(i64, int64_t) X(f32, float) X(f64, double)

#define DELTAPROP_NUMBER(name, type) name,
enum class Number { DELTAPROP_NUMBERS(DELTAPROP_NUMBER) };
#undef DELTAPROP_NUMBER

/// n × d numbers as the caller holds them, possibly memory-mapped. Dense: row i starts at values + i ·
/// row_bytes. Sparse (columns not null): row i holds values starts[i] … starts[i + 1] − 1, in the columns
/// columns[…].
struct Data {
  Number number = Number::f32;
  const void* values = nullptr;
  ptrdiff_t row_bytes = 0;
  const void* columns = nullptr;
  const void* starts = nullptr;
  bool wide_index = false;  // columns and starts are 64-bit, otherwise 32-bit
};

/// One operation with its integers and numbers, in the order in which the Python class declares them. Offsets
/// point into theta (or the buffers, for mean and variance); −1 is none. A slot numbers the layers that
/// have parameters.
struct Operation {
  Code code;
  std::vector<int64_t> integers;
  std::vector<double> numbers;
};

struct Plan {
  std::vector<Operation> operations;
  size_t inputs = 0, parameters = 0, slots = 0;
  LossKind loss = LossKind::squared_error;
  size_t members = 1;  // groups of outputs, each with the loss of its own; theirs is the mean
  OutputMap output_map = OutputMap::identity;
  double level = 0;        // parameter of the loss, if it has one
  double off = 0, on = 1;  // targets where they are labels: of every class but the sample's own, and of that
  uint64_t seed = 0;       // of dropout
  double l1 = 0, l2 = 0;
  size_t rows = 0;  // the largest batch in training; evaluations take that many samples at a time
  int threads = 1;
  size_t shared = 0;    // one thread evaluates up to this number of samples alone
  bool sparse = false;  // inputs that are mostly `fill_value` are expected
  double fill_value = 0;
  bool whole = false;  // prepared for derivatives with respect to the inputs and in forward mode too
};

/// Samples with their targets. Untyped arrays have the program's number type.
struct Samples {
  Data x;
  const void* t = nullptr;  // (n × outputs), or
  const int64_t* labels = nullptr;
  const double* weight = nullptr;  // or null: all 1
  size_t weights = 1;              // of a sample: one, or one for each member
  const int64_t* order = nullptr;  // indices of the samples, or null: the first ones
  size_t count = 0;
};

/// Hyper-parameters of one step; those that a rule does not have are ignored.
struct Hyper {
  double rate, beta1, beta2, epsilon, decay;
};

/// The samples on which units are examined, and the share of them that is most.
struct Probe {
  Samples samples;
  double most = 0;
};

/// Whole epochs of training, or part of one.
struct Training {
  Samples samples;    // the order of all epochs, one after the other
  size_t epochs = 1;  // of samples.count / epochs samples each
  size_t batch = 0;
  uint64_t step = 0;  // number of the first step
  Rule rule = Rule::gradient_descent;
  const Hyper* hyper = nullptr;     // one for each step
  const double* dropout = nullptr;  // for each step the rates of all dropout layers
  void *theta = nullptr, *buffers = nullptr, *first = nullptr, *second = nullptr;
  double* faded = nullptr;                         // Adam's products of β₁ and β₂
  const void *rates = nullptr, *decays = nullptr;  // factors on each parameter's rate and decay, or null
  bool factors_by_array = false;                   // whether those of all parameters of an array are the same
  double clip_norm = 0, clip_value = 0;            // 0: no limit
  /// A row for each epoch, `width` apart, added to: Σ W·E, Σ W, steps, gradient² of each slot, update² of
  /// each slot. Where there is room, the seconds behind them; and with a probe, what `layer_stats`
  /// shows.
  double* report = nullptr;
  size_t width = 0;
  const Probe* probe = nullptr;
};

/// The parameters, buffers and mode of an evaluation.
struct Point {
  const void *theta = nullptr, *buffers = nullptr;
  bool training = false;
  uint64_t step = 0;
  const double* dropout = nullptr;  // in training, the rate of each dropout layer
};

class Program {
 public:
  virtual ~Program() = default;
  /// Steps done: fewer than asked for only if the loss of a batch was not finite, which then is the last one
  /// counted.
  virtual size_t train(const Training&) = 0;
  /// z outside training, (count × outputs), or the prediction that the loss makes of it. Whether all inputs
  /// were finite.
  virtual bool forward(const Point&, const Samples&, bool mapped, void* z) = 0;
  /// Into `seen`: Σ θ² of each slot; for each activation, the shares of its units that are dead (f′ = 0 in
  /// every row) and saturated (f′ below the slope of the operation in the share `most` of the rows).
  virtual void layer_stats(const Point&, const Probe&, double* seen) = 0;
  /// The mean loss with the penalty, and its gradient unless grad is null.
  virtual double gradient(const Point&, const Samples&, void* grad) = 0;
  /// The gradient of every sample's own loss, (count × parameters); no penalty.
  virtual void sample_gradients(const Point&, const Samples&, void* grads) = 0;
  /// For each sample and each of `count` rows of d_z (count × outputs), the gradient of Σ d_z ⊙ z:
  /// (samples × count × parameters).
  virtual void sample_vjp(const Point&, const Samples&, const void* d_z, size_t count, void* grads) = 0;
  /// Σ g gᵀ of these gradients g, (parameters × parameters); the upper triangle only, what is below it is
  /// undefined.
  virtual void normal_matrix(const Point&, const Samples&, const void* d_z, size_t count, void* matrix) = 0;
  /// The directional derivative of z along d_theta and d_x. Null d_x: along d_theta only, in a plan that is
  /// not whole.
  virtual void jvp(const Point&, const Samples&, const void* d_theta, const void* d_x, void* d_z) = 0;
  /// The gradients of Σ d_z ⊙ z.
  virtual void vjp(const Point&, const Samples&, const void* d_z, void* grad, void* d_x) = 0;
  /// The Hessian of the mean loss times v, or the generalized Gauss–Newton matrix times v; no penalty. The
  /// plan is not whole.
  virtual void hvp(const Point&, const Samples&, const void* v, bool gauss_newton, void* product) = 0;
};

/// The program of a plan in float or double, for the instruction set in use.
std::unique_ptr<Program> make_program(const Plan&, bool is_double);

/// Shuffles n < 2³² numbers exactly as NumPy's Generator(Philox(key, counter)).shuffle does, as long as
/// counter[0] does not overflow.
void shuffle(int64_t* numbers, size_t n, const uint64_t key[2], const uint64_t counter[4]);

/// The name of the instruction set in use. Throws std::invalid_argument if DELTAPROP_CPU names one that this
/// processor or this build does not have.
const char* instruction_set();

/// The names of all that this processor supports, narrowest first.
std::vector<const char*> instruction_sets();

}  // namespace deltaprop
