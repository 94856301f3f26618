"""JAX: a whole epoch compiled into one scan."""

from __future__ import annotations

from time import perf_counter

import jax
import jax.numpy as jnp

from ..workloads import Workload


def prepare(workload: Workload, variant: str, threads: int):
    """See `benchmarks.contenders`."""
    if workload.name not in ("rings", "mnist", "wide"):
        return None
    x, t = map(jnp.asarray, workload.data())
    weights = [jnp.asarray(w) for w in workload.weights()]
    epoch = jax.jit(_epoch(workload), donate_argnums=(0, 1))

    def run(seed):
        parameters = [w + 0 for w in weights]
        state = [jnp.zeros_like(w) for w in weights * (2 if workload.optimizer == "adam" else 1)]
        keys = jax.random.split(jax.random.key(seed), workload.epochs)
        jax.block_until_ready((parameters, state, keys))
        began = perf_counter()
        for k in range(workload.epochs):
            parameters, state = epoch(parameters, state, k * workload.steps, x, t, keys[k])
        jax.block_until_ready(parameters)
        units = workload.epochs * (workload.steps if workload.unit == "step" else 1)
        return (perf_counter() - began) / units, {}

    run(0)
    return run


def _loss(workload: Workload):
    def loss(parameters, x, t):
        for i in range(0, len(parameters) - 2, 2):
            x = jax.nn.relu(x @ parameters[i].T + parameters[i + 1])
        z = x @ parameters[-2].T + parameters[-1]
        if workload.loss == "softmax_cross_entropy":
            return -jnp.take_along_axis(jax.nn.log_softmax(z), t[:, None], axis=1).mean()
        return 0.5 * jnp.square(z[:, 0] - t).mean()

    return loss


def _epoch(workload: Workload):
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

    def epoch(parameters, state, k, x, t, key):
        order = jax.random.permutation(key, len(x)).reshape(workload.steps, workload.batch)
        carry = (parameters, state, jnp.float32(k), x, t)
        (parameters, state, *_), _ = jax.lax.scan(step, carry, order)
        return parameters, state

    return epoch
