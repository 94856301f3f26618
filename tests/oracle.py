"""The same networks once more, in JAX: the oracle that the gradients are measured against.

Everything here is written from the published formulas and never from the package: forward formulas only, in
float64, with JAX deriving what the package derives by hand. A network is described by a tuple of tuples,

    (("dense", 7), ("activation", "relu"), ("residual", (("dense", 7), ("activation", "tanh"))), ("dense", 3))

and its parameters by a dict from ``"<depth-first number of the layer>.<parameter>"`` to an array.
"""

from itertools import count

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

# ---------------------------------------------------------------------------------------------- activations

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

ACTIVATIONS = {
    "identity": lambda z: z,
    "step": lambda z: jnp.where(z >= 0, 1.0, 0.0),
    "sigmoid": lambda z: 1 / (1 + jnp.exp(-z)),
    "tanh": jnp.tanh,
    "scaled_tanh": lambda z: 1.7159 * jnp.tanh(2 * z / 3),
    "relu": lambda z: jnp.maximum(z, 0.0),
    "leaky_relu": lambda z: jnp.where(z > 0, z, 0.01 * z),
    "gelu": lambda z: z * (1 + jax.scipy.special.erf(z / np.sqrt(2))) / 2,
    "elu": lambda z: jnp.where(z > 0, z, jnp.exp(z) - 1),
    "selu": lambda z: SELU_SCALE * jnp.where(z > 0, z, SELU_ALPHA * (jnp.exp(z) - 1)),
    "softplus": lambda z: jnp.log1p(jnp.exp(z)),
    "silu": lambda z: z / (1 + jnp.exp(-z)),
    "mish": lambda z: z * jnp.tanh(jnp.log1p(jnp.exp(z))),
}
SMOOTH_ACTIVATIONS = ("identity", "sigmoid", "tanh", "scaled_tanh", "gelu", "softplus", "silu", "mish")
KINKED_ACTIVATIONS = ("step", "relu", "leaky_relu", "elu", "selu")  # at z = 0

# --------------------------------------------------------------------------------------------------- losses


def _huber(z, t, threshold=1.0):
    r = jnp.abs(z - t)
    return jnp.where(r <= threshold, r**2 / 2, threshold * (r - threshold / 2)).sum(1)


def _quantile(z, t, level=0.5):
    r = t - z
    return jnp.where(r >= 0, level * r, (level - 1) * r).sum(1)


def _poisson(z, t):
    """Half the deviance, y - t + t log(t / y) with y = exp(z); t log t is 0 at t = 0."""
    return (jnp.exp(z) - t - t * z + jax.scipy.special.xlogy(t, t)).sum(1)


LOSSES = {  # rows z and t (n, d) -> the error of each sample (n,)
    "squared_error": lambda z, t: ((z - t) ** 2).sum(1) / 2,
    "softmax_cross_entropy": lambda z, t: -(t * jax.nn.log_softmax(z, axis=1)).sum(1),
    "sigmoid_cross_entropy": lambda z, t: (jnp.log1p(jnp.exp(z)) - t * z).sum(1),
    "hinge": lambda z, t: jnp.maximum(0.0, 1 - t * z).sum(1),
    "perceptron": lambda z, t: ((jnp.where(z >= 0, 1.0, 0.0) - t) * z).sum(1),
    "absolute_error": lambda z, t: jnp.abs(z - t).sum(1),
    "quantile": _quantile,
    "huber": _huber,
    "poisson": _poisson,
}
SMOOTH_LOSSES = ("squared_error", "softmax_cross_entropy", "sigmoid_cross_entropy", "poisson")


def kinks(loss, z, t):
    """The distances, in units of z, from every output to the nearest point where the loss is not smooth."""
    return {
        "hinge": lambda: np.abs(1 - t * z),
        "perceptron": lambda: np.abs(z),
        "absolute_error": lambda: np.abs(z - t),
        "quantile": lambda: np.abs(z - t),
        "huber": lambda: np.abs(np.abs(z - t) - 1.0),
    }.get(loss, lambda: np.full(np.shape(z), np.inf))()


def weighted_mean(errors, sample_weight=None):
    if sample_weight is None:
        return errors.mean()
    return (sample_weight * errors).sum() / sample_weight.sum()


def penalty(parameters, l1=0.0, l2=0.0):
    """l1 Σ|w| + ½ l2 Σw² over the weights of the dense layers; biases and every other parameter go free."""
    weights = [value for name, value in parameters.items() if name.endswith(".w")]
    return sum((l1 * jnp.abs(w).sum() + l2 / 2 * (w**2).sum() for w in weights), 0.0)


# --------------------------------------------------------------------------------------------------- layers


def dropout_seed(seed):
    """The 64-bit key of the masks: the first word of the third of four children of the network's seed."""
    return int(np.random.SeedSequence(seed).spawn(4)[2].generate_state(1, np.uint64)[0])


def dropout_mask(n, d, rate, seed, step, index):
    """The factors (n, d) of a dropout layer: 0 where a unit is dropped, 1 / (1 - rate) where it is kept.

    Lane r·d + j of the 32-bit lanes of Philox 4x64 with key (seed, index) and counter (0, step, 0, 0), the low half
    of each 64-bit word first; kept where lane ≥ rate·2³².
    """
    key = np.array([seed, index], dtype=np.uint64)
    counter = np.array([0, step, 0, 0], dtype=np.uint64)
    lanes = []
    for word in np.random.Philox(key=key, counter=counter).random_raw((n * d + 1) // 2).tolist():
        lanes += [word & 0xFFFFFFFF, word >> 32]
    kept = [lane >= rate * 2**32 for lane in lanes[: n * d]]
    return np.array(kept, dtype=np.float64).reshape(n, d) / (1 - rate)


def forward(layers, parameters, x, *, training=False, seed=0, step=0, buffers=None, probes=None, seen=None):
    """The outputs z (n, d) of the layers.

    ``buffers`` gives the running ``"<number>.mean"`` and ``"<number>.variance"`` of batch normalization, used when
    not training. ``probes`` maps numbers of layers to arrays added to their outputs: their gradients are ∂E/∂output of
    that layer. ``seen``, a dict, receives (input, output) of every layer by its number.
    """
    numbers = count()

    def run(layers, x):
        for kind, *arguments in layers:
            i = next(numbers)
            given = x
            match kind:
                case "dense":
                    x = x @ parameters[f"{i}.w"].T
                    if f"{i}.b" in parameters:
                        x = x + parameters[f"{i}.b"]
                case "repeat":
                    x = jnp.concatenate([x] * arguments[0], axis=1)
                case "grouped_dense":
                    w, groups = parameters[f"{i}.w"], jnp.split(x, arguments[1], axis=1)
                    own = w if w.ndim == 3 else [w] * len(groups)
                    x = jnp.concatenate([g @ m.T for g, m in zip(groups, own, strict=True)], axis=1)
                    x = x + parameters[f"{i}.b"]
                case "activation":
                    f = arguments[0]
                    x = f(x) if callable(f) else ACTIVATIONS[f](x)
                case "softmax":
                    e = jnp.exp(x)
                    x = e / e.sum(1, keepdims=True)
                case "dropout":
                    if training:
                        x = x * dropout_mask(*x.shape, arguments[0], dropout_seed(seed), step, i)
                case "batch_norm":
                    if training:
                        mean = x.mean(0)
                        variance = ((x - mean) ** 2).mean(0)
                    else:
                        mean, variance = buffers[f"{i}.mean"], buffers[f"{i}.variance"]
                    x = (
                        parameters[f"{i}.gain"] * (x - mean) / jnp.sqrt(variance + 1e-5)
                        + parameters[f"{i}.shift"]
                    )
                case "layer_norm":
                    mean = x.mean(1, keepdims=True)
                    variance = ((x - mean) ** 2).mean(1, keepdims=True)
                    x = (
                        parameters[f"{i}.gain"] * (x - mean) / jnp.sqrt(variance + 1e-5)
                        + parameters[f"{i}.shift"]
                    )
                case "residual":
                    x = x + run(arguments[0], x)
                case "rbf":
                    c, s = parameters[f"{i}.centre"], jnp.exp(parameters[f"{i}.log_width"])
                    squares = ((x[:, None, :] - c[None, :, :]) ** 2).sum(2)
                    x = jnp.exp(-squares / (2 * s**2))
                case "periodic":
                    columns = arguments[0]
                    w, b, u, c = (parameters[f"{i}.{name}"] for name in ("frequency", "phase", "u", "c"))
                    parts = []
                    for j in range(columns):
                        waves = jnp.cos(2 * np.pi * x[:, j : j + 1] * w[j] + b[j])
                        parts += [x[:, j : j + 1], waves @ u[j].T + c[j]]
                    x = jnp.concatenate([*parts, x[:, columns:]], axis=1)
                case "embedding":
                    categories, start, front = arguments[0], 0, x.shape[1] - len(arguments[0])
                    parts = [x[:, :front]]
                    for j, k in enumerate(categories):
                        one_hot = jnp.floor(x[:, front + j : front + j + 1]) == jnp.arange(k)
                        parts.append(one_hot @ parameters[f"{i}.table"][start : start + k])
                        start += k
                    x = jnp.concatenate(parts, axis=1)
                case "learned_scale":
                    x = parameters[f"{i}.factor"] * x
                case "parametric":
                    f = arguments[0]
                    slope = parameters[f"{i}.slope"]
                    x = (1 - slope) * x + slope * (f(x) if callable(f) else ACTIVATIONS[f](x))
                case "scale":
                    factor, offset = arguments
                    x = factor * x + offset
                case _:
                    raise ValueError(kind)
            if probes is not None and i in probes:
                x = x + probes[i]
            if seen is not None:
                seen[i] = (given, x)
        return x

    return run(layers, x)


def value(layers, parameters, x, t, loss, *, sample_weight=None, l1=0.0, l2=0.0, **mode):
    """The whole objective: weighted mean of the loss over the samples, plus the penalty."""
    z = forward(layers, parameters, x, **mode)
    return weighted_mean(LOSSES[loss](z, t), sample_weight) + penalty(parameters, l1, l2)
