"""Train every combination of layer, activation, loss, optimizer and dtype on two engines, and compare the weights.

    python tests/equality.py                 all of them: some three minutes on one core
    python tests/equality.py --sample 300    as many of them, drawn at random
    python tests/equality.py --engine jax    the JAX engine: each is compiled, some two hours on one core

Exit status 0: after 50 steps from the same weights, the native (or JAX) engine and the NumPy engine differed by no more
than 1e-4 (float32) or 1e-11 (float64) of a layer's largest weight, in every layer of every network.

Two correct programs that sum in different orders differ in the last digits, and can be held to limits only where last
digits stay last digits. The problems are chosen for that, not the limits for the problems:

- Inputs are bounded and learning rates small, so that training does not oscillate. It does move: every layer by at
  least a thousandth of its largest weight, which is checked too.
- The ε of the adaptive rules is 1e-4, that of the normalizations 1e-2. With their defaults a gradient that is zero,
  but comes out as 1e-9, moves its weight by a whole step, and a sample whose units are almost equal has the rounding
  of their differences magnified three hundred times. For the same reason no bias stands before batch normalization,
  which takes it out again: all of its gradient would be rounding.
- Where a derivative jumps (ReLU's kink, a step, a hinge), a sample that lies within rounding of the place rightly gets
  either side's. If the NumPy engine comes nearer than 1e-5 to one in any step, the problem is drawn again before the
  native engine has seen it. How often that happened is printed.

Initial biases, gains and shifts are random numbers too. Batches have 17 and 5 samples, a vector and a rest; those of
the JAX engine, which compiles a program for each size, 11.
"""

import argparse
import itertools
import os
import random
import sys
import time
import zlib
from typing import NamedTuple

import numpy as np

from deltaprop import (
    RBF,
    Activation,
    BatchNorm,
    Dense,
    Dropout,
    Embedding,
    GroupedDense,
    LayerNorm,
    LearnedScale,
    Network,
    ParametricActivation,
    PeriodicEmbedding,
    Repeat,
    Residual,
    Scale,
    Softmax,
)
from deltaprop.engines import NumpyEngine, Sums
from deltaprop.functions.activations import ACTIVATIONS, PiecewiseLinear
from deltaprop.functions.losses import LOSSES
from deltaprop.optimizers import OPTIMIZERS

LIMITS = {"float32": 1e-4, "float64": 1e-11}  # of a layer's largest weight
STEPS, SAMPLES = 50, 22
BATCHES = {"native": 17, "jax": 11}
INPUTS, OUTPUTS = 5, 3
NEAR = 1e-5  # to a kink
MOVED = 1e-3  # of a layer's largest weight

RATES = {"momentum": 2e-3, "nesterov": 2e-3, "rmsprop": 1e-3, "adam": 1e-3, "adamw": 1e-3}  # the others: 0.01
KINKED = [ACTIVATIONS[name] for name in ("step", "relu", "leaky_relu", "selu")]
ADAPTIVE = ("adagrad", "rmsprop", "adam", "adamw")
EXPLODING = 0.2  # times the rate for poisson, whose slopes grow as e^z

LAYERS = {
    "dense": lambda f: Dense(7),
    "dense without bias": lambda f: Dense(7, bias=False),
    "batch_norm": lambda f: BatchNorm(momentum=0.2, epsilon=1e-2),
    "layer_norm": lambda f: LayerNorm(epsilon=1e-2),
    "dropout": lambda f: Dropout(0.3),
    "residual": lambda f: Residual([Dense(7), f, Dense(6)]),
    "rbf": lambda f: RBF(5),
    "softmax": lambda f: Softmax(),
    "scale": lambda f: Scale(0.5, 0.25),
    "repeat": lambda f: Repeat(2),
    "grouped_dense": lambda f: GroupedDense(4, groups=3),
    "shared weights": lambda f: GroupedDense(4, groups=3, shared=True),
    "layer_norm of groups": lambda f: LayerNorm(epsilon=1e-2, groups=2),
    "learned_scale": lambda f: LearnedScale(),
    "periodic_embedding": lambda f: PeriodicEmbedding(2, frequencies=5),
    "embedding": lambda f: Embedding((2, 1), size=3),
    # Before another kink, the zeros of a ReLU would lie on it.
    "parametric_activation": lambda f: ParametricActivation("tanh" if _has_kink(f) else f.function),
}


class Combination(NamedTuple):
    """Names of the parts."""

    layer: str
    activation: str
    loss: str
    optimizer: str
    dtype: str

    def __str__(self):
        return ", ".join(self)


class Outcome(NamedTuple):
    """The largest difference of a layer's weights and the least movement of one, both in parts of the layer's largest
    weight, and how many problems were drawn for it."""

    difference: float
    moved: float
    draws: int


def _has_kink(layer):
    """Whether the function of an activation layer has one."""
    return isinstance(layer.function, PiecewiseLinear)


def combinations():
    """The whole product, but for rates that jump wherever a gradient changes its sign: see tests/both_engines.py."""
    smooth = [name for name in OPTIMIZERS if name != "delta_bar_delta"]
    product = itertools.product(LAYERS, ACTIVATIONS, LOSSES, smooth, LIMITS)
    return list(itertools.starmap(Combination, product))


# -- one problem ---------------------------------------------------------------------------------------------


class Watched(Network):
    """A network that keeps how near its training has come to a place where a derivative jumps."""

    nearest = np.inf

    def backpropagate(self, x, t, *arguments):
        value, cache = super().backpropagate(x, t, *arguments)
        for distance in (*jumps(self.layers, cache), *jump_of_loss(self.loss, cache[-1].output, t)):
            self.nearest = min(self.nearest, np.abs(distance).min())
        return value, cache


def jumps(views, caches):
    """Distances of all pre-activations from the kinks of their activations."""
    for p, cache in zip(views, caches, strict=True):
        if isinstance(p.layer, (Activation, ParametricActivation)) and p.layer.function in KINKED:
            yield cache.input
        yield from jumps(p.inside, cache.inside)


def jump_of_loss(loss, z, t):
    """Distances of the outputs from the places where the loss's delta jumps, if it does."""
    if loss in (LOSSES["absolute_error"], LOSSES["quantile"]):
        yield z - t
    elif loss == LOSSES["hinge"]:
        yield 1 - t * z
    elif loss == LOSSES["perceptron"]:
        yield z


def network(kind, combination, seed):
    """The network of a combination, all its parameters random."""
    f = Activation(ACTIVATIONS[combination.activation])
    first = Dense(6, bias=combination.layer != "batch_norm")
    layers = [first, f, LAYERS[combination.layer](f), Dense(OUTPUTS)]
    if combination.layer == "embedding":  # of inputs: rounding could take a code across a whole number
        layers.insert(0, layers.pop(2))
    net = kind(layers, INPUTS, combination.loss, seed=seed, dtype=combination.dtype)
    net.theta += np.random.default_rng(seed).normal(0, 0.1, net.theta.size).astype(net.dtype)
    return net


def data(loss, seed):
    """Inputs, and targets that the loss takes."""
    rng = np.random.default_rng(seed)
    x, rows = rng.uniform(-1, 1, (SAMPLES, INPUTS)), (SAMPLES, OUTPUTS)
    if loss in ("softmax_cross_entropy", "hinge"):
        return x, rng.integers(0, OUTPUTS, SAMPLES)
    if loss in ("sigmoid_cross_entropy", "perceptron"):
        return x, rng.integers(0, 2, rows)
    if loss == "poisson":
        return x, rng.poisson(2.0, rows)
    return x, rng.standard_normal(rows)


def rule(combination):
    """The optimizer of a combination."""
    name = combination.optimizer
    rate = RATES.get(name, 0.01) * (EXPLODING if combination.loss == "poisson" else 1)
    return type(OPTIMIZERS[name])(rate, **({"epsilon": 1e-4} if name in ADAPTIVE else {}))


def engine_named(name):
    """The class of an engine, which is imported for it."""
    if name == "native":
        from deltaprop.engines.native import NativeEngine

        return NativeEngine
    from deltaprop.engines.jax import JaxEngine

    return JaxEngine


def train(engine, net, combination, seed, batch):
    """The network after all steps; each call of the engine takes the samples once, in an order of its own."""
    x, t = data(combination.loss, seed)
    run = engine(net, x, net.encode(t), None, rule(combination), batch)
    rng, step = np.random.default_rng(seed), 0
    while step < STEPS:
        step += run.run(rng.permutation(SAMPLES), step, 1.0, Sums(len(run.layers)))
    run.fetch()
    return list(run.layers.values())


# -- both engines --------------------------------------------------------------------------------------------


def compare(combination, seed=0, engine="native"):
    """Trains a combination on that engine and on NumPy's."""
    batch = BATCHES[engine]
    for draw in range(1, 100):
        drawn = zlib.crc32(f"{combination[:-1]} {seed} {draw}".encode())  # the dtypes have the same problem
        reference = network(Watched, combination, drawn)
        start = reference.theta.copy()
        layers = train(NumpyEngine, reference, combination, drawn, batch)
        if reference.nearest >= NEAR:
            break
    ours = network(Network, combination, drawn)
    train(engine_named(engine), ours, combination, drawn, batch)
    largest = [np.abs(reference.theta[part]).max() for part in layers]

    def changes(theta):
        apart = np.abs(reference.theta - theta)
        return [float(apart[part].max() / most) for part, most in zip(layers, largest, strict=True)]

    differences = changes(ours.theta)
    if reference.buffers.size:
        differences.append(float(np.abs(ours.buffers - reference.buffers).max()))
    moved = changes(start)
    reached = moved[-1:] if combination.activation == "step" else moved  # no gradient passes a step
    return Outcome(float(np.max(differences)), min(reached), draw)  # np.max: NaN stays


def complaint(combination, outcome):
    """What is wrong with an outcome, or nothing."""
    if not outcome.difference <= LIMITS[combination.dtype]:
        return f"differs by {outcome.difference:.2g}"
    return "" if outcome.moved >= MOVED else f"moved by {outcome.moved:.2g} only"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, metavar="N", help="take N combinations only, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of the problems and of the sample")
    parser.add_argument("--engine", choices=list(BATCHES), default="native", help="beside NumPy's")
    parser.add_argument(
        "--part", default="1/1", metavar="I/N", help="every N-th combination only, from the I-th on"
    )
    arguments = parser.parse_args()
    if arguments.engine == "jax":  # before it is imported: the quickest compiler, not the quickest program
        os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "true")
        os.environ.setdefault("XLA_FLAGS", "--xla_cpu_use_fusion_emitters=false")
    part, parts = map(int, arguments.part.split("/"))
    chosen = combinations()
    if arguments.sample is not None:
        chosen = random.Random(arguments.seed).sample(chosen, min(arguments.sample, len(chosen)))
    chosen = chosen[part - 1 :: parts]
    began, outcomes, wrong = time.perf_counter(), {}, 0
    for number, combination in enumerate(chosen, 1):
        outcome = outcomes[combination] = compare(combination, arguments.seed, arguments.engine)
        if said := complaint(combination, outcome):
            wrong += 1
            print(f"\r{combination}: {said}")
        if arguments.engine == "jax" and number % 200 == 0:
            sys.modules["jax"].clear_caches()  # memory for compiled programs is limited
        if number % 50 == 0 or number == len(chosen):
            seconds = time.perf_counter() - began
            print(f"\r{number} of {len(chosen)}, {seconds:.0f} s", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    report(outcomes)
    print(f"{len(chosen) - wrong} of {len(chosen)} combinations are equal on both engines")
    return int(wrong > 0)


def report(outcomes):
    """The worst of each dtype, the least movement, and the problems drawn again."""
    for dtype, limit in LIMITS.items():
        of_dtype = [c for c in outcomes if c.dtype == dtype]
        if of_dtype:
            worst = max(of_dtype, key=lambda c: np.nan_to_num(outcomes[c].difference, nan=np.inf))
            difference = outcomes[worst].difference
            print(f"{dtype}: at most {difference:.2g} apart, of {limit:g} allowed ({worst})")
    least = min(outcomes, key=lambda c: outcomes[c].moved)
    print(f"weights moved by at least {outcomes[least].moved:.2g} ({least})")
    again = [outcome.draws - 1 for outcome in outcomes.values()]
    print(
        f"{np.count_nonzero(again)} problems came too near a kink and were drawn again ({sum(again)} drawings)"
    )


if __name__ == "__main__":
    sys.exit(main())
