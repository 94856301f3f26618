// The programs in float. This file and program_double.cpp are compiled once for each instruction set, which
// DELTAPROP_TARGET names; there are two of them so that two processors share the work.
#include "building.hpp"
#include "evaluation.hpp"
#include "training.hpp"

namespace deltaprop::DELTAPROP_TARGET {

std::unique_ptr<Program> make_float(const Plan& plan) { return std::make_unique<Network<float>>(plan); }

}  // namespace deltaprop::DELTAPROP_TARGET
