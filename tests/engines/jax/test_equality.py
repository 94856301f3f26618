"""The JAX engine ends with the NumPy engine's weights: every pair of layer, activation, loss and optimizer.

tests/equality.py runs the whole product.
"""

import itertools
import zlib

import equality
import numpy as np
import pytest
from equality import LAYERS, SAMPLES, STEPS, Watched

from deltaprop import Activation, Dense, Network
from deltaprop.engines import NumpyEngine, Sums
from deltaprop.engines.jax import JaxEngine
from deltaprop.functions.activations import ACTIVATIONS
from deltaprop.functions.losses import LOSSES
from deltaprop.optimizers import OPTIMIZERS

LIMITS = {"float32": 1e-4, "float64": 1e-10}  # of a layer's largest weight
BATCH = 11
N = 9  # losses, optimizers, and pairs of two layers or two activations


def paired(names):
    """Each name in one of nine pairs, or in two."""
    return [names[2 * k % len(names)] for k in range(N)], [names[(2 * k + 1) % len(names)] for k in range(N)]


# A square of nine losses and nine optimizers. As 1 and 2 have no divisor in common with 9, i + j and i + 2j meet every
# loss, every optimizer and each other once.
SQUARE = [
    (
        loss,
        rule,
        [row[(i + j) % N] for row in paired([*LAYERS])],
        [row[(i + 2 * j) % N] for row in paired([*ACTIVATIONS])],
    )
    for i, loss in enumerate(LOSSES)
    for j, rule in enumerate(OPTIMIZERS)
]


def test_every_pair_is_in_the_square():
    kinds = [([loss], [rule], layers, functions) for loss, rule, layers, functions in SQUARE]
    names = LOSSES, OPTIMIZERS, LAYERS, ACTIVATIONS
    for a, b in itertools.combinations(range(4), 2):
        met = {pair for kind in kinds for pair in itertools.product(kind[a], kind[b])}
        assert met == set(itertools.product(names[a], names[b]))


def network(kind, loss, layers, functions, dtype, seed):
    row = []
    for layer, name in zip(layers, functions, strict=True):
        f = Activation(ACTIVATIONS[name])
        own = LAYERS[layer](f)
        row = (
            [own, *row] if layer == "embedding" else row
        )  # of inputs: rounding could take a code across a whole number
        row += [Dense(6, bias=layer != "batch_norm"), f] + [own] * (layer != "embedding")
    net = kind([*row, Dense(equality.OUTPUTS)], equality.INPUTS, loss, seed=seed, dtype=dtype)
    net.theta += np.random.default_rng(seed).normal(0, 0.1, net.theta.size).astype(net.dtype)
    return net


def train(engine, net, rule, seed):
    """50 steps, for which all samples are laid out in their order: one call of the compiled function."""
    x, t = equality.data(net.loss.operation, seed)
    rng = np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(SAMPLES) for _ in range(STEPS * BATCH // SAMPLES)])
    run = engine(net, x[order], net.encode(t)[order], None, rule, BATCH)
    sums = Sums(len(run.layers))
    assert run.run(np.arange(len(order)), 0, 1.0, sums) == STEPS
    run.fetch()
    return run, sums


@pytest.mark.parametrize("loss", LOSSES)
def test_every_pair_of_kinds(loss):
    for number, (name, rule_name, layers, functions) in enumerate(SQUARE):
        if name != loss:
            continue
        dtype = "float32" if number % 2 and rule_name != "delta_bar_delta" else "float64"
        combination = equality.Combination(layers[0], functions[0], loss, rule_name, dtype)
        rule = equality.rule(combination)
        for draw in range(100):
            seed = zlib.crc32(f"{loss} {rule_name} {draw}".encode())
            reference = network(Watched, loss, layers, functions, dtype, seed)
            start = reference.theta.copy()
            expected, wanted = train(NumpyEngine, reference, rule, seed)
            if reference.nearest >= equality.NEAR:
                break
        ours, sums = train(JaxEngine, network(Network, loss, layers, functions, dtype, seed), rule, seed)
        what, within = f"{layers}, {functions}, {rule}, {dtype}", LIMITS[dtype]
        for part in expected.layers.values():
            largest = np.abs(reference.theta[part]).max()
            assert np.abs(ours.theta[part] - reference.theta[part]).max() <= within * largest, what
        assert np.abs(start - reference.theta).max() > 1e-3, what
        np.testing.assert_allclose(ours.buffers, reference.buffers, rtol=within, atol=within, err_msg=what)
        np.testing.assert_allclose(sums.vector, wanted.vector, rtol=20 * within, atol=within, err_msg=what)
