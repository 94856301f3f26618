"""JAX: a whole epoch compiled into one scan; NumPy draws its order, several times faster than JAX does on CPUs."""

from __future__ import annotations

from time import perf_counter

import jax
import jax.numpy as jnp
import numpy as np

from ..workloads import Workload
from . import training


def prepare(workload: Workload, variant: str, threads: int):
    """See `benchmarks.contenders`."""
    if workload.task != "train":
        return None
    if workload.dtype == "float64":
        jax.config.update("jax_enable_x64", True)
    x, t = map(jnp.asarray, workload.data())
    weights = [jnp.asarray(w) for w in workload.weights()]
    compiled = jax.jit(epoch(workload), donate_argnums=(0, 1))

    def train(seed, epochs):
        rng = np.random.default_rng(seed)
        parameters = [w + 0 for w in weights]
        state = [jnp.zeros_like(w) for w in weights * (2 if workload.optimizer == "adam" else 1)]
        jax.block_until_ready((parameters, state))
        began = perf_counter()
        for k in range(epochs):
            order = rng.permutation(workload.samples).astype(np.int32).reshape(-1, workload.batch)
            parameters, state = compiled(parameters, state, k * workload.steps, x, t, order)
        jax.block_until_ready(parameters)
        return perf_counter() - began, np.asarray(parameters[0])

    return training(workload, train)


def _loss(workload: Workload):
    def loss(parameters, x, t):
        for i in range(0, len(parameters) - 2, 2):
            x = jax.nn.relu(x @ parameters[i].T + parameters[i + 1])
        z = x @ parameters[-2].T + parameters[-1]
        if workload.loss == "softmax_cross_entropy":
            return -jnp.take_along_axis(jax.nn.log_softmax(z), t[:, None], axis=1).mean()
        return 0.5 * jnp.square(z[:, 0] - t).mean()

    return loss


def epoch(workload: Workload):
    """The steps of an epoch: ``(parameters, state, first step, x, t, order) → (parameters, state)``."""
    gradient = jax.grad(_loss(workload))

    def momentum(parameters, v, g, k):
        v = [0.9 * a - workload.rate * b for a, b in zip(v, g, strict=True)]
        return [p + a for p, a in zip(parameters, v, strict=True)], v

    def adam(parameters, state, g, k):
        half = len(parameters)
        m = [0.9 * a + 0.1 * b for a, b in zip(state[:half], g, strict=True)]
        s = [0.999 * a + 0.001 * b * b for a, b in zip(state[half:], g, strict=True)]
        alpha = workload.rate / (1 - 0.9 ** (k + 1))
        root = jnp.sqrt(1 - 0.999 ** (k + 1))
        moved = [
            p - alpha * a / (jnp.sqrt(b) / root + 1e-8) for p, a, b in zip(parameters, m, s, strict=True)
        ]
        return moved, m + s

    rule = momentum if workload.optimizer == "momentum" else adam

    def step(carry, rows):
        parameters, state, k, x, t = carry
        parameters, state = rule(parameters, state, gradient(parameters, x[rows], t[rows]), k)
        return (parameters, state, k + 1.0, x, t), None

    def steps(parameters, state, k, x, t, order):
        carry = (parameters, state, jnp.asarray(k, x.dtype), x, t)
        (parameters, state, *_), _ = jax.lax.scan(step, carry, order)
        return parameters, state

    return steps
