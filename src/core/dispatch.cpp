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

#if defined(DELTAPROP_X86)
// By CPUID: what compilers offer for it needs their own library at run time, which Windows programs lack, and
// those before GCC 12 and Clang 19 do not know the levels by name.

bool has_all(unsigned found, unsigned wanted) { return (found & wanted) == wanted; }

/// Whether the system saves the parts of the registers that these bits of XCR0 stand for.
bool saves(unsigned bits) {
  unsigned low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return has_all(low, bits);
}

/// All that x86-64-v3 requires.
bool has_v3() {
  unsigned a, b, basic = 0, level7 = 0, extended = 0, d, c;
  __get_cpuid(1, &a, &b, &basic, &d);
  __get_cpuid_count(7, 0, &a, &level7, &c, &d);
  __get_cpuid(0x80000001, &a, &b, &extended, &d);
  return has_all(basic, bit_OSXSAVE | bit_AVX | bit_FMA | bit_F16C | bit_MOVBE) && saves(0x6) &&
         has_all(level7, bit_AVX2 | bit_BMI | bit_BMI2) && has_all(extended, bit_LZCNT);
}

/// What x86-64-v4 requires beyond v3.
bool has_v4() {
  unsigned a, level7 = 0, c, d;
  __get_cpuid_count(7, 0, &a, &level7, &c, &d);
  constexpr unsigned wanted = bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;
#if defined(__APPLE__)
  return has_all(level7, wanted);  // saved from the first use on, and not announced before
#else
  return has_all(level7, wanted) && saves(0xe6);
#endif
}
#endif

std::vector<InstructionSet> compiled() {
  std::vector<InstructionSet> sets{{"baseline", true, baseline::make_float, baseline::make_double}};
#if defined(DELTAPROP_X86)
  const bool v3 = has_v3();
  sets.push_back({"avx2", v3, avx2::make_float, avx2::make_double});
  sets.push_back({"avx512", v3 && has_v4(), avx512::make_float, avx512::make_double});
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
