"""The neural tangent parametrization, z = x wᵀ / √m with w ~ N(0, 1), is a matter of rates under Adam."""

import jax
import jax.numpy as jnp
import numpy as np

from deltaprop import Dense, Network
from deltaprop.functions import LeCunNormal
from deltaprop.optimizers import Adam

jax.config.update("jax_enable_x64", True)
RATE, DECAY, BETA1, BETA2, EPSILON = 0.03, 0.2, 0.9, 0.95, 1e-300
RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 7))
T = RNG.normal(size=(40, 2))


def loss(parameters):
    """The network with weights of variance 1, divided by the roots of their numbers of inputs."""
    (w0, b0), (w1, b1) = parameters
    a = jnp.tanh(X @ w0.T / np.sqrt(7) + b0)
    z = a @ w1.T / np.sqrt(5) + b1
    return ((z - T) ** 2).sum() / 2 / len(X)


def adam(parameters, steps):
    """Adam with decoupled decay, rates α for the weights and α/10 for the biases, which do not decay."""
    m = s = jax.tree.map(jnp.zeros_like, parameters)
    gradient = jax.jit(jax.grad(loss))
    for k in range(1, steps + 1):
        g = gradient(parameters)
        m = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, m, g)
        s = jax.tree.map(lambda s, g: BETA2 * s + (1 - BETA2) * g**2, s, g)

        def step(p, m, s, k=k):
            rate = RATE if p.ndim == 2 else RATE / 10
            shrunk = p * (1 - RATE * DECAY) if p.ndim == 2 else p
            return shrunk - rate * (m / (1 - BETA1**k)) / (jnp.sqrt(s / (1 - BETA2**k)) + EPSILON)

        parameters = jax.tree.map(step, parameters, m, s)
    return parameters


def test_fan_in_rates_are_the_steps_of_the_parametrization():
    init = LeCunNormal()
    net = Network([Dense(5, init), "tanh", Dense(2, init)], 7, seed=1, dtype="float64")
    first, last = net.layers[0], net.layers[2]
    start = [(first.w * np.sqrt(7), first.b + 0), (last.w * np.sqrt(5), last.b + 0)]
    (w0, b0), (w1, b1) = adam(start, steps=30)
    net.fit(
        X,
        T,
        optimizer=Adam(RATE, BETA1, BETA2, EPSILON, weight_decay=DECAY),
        epochs=30,
        batch_size=None,
        rate_factors={"w": "fan_in", "b": 0.1},
        decay_factors={"w": "fan_in", "b": 0},
    )
    for ours, theirs in ((first.w, w0 / np.sqrt(7)), (last.w, w1 / np.sqrt(5)), (first.b, b0), (last.b, b1)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-10)
