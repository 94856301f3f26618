"""The diagonal of each layer's second derivatives against differences of its forward pass."""

import numpy as np
import pytest

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
from deltaprop.curvature import hessian_diagonal
from deltaprop.layers import Layer, chain

LAYERS = {
    "dense": Dense(4),
    "dense without bias": Dense(4, bias=False),
    "tanh": Activation("tanh"),
    "gelu": Activation("gelu"),
    "softmax": Softmax(),
    "dropout": Dropout(0.4),
    "batch norm": BatchNorm(),
    "layer norm": LayerNorm(),
    "rbf": RBF(4),
    "learned scale": LearnedScale(),
    "periodic embedding": PeriodicEmbedding(2, frequencies=4, units=2),
    "embedding": Embedding((1, 2), size=3),
    "parametric gelu": ParametricActivation("gelu"),
    "parametric selu": ParametricActivation("selu"),
    "scale": Scale(0.7, 0.1),
    "elementwise residual": Residual([Scale(0.5)]),
}


def second_differences(function, v, h=2e-3):
    """∂²f/∂v_i² for each i, of fourth order in h."""
    steps = h * np.eye(len(v))
    weights = {-2: -1, -1: 16, 0: -30, 1: 16, 2: -1}
    return np.array([sum(w * function(v + k * s) for k, w in weights.items()) for s in steps]) / (12 * h**2)


@pytest.mark.parametrize("gauss_newton", [True, False])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("layer", list(LAYERS)[:-1])
def test_the_diagonal_equals_second_differences(layer, training, gauss_newton):
    """Of Σ d_z z + ½ h_z (z − z₀)² at z = z₀, where ∂²/∂z² is diagonal; without d_z if Gauss–Newton."""
    rng = np.random.default_rng(5)
    net = Network([LAYERS[layer]], inputs=3, dtype="float64")
    net.theta = rng.normal(scale=0.7, size=net.theta.size)
    net.buffers[:] = rng.uniform(0.5, 2, net.buffers.size)
    x = rng.normal(size=(5, 3))
    cache = net.new_cache(training)
    start = net.run_forward(x, cache)
    d_z, h_z = rng.normal(size=start.shape), rng.normal(size=start.shape)
    slope = 0 if gauss_newton else d_z

    def value(v):
        other = net.copy()
        other.theta = v[: net.theta.size]
        z = other.forward(v[net.theta.size :].reshape(x.shape), training=training)
        return (slope * (z - start) + h_z * np.square(z - start) / 2).sum()

    grad, h_grad = np.empty_like(net.theta), np.empty_like(net.theta)
    chain.backward(net.layers, cache, d_z, net.views(grad))
    h_x = chain.backward_diagonal(net.layers, cache, h_z, net.views(h_grad), gauss_newton)
    wanted = second_differences(value, np.append(net.theta, x))
    np.testing.assert_allclose(np.append(h_grad, h_x), wanted, rtol=1e-6, atol=1e-7)


def test_a_residual_layer_adds_its_two_paths():
    """x + F(x): the product of the paths, 2 F′ h, is left out."""
    net, h_z = Network([LAYERS["elementwise residual"]], inputs=2, dtype="float64"), np.array([[1.0, -3.0]])
    cache = net.new_cache()
    net.run_forward(np.ones((1, 2)), cache)
    chain.backward(net.layers, cache, h_z, net.views(np.empty(0)))
    h_x = chain.backward_diagonal(net.layers, cache, h_z, net.views(np.empty(0)), True)
    np.testing.assert_allclose(h_x, (1 + 0.5**2) * h_z)


def test_a_layer_of_ones_own_need_not_have_second_derivatives():
    class Double(Layer):
        def forward(self, p, x, cache):
            return 2 * x

        def backward(self, p, cache, d_z, grad):
            return 2 * d_z

        def jvp(self, p, d_p, cache, d_x):
            return 2 * d_x

    net = Network([Dense(2), Double()], inputs=2)
    x, t = np.ones((3, 2)), np.zeros((3, 2))
    net.gradient(x, t)
    with pytest.raises(
        NotImplementedError, match="Double has no r_backward: write it for second derivatives"
    ):
        net.hvp(x, t, np.ones(6))
    with pytest.raises(NotImplementedError, match="Double has no backward_diagonal"):
        hessian_diagonal(net, x, t)
