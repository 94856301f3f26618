// The programs in double; see program_float.cpp.
#include "building.hpp"
#include "evaluation.hpp"
#include "training.hpp"

namespace deltaprop::DELTAPROP_TARGET {

std::unique_ptr<Program> make_double(const Plan& plan) { return std::make_unique<Network<double>>(plan); }

}  // namespace deltaprop::DELTAPROP_TARGET
