"""The contenders of `benchmarks.gpu`: from the same weights, on the same samples in the same order, data on the device.

A contender's module has ``prepare(workload, variant, threads)`` as those of `benchmarks.contenders`. `rounds` makes the
run from ``train(orders)``, which trains for epochs of these orders, (epochs, samples), the first of them untimed, and
returns the seconds of the others and the first layer's w, an ndarray.
"""

from __future__ import annotations

import numpy as np

from ..workloads import Workload

#: Numbers of rounds that are none: epochs to compare the weights after, and a profile.
CHECK, PROFILE = 0, -1

#: Module and variant of each contender.
CONTENDERS = {
    "deltaprop": ("on_device_jax", "engine"),
    "JAX scan": ("on_device_jax", "scan"),
    "PyTorch, eager": ("on_device_torch", "eager"),
    "PyTorch, eager, foreach optimizer": ("on_device_torch", "foreach"),
    "PyTorch, compiled": ("on_device_torch", "default"),
    "PyTorch, compiled, CUDA graphs": ("on_device_torch", "reduce-overhead"),
    "PyTorch, compiled, max-autotune": ("on_device_torch", "max-autotune-no-cudagraphs"),
    "deltaprop, whole fit": ("on_device_jax", "fit"),
}


def rounds(workload: Workload, train):
    """The run of a contender; round `CHECK` gives rows of the trained w, and with them all later ones are warm."""
    rng = np.random.default_rng(0)
    orders = np.stack([rng.permutation(workload.samples) for _ in range(1 + workload.epochs)])

    def run(number):
        if number == CHECK:
            rows = train(orders[:2])[1][:8].tolist()
            train(orders)
            return 0.0, {"w": rows}
        seconds, _ = train(orders)
        return seconds / (workload.epochs * workload.steps), {}

    return run
