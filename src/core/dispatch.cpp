// Picks the code compiled for the widest vectors that this processor has.
#include "program.hpp"

namespace deltaprop {

namespace baseline {
std::unique_ptr<Program> make_program(const Plan&, bool);
}
#if defined(DELTAPROP_X86)
namespace avx2 {
std::unique_ptr<Program> make_program(const Plan&, bool);
}
namespace avx512 {
std::unique_ptr<Program> make_program(const Plan&, bool);
}
#endif

namespace {

enum class Level { baseline, avx2, avx512 };

Level level() {
#if defined(DELTAPROP_X86)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("fma"))
    return Level::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Level::avx2;
#endif
  return Level::baseline;
}

}  // namespace

std::unique_ptr<Program> make_program(const Plan& plan, bool is_double) {
#if defined(DELTAPROP_X86)
  static const Level chosen = level();
  if (chosen == Level::avx512) return avx512::make_program(plan, is_double);
  if (chosen == Level::avx2) return avx2::make_program(plan, is_double);
#endif
  return baseline::make_program(plan, is_double);
}

const char* instruction_set() {
  switch (level()) {
    case Level::avx512:
      return "avx512";
    case Level::avx2:
      return "avx2";
    default:
      return "baseline";
  }
}

}  // namespace deltaprop
