// What the core has code for, by name. Python finds the members of these enumerations by the attributes
// `operation` and `output_map` of its own classes.
#pragma once

namespace deltaprop {

// clang-format off
#define DELTAPROP_OPERATIONS(X) \
  X(scale) X(dense) X(activation) X(softmax) X(dropout) X(batch_norm) X(layer_norm) X(branch) X(join) X(rbf) \
  X(repeat) X(grouped_dense) X(learned_scale) X(parametric_activation) X(periodic_embedding) \
  X(embedding)
#define DELTAPROP_FUNCTIONS(X) \
  X(identity) X(step) X(sigmoid) X(tanh) X(scaled_tanh) X(relu) X(leaky_relu) X(gelu) \
  X(elu) X(selu) X(softplus) X(silu) X(mish)
#define DELTAPROP_LOSSES(X) \
  X(squared_error) X(softmax_cross_entropy) X(sigmoid_cross_entropy) X(hinge) X(perceptron) \
  X(absolute_error) X(huber) X(poisson) X(quantile)
#define DELTAPROP_OUTPUT_MAPS(X) X(identity) X(softmax) X(sigmoid) X(exp) X(step)
#define DELTAPROP_RULES(X) X(gradient_descent) X(momentum) X(nesterov) X(adagrad) X(rmsprop) X(adam) \
  X(delta_bar_delta)
// clang-format on

#define DELTAPROP_MEMBER(name) name,
enum class Code { DELTAPROP_OPERATIONS(DELTAPROP_MEMBER) };
enum class Function { DELTAPROP_FUNCTIONS(DELTAPROP_MEMBER) };
enum class LossKind { DELTAPROP_LOSSES(DELTAPROP_MEMBER) };
enum class OutputMap { DELTAPROP_OUTPUT_MAPS(DELTAPROP_MEMBER) };
enum class Rule { DELTAPROP_RULES(DELTAPROP_MEMBER) };
#undef DELTAPROP_MEMBER

}  // namespace deltaprop
