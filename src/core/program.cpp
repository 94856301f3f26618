// Compiled once for each instruction set; DELTAPROP_TARGET names it.
#include "building.hpp"
#include "evaluation.hpp"
#include "training.hpp"

namespace deltaprop::DELTAPROP_TARGET {

std::unique_ptr<Program> make_program(const Plan& plan, bool is_double) {
  if (is_double) return std::make_unique<Network<double>>(plan);
  return std::make_unique<Network<float>>(plan);
}

}  // namespace deltaprop::DELTAPROP_TARGET
