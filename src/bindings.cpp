// The compiled core as Python sees it: arrays in, arrays out, the interpreter's lock released while it works.
//
// Its callers in engines/ have checked shapes and ranges; what is checked here is what would otherwise read
// or write outside an array.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include "core/fork.hpp"
#include "core/pool.hpp"
#include "core/program.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace {

using deltaprop::Number;

using Array = nb::ndarray<nb::ro, nb::device::cpu>;  // any number type, any strides
using Input = nb::ndarray<nb::ro, nb::device::cpu, nb::c_contig>;
using Vector = nb::ndarray<nb::device::cpu, nb::c_contig>;  // written to
using Doubles = nb::ndarray<double, nb::device::cpu, nb::c_contig>;
using Rows = nb::ndarray<double, nb::ndim<2>, nb::device::cpu, nb::c_contig>;
using Weights = nb::ndarray<const double, nb::device::cpu, nb::c_contig>;  // (n) or (n × members)
using Indices = nb::ndarray<const int64_t, nb::ndim<1>, nb::device::cpu, nb::c_contig>;
using Numbers = nb::ndarray<int64_t, nb::ndim<1>, nb::device::cpu, nb::c_contig>;
using Words = nb::ndarray<const uint64_t, nb::ndim<1>, nb::device::cpu, nb::c_contig>;
using Orders = nb::ndarray<const int64_t, nb::ndim<2>, nb::device::cpu, nb::c_contig>;
template <class A>
using Maybe = std::optional<A>;

[[noreturn]] void refuse(const char* what) {
  throw std::invalid_argument(std::string("deltaprop core: ") + what);
}

Number number_of(nb::dlpack::dtype type) {
  using Kind = nb::dlpack::dtype_code;
  int bits = type.bits;
  switch (Kind(type.code)) {
    case Kind::Bool:
      return Number::u8;
    case Kind::UInt:
      return bits == 8 ? Number::u8 : bits == 16 ? Number::u16 : bits == 32 ? Number::u32 : Number::u64;
    case Kind::Int:
      return bits == 8 ? Number::i8 : bits == 16 ? Number::i16 : bits == 32 ? Number::i32 : Number::i64;
    case Kind::Float:
      if (bits == 32) return Number::f32;
      if (bits == 64) return Number::f64;
      [[fallthrough]];
    default:
      refuse("inputs of this number type are not supported");
  }
}

/// Rows of inputs: an array (n, d) whose columns lie side by side, or the three arrays of a CSR matrix.
struct Inputs {
  deltaprop::Data data;
  size_t rows;

  explicit Inputs(const nb::object& x, size_t columns) {
    if (nb::isinstance<nb::tuple>(x)) {
      auto parts =
          nb::cast<nb::tuple>(x);  // the arrays themselves: a converted copy would end with this block
      auto part = [&](int i) { return nb::cast<Input>(parts[i], false); };
      Input values = part(0), indices = part(1), starts = part(2);
      bool wide = starts.dtype() == nb::dtype<int64_t>();
      if (indices.dtype() != starts.dtype() || !(wide || starts.dtype() == nb::dtype<int32_t>()))
        refuse("CSR indices must be int32 or int64, all alike");
      data = {number_of(values.dtype()), values.data(), 0, indices.data(), starts.data(), wide};
      rows = starts.size() - 1;
    } else {
      Array array = nb::cast<Array>(x, false);
      if (array.ndim() != 2 || array.shape(1) != columns) refuse("inputs have the wrong shape");
      if (array.size() > 0 && array.shape(1) > 1 && array.stride(1) != 1)
        refuse("the columns of the inputs must lie side by side");
      data.number = number_of(array.dtype());
      data.values = array.data();
      data.row_bytes = array.stride(0) * ptrdiff_t(array.itemsize());
      rows = array.shape(0);
    }
  }
};

void shuffle(const Numbers& numbers, const Words& key, const Words& counter) {
  if (key.size() != 2 || counter.size() != 4 || numbers.size() >= size_t(1) << 32)
    refuse("an array has the wrong size");
  nb::gil_scoped_release released;
  deltaprop::shuffle(numbers.data(), numbers.size(), key.data(), counter.data());
}

class Core {
  /// A program, and the lock of its one set of buffers.
  struct Guarded {
    std::mutex mutex;
    std::unique_ptr<deltaprop::Program> program;
  };

  /// Calls work(program), one caller at a time, without the interpreter's lock. Where the system refuses
  /// threads, the program is rebuilt for those it started.
  template <class Work>
  auto exclusively(Work work) {
    Guarded& guarded = guarded_.get();
    for (;;) {
      int started;
      {
        nb::gil_scoped_release released;
        std::lock_guard lock(guarded.mutex);
        try {
          return work(*guarded.program);
        } catch (const deltaprop::ThreadsRefused& refused) {
          started = refused.started;
          deltaprop::Plan plan = plan_;
          plan.threads = started;
          guarded.program = deltaprop::make_program(plan, is_double_);
        }
      }
      warn_of_threads(started);
    }
  }

  void warn_of_threads(int started) const {
    std::string text =
        "deltaprop: the system started " + std::to_string(started) + " of " + std::to_string(plan_.threads) +
        " threads, and the work continues with these; pass threads=" + std::to_string(started) +
        ", or raise the limit on processes or memory (ulimit -u, -v).";
    if (PyErr_WarnEx(PyExc_RuntimeWarning, text.c_str(), 1) < 0) throw nb::python_error();
  }

  /// An array of `size` numbers of the program's own type.
  template <class A>
  auto own(const A& array, size_t size) const {
    bool right = is_double_ ? array.dtype() == nb::dtype<double>() : array.dtype() == nb::dtype<float>();
    if (!right || array.size() != size) refuse("an array has the wrong size or number type");
    return array.data();
  }
  template <class A>
  auto own(const Maybe<A>& array, size_t size) const {
    return array ? own(*array, size) : nullptr;
  }

  deltaprop::Samples samples(const nb::object& x, const Array* t, const Maybe<Weights>& weight) const {
    Inputs inputs(x, plan_.inputs);
    deltaprop::Samples s;
    s.x = inputs.data;
    s.count = inputs.rows;
    if (weight) {
      s.weight = weight->data();
      s.weights = weight->ndim() == 2 ? weight->shape(1) : 1;
      bool right = s.weights == 1 || s.weights == plan_.members;
      if (!right || weight->size() != s.count * s.weights) refuse("the weights have the wrong size");
    }
    if (!t) return s;
    if (t->ndim() == 1 && t->shape(0) == s.count && t->dtype() == nb::dtype<int64_t>() && t->stride(0) == 1)
      s.labels = static_cast<const int64_t*>(t->data());
    else if (t->ndim() == 2 && (t->shape(1) == 1 || t->stride(1) == 1) &&
             t->stride(0) == int64_t(t->shape(1)))
      s.t = own(Input(*t), s.count * outputs_ / plan_.members);
    else
      refuse("targets have the wrong shape or number type");
    return s;
  }

  /// `dropout` are the rates of this step, given in training only.
  deltaprop::Point point(const Input& theta, const Input& buffers, const Maybe<Doubles>& dropout = {},
                         uint64_t step = 0) const {
    if (dropout && dropout->size() != dropouts_) refuse("an array has the wrong size");
    return {own(theta, plan_.parameters), own(buffers, buffers_), dropout.has_value(), step,
            dropout ? dropout->data() : nullptr};
  }

 public:
  using Operations = std::vector<std::tuple<deltaprop::Code, std::vector<int64_t>, std::vector<double>>>;

  Core(const Operations& operations, size_t inputs, size_t outputs, size_t parameters, size_t buffers,
       size_t slots, deltaprop::LossKind loss, size_t members, deltaprop::OutputMap output_map, double level,
       double off, double on, uint64_t seed, double l1, double l2, size_t rows, int threads, size_t shared,
       bool sparse, double fill_value, bool whole, bool is_double)
      : outputs_(outputs), buffers_(buffers), is_double_(is_double), guarded_([this] {
          auto guarded = std::make_unique<Guarded>();
          guarded->program = deltaprop::make_program(plan_, is_double_);
          return guarded;
        }) {
    for (auto& [code, integers, numbers] : operations) {
      plan_.operations.push_back({code, integers, numbers});
      activations_ += code == deltaprop::Code::activation;
      dropouts_ += code == deltaprop::Code::dropout;
    }
    plan_.inputs = inputs, plan_.parameters = parameters, plan_.slots = slots;
    if (members == 0 || outputs % members != 0) refuse("the outputs do not divide between the members");
    plan_.loss = loss, plan_.members = members, plan_.output_map = output_map, plan_.level = level,
    plan_.off = off, plan_.on = on;
    plan_.seed = seed, plan_.l1 = l1, plan_.l2 = l2;
    plan_.rows = rows, plan_.threads = threads, plan_.shared = shared, plan_.whole = whole;
    plan_.sparse = sparse, plan_.fill_value = fill_value;
    guarded_.get();
  }

  size_t train(const nb::object& x, const Array& t, const Maybe<Weights>& weight, const Orders& order,
               size_t batch, uint64_t step, deltaprop::Rule rule, const Doubles& hyper,
               const Doubles& dropout, const Vector& theta, const Vector& buffers, const Maybe<Vector>& first,
               const Maybe<Vector>& second, const Maybe<Doubles>& faded, const Maybe<Input>& rates,
               const Maybe<Input>& decays, bool factors_by_array, double clip_norm, double clip_value,
               const Rows& report, const nb::object& probe, double most) {
    deltaprop::Training training;
    training.samples = samples(x, &t, weight);
    training.samples.order = order.data();
    training.samples.count = order.size();
    training.epochs = order.shape(0);
    if (batch == 0 || batch > plan_.rows) refuse("the batch is larger than the program was made for");
    if (hyper.size() < training.epochs * ((order.shape(1) + batch - 1) / batch) * 5)
      refuse("too few hyper-parameters");
    if (dropout.size() < hyper.size() / 5 * dropouts_) refuse("too few dropout rates");
    deltaprop::Probe examined;
    if (!probe.is_none()) examined = {samples(probe, nullptr, {}), most}, training.probe = &examined;
    size_t sums = 3 + 2 * plan_.slots, width = training.probe ? sums + 1 + seen() : sums;
    if (order.size() == 0 || report.shape(0) != training.epochs || report.shape(1) < width ||
        (faded && faded->size() != 2))
      refuse("an array has the wrong size");
    training.batch = batch, training.step = step, training.rule = rule;
    training.hyper = reinterpret_cast<const deltaprop::Hyper*>(hyper.data());
    training.dropout = dropout.data();
    training.theta = own(theta, plan_.parameters), training.buffers = own(buffers, buffers_);
    training.first = own(first, plan_.parameters), training.second = own(second, plan_.parameters);
    training.faded = faded ? faded->data() : nullptr;
    training.rates = own(rates, plan_.parameters), training.decays = own(decays, plan_.parameters);
    training.factors_by_array = factors_by_array;
    training.clip_norm = clip_norm, training.clip_value = clip_value;
    training.report = report.data(), training.width = report.shape(1);
    return exclusively([&](auto& program) { return program.train(training); });
  }

  bool forward(const Input& theta, const Input& buffers, const nb::object& x, const Maybe<Indices>& order,
               bool mapped, const Vector& z) {
    deltaprop::Samples s = samples(x, nullptr, {});
    if (order) s.order = order->data(), s.count = order->size();
    void* out = own(z, s.count * outputs_ / (mapped ? plan_.members : 1));
    auto at = point(theta, buffers);
    return exclusively([&](auto& program) { return program.forward(at, s, mapped, out); });
  }

  void layer_stats(const Input& theta, const Input& buffers, const nb::object& probe, double most,
                   const Doubles& seen_here) {
    deltaprop::Probe examined{samples(probe, nullptr, {}), most};
    auto at = point(theta, buffers);
    if (seen_here.size() < seen()) refuse("an array has the wrong size");
    exclusively([&](auto& program) { program.layer_stats(at, examined, seen_here.data()); });
  }

  double gradient(const Input& theta, const Input& buffers, const nb::object& x, const Array& t,
                  const Maybe<Weights>& weight, const Maybe<Doubles>& dropout, uint64_t step,
                  const Maybe<Vector>& grad) {
    deltaprop::Samples s = samples(x, &t, weight);
    void* out = own(grad, plan_.parameters);
    auto at = point(theta, buffers, dropout, step);
    return exclusively([&](auto& program) { return program.gradient(at, s, out); });
  }

  void sample_gradients(const Input& theta, const Input& buffers, const nb::object& x, const Array& t,
                        const Vector& grads) {
    deltaprop::Samples s = samples(x, &t, {});
    void* out = own(grads, plan_.parameters * s.count);
    auto at = point(theta, buffers);
    exclusively([&](auto& program) { program.sample_gradients(at, s, out); });
  }

  void sample_vjp(const Input& theta, const Input& buffers, const nb::object& x, const Input& d_z,
                  size_t count, const Vector& grads) {
    deltaprop::Samples s = samples(x, nullptr, {});
    const void* top = own(d_z, s.count * count * outputs_);
    void* out = own(grads, s.count * count * plan_.parameters);
    auto at = point(theta, buffers);
    exclusively([&](auto& program) { program.sample_vjp(at, s, top, count, out); });
  }

  void normal_matrix(const Input& theta, const Input& buffers, const nb::object& x, const Input& d_z,
                     size_t count, const Vector& matrix) {
    deltaprop::Samples s = samples(x, nullptr, {});
    const void* top = own(d_z, s.count * count * outputs_);
    void* out = own(matrix, plan_.parameters * plan_.parameters);
    auto at = point(theta, buffers);
    exclusively([&](auto& program) { program.normal_matrix(at, s, top, count, out); });
  }

  void jvp(const Input& theta, const Input& buffers, const nb::object& x, const Input& d_theta,
           const Maybe<Input>& d_x, const Maybe<Doubles>& dropout, uint64_t step, const Vector& d_z) {
    deltaprop::Samples s = samples(x, nullptr, {});
    const void *direction = own(d_theta, plan_.parameters), *inputs = own(d_x, s.count * plan_.inputs);
    void* out = own(d_z, s.count * outputs_);
    if (plan_.whole != bool(d_x)) refuse("the program is one for other tangents");
    auto at = point(theta, buffers, dropout, step);
    exclusively([&](auto& program) { program.jvp(at, s, direction, inputs, out); });
  }

  void vjp(const Input& theta, const Input& buffers, const nb::object& x, const Input& d_z,
           const Maybe<Doubles>& dropout, uint64_t step, const Vector& grad, const Vector& d_x) {
    deltaprop::Samples s = samples(x, nullptr, {});
    const void* top = own(d_z, s.count * outputs_);
    void *out = own(grad, plan_.parameters), *inputs = own(d_x, s.count * plan_.inputs);
    auto at = point(theta, buffers, dropout, step);
    exclusively([&](auto& program) { program.vjp(at, s, top, out, inputs); });
  }

  void hvp(const Input& theta, const Input& buffers, const nb::object& x, const Array& t,
           const Maybe<Weights>& weight, const Input& v, bool gauss_newton, const Maybe<Doubles>& dropout,
           uint64_t step, const Vector& product) {
    deltaprop::Samples s = samples(x, &t, weight);
    const void* direction = own(v, plan_.parameters);
    void* out = own(product, plan_.parameters);
    if (plan_.whole) refuse("the program is not one for Hessians");
    auto at = point(theta, buffers, dropout, step);
    exclusively([&](auto& program) { program.hvp(at, s, direction, gauss_newton, out); });
  }

 private:
  /// Numbers that `layer_stats` writes.
  size_t seen() const { return plan_.slots + 2 * activations_; }

  size_t outputs_, buffers_, activations_ = 0, dropouts_ = 0;
  bool is_double_;
  deltaprop::Plan plan_;
  deltaprop::PerProcess<Guarded> guarded_;
};

}  // namespace

NB_MODULE(_core, m) {
  auto array = [](const char* name) { return nb::arg(name).noconvert(); };
  auto maybe = [&](const char* name) { return array(name).none(); };
  m.doc() = "The compiled core: networks as programs.";
  nb::set_leak_warnings(false);  // networks may live until the interpreter exits
  deltaprop::instruction_set();  // refuses what DELTAPROP_CPU names before anything is computed
  m.def("instruction_set", &deltaprop::instruction_set);
  m.def("instruction_sets", &deltaprop::instruction_sets);
  m.def("shuffle", &shuffle, array("numbers"), array("key"), array("counter"));
#define DELTAPROP_VALUE(name) .value(#name, Kind::name)
  {
    using Kind = deltaprop::Code;
    nb::enum_<Kind>(m, "Operation") DELTAPROP_OPERATIONS(DELTAPROP_VALUE);
  }
  {
    using Kind = deltaprop::Function;
    nb::enum_<Kind>(m, "Function") DELTAPROP_FUNCTIONS(DELTAPROP_VALUE);
  }
  {
    using Kind = deltaprop::LossKind;
    nb::enum_<Kind>(m, "Loss") DELTAPROP_LOSSES(DELTAPROP_VALUE);
  }
  {
    using Kind = deltaprop::OutputMap;
    nb::enum_<Kind>(m, "OutputMap") DELTAPROP_OUTPUT_MAPS(DELTAPROP_VALUE);
  }
  {
    using Kind = deltaprop::Rule;
    nb::enum_<Kind>(m, "Rule") DELTAPROP_RULES(DELTAPROP_VALUE);
  }
#undef DELTAPROP_VALUE
  nb::class_<Core>(m, "Program")
      .def(nb::init<const Core::Operations&, size_t, size_t, size_t, size_t, size_t, deltaprop::LossKind,
                    size_t, deltaprop::OutputMap, double, double, double, uint64_t, double, double, size_t,
                    int, size_t, bool, double, bool, bool>(),
           nb::kw_only(), "operations"_a, "inputs"_a, "outputs"_a, "parameters"_a, "buffers"_a, "slots"_a,
           "loss"_a, "members"_a, "output_map"_a, "level"_a, "off"_a, "on"_a, "seed"_a, "l1"_a, "l2"_a,
           "rows"_a, "threads"_a, "shared"_a, "sparse"_a, "fill_value"_a, "whole"_a, "is_double"_a)
      .def("train", &Core::train, nb::kw_only(), "x"_a, array("t"), maybe("weight"), array("order"),
           "batch"_a, "step"_a, "rule"_a, array("hyper"), array("dropout"), array("theta"), array("buffers"),
           maybe("first"), maybe("second"), maybe("faded"), maybe("rates"), maybe("decays"),
           "factors_by_array"_a, "clip_norm"_a, "clip_value"_a, array("report"), "probe"_a.none(), "most"_a)
      .def("forward", &Core::forward, array("theta"), array("buffers"), "x"_a, maybe("order"), "mapped"_a,
           array("z"))
      .def("layer_stats", &Core::layer_stats, array("theta"), array("buffers"), "probe"_a, "most"_a,
           array("seen"))
      .def("gradient", &Core::gradient, array("theta"), array("buffers"), "x"_a, array("t"), maybe("weight"),
           maybe("dropout"), "step"_a, maybe("grad"))
      .def("sample_gradients", &Core::sample_gradients, array("theta"), array("buffers"), "x"_a, array("t"),
           array("grads"))
      .def("sample_vjp", &Core::sample_vjp, array("theta"), array("buffers"), "x"_a, array("d_z"), "count"_a,
           array("grads"))
      .def("normal_matrix", &Core::normal_matrix, array("theta"), array("buffers"), "x"_a, array("d_z"),
           "count"_a, array("matrix"))
      .def("jvp", &Core::jvp, array("theta"), array("buffers"), "x"_a, array("d_theta"), maybe("d_x"),
           maybe("dropout"), "step"_a, array("d_z"))
      .def("vjp", &Core::vjp, array("theta"), array("buffers"), "x"_a, array("d_z"), maybe("dropout"),
           "step"_a, array("grad"), array("d_x"))
      .def("hvp", &Core::hvp, array("theta"), array("buffers"), "x"_a, array("t"), maybe("weight"),
           array("v"), "gauss_newton"_a, maybe("dropout"), "step"_a, array("product"));
}
