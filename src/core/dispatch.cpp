// Selects the instruction set: the widest that the processor supports, or the one that DELTAPROP_CPU names.
#if defined(DELTAPROP_X86)
#include <cpuid.h>
#endif

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "program.hpp"

namespace deltaprop {

using Make = std::unique_ptr<Program>(const Plan&);

namespace baseline {
Make make_float, make_double;
}
#if defined(DELTAPROP_X86)
namespace avx2 {
Make make_float, make_double;
}
namespace avx512 {
Make make_float, make_double;
}
#endif

namespace {

struct InstructionSet {
  const char* name;
  bool supported;
  Make *make_float, *make_double;
};

std::vector<InstructionSet> compiled() {
  std::vector<InstructionSet> sets{{"baseline", true, baseline::make_float, baseline::make_double}};
#if defined(DELTAPROP_X86)
  // All that x86-64-v3 and v4 require; compilers before GCC 12 and Clang 19 do not know the levels by name.
  unsigned a, b, basic = 0, extended = 0, d;
  __get_cpuid(1, &a, &b, &basic, &d);
  __get_cpuid(0x80000001, &a, &b, &extended, &d);
  bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
            __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && (basic & bit_F16C) &&
            (basic & bit_MOVBE) && (extended & bit_LZCNT);
  bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512vl");
  sets.push_back({"avx2", v3, avx2::make_float, avx2::make_double});
  sets.push_back({"avx512", v4, avx512::make_float, avx512::make_double});
#endif
  return sets;
}

InstructionSet select() {
  const char* variable = std::getenv("DELTAPROP_CPU");
  const std::string wanted = variable ? variable : "";
  InstructionSet widest{};
  std::string supported;
  for (const InstructionSet& set : compiled()) {
    if (!set.supported) continue;
    if (wanted == set.name) return set;
    widest = set;
    supported += (supported.empty() ? "" : ", ") + std::string(set.name);
  }
  if (wanted.empty()) return widest;
  throw std::invalid_argument("DELTAPROP_CPU: is '" + wanted +
                              "', expected an instruction set of this processor (" + supported +
                              "); unset it for the widest.");
}

const InstructionSet& selected() {
  static const InstructionSet set = select();
  return set;
}

}  // namespace

std::unique_ptr<Program> make_program(const Plan& plan, bool is_double) {
  const InstructionSet& set = selected();
  return is_double ? set.make_double(plan) : set.make_float(plan);
}

const char* instruction_set() { return selected().name; }

std::vector<const char*> instruction_sets() {
  std::vector<const char*> names;
  for (const InstructionSet& set : compiled())
    if (set.supported) names.push_back(set.name);
  return names;
}

}  // namespace deltaprop
