"""Networks drawn by Hypothesis over every layer, activation and loss, with random parameters and statistics."""

import numpy as np
from hypothesis import strategies as st

from deltaprop import (
    RBF,
    Activation,
    BatchNorm,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    LearnedScale,
    Network,
    ParametricActivation,
    PeriodicEmbedding,
    Residual,
    Scale,
    Softmax,
)
from deltaprop.functions.activations import ACTIVATIONS, LeakyReLU, Step
from deltaprop.functions.losses import LOSSES

WIDTHS = st.integers(1, 9)


def layers(dtype):
    """Layers that take any width, other than residual ones.

    In float32 those are left out that make much of a rounding error: the step, and layer normalization of values that
    are almost equal. Two programs that sum in different orders rightly differ there.
    """
    exact = dtype == "float64"
    functions = [f for f in [*ACTIVATIONS.values(), LeakyReLU(0.3)] if exact or f != Step()]
    return st.one_of(
        st.builds(Dense, WIDTHS, bias=st.booleans()),
        st.builds(RBF, WIDTHS),
        st.sampled_from(functions).map(Activation),
        st.sampled_from(functions).map(ParametricActivation),
        st.just(LearnedScale()),
        st.builds(PeriodicEmbedding, st.just(1), st.integers(1, 20), st.integers(1, 4)),
        st.just(Softmax()),
        st.builds(Dropout, st.sampled_from([0.0, 0.5])),
        st.builds(BatchNorm, momentum=st.sampled_from([0.1, 1.0]), epsilon=st.sampled_from([1e-5, 0.1])),
        st.builds(LayerNorm, epsilon=st.sampled_from([1e-5, 0.1] if exact else [0.1])),
        st.builds(Scale, st.sampled_from([1 / 255, -2.0]), st.sampled_from([0.0, 0.5])),
    )


@st.composite
def networks(draw, dtype):
    """A network of up to five layers, any of them within a residual connection."""
    inputs = width = draw(WIDTHS)
    row = []
    if draw(st.booleans()):  # first: behind other layers rounding could take a code across a whole number
        row.append(Embedding(draw(st.lists(st.integers(1, 3), min_size=1, max_size=inputs)), draw(WIDTHS)))
        width = row[0].width(width)
    for layer in draw(st.lists(layers(dtype), max_size=5)):
        if draw(st.booleans()):
            row.append(layer)
        else:
            row.append(Residual([layer, Dense(width)]))
        width = row[-1].width(width)
    net = Network(
        row, inputs, draw(st.sampled_from(sorted(LOSSES))), seed=draw(st.integers(0, 99)), dtype=dtype
    )
    rng = np.random.default_rng(net.seed)
    net.theta = net.theta + 0.3 * rng.standard_normal(net.theta.size)  # gains, shifts and biases too
    net.buffers[...] = rng.uniform(0.5, 2, net.buffers.size)
    return net


def batch(net, n=7):
    """Inputs of the network's dtype, from its seed."""
    return np.random.default_rng(net.seed).standard_normal((n, net.inputs)).astype(net.dtype)


def largest(net, x):
    """The largest value that passes through the network's layers: what rounding errors are measured by."""
    cache = net.new_cache()
    net.run_forward(x, cache)
    return max((float(np.abs(c.output).max()) for c in cache), default=1.0)


def difference(got, expected, scale=1.0):
    """The largest difference, in units of `scale` or of the largest value."""
    assert got.shape == expected.shape
    assert got.dtype == expected.dtype
    return float(np.abs(got - expected).max() / max(scale, np.abs(expected).max()))
