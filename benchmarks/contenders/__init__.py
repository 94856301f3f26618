"""The contenders: each a file with ``prepare(workload) → run``, where ``run(round) → (seconds a unit, extra)``.

`prepare` loads, builds and warms up; only `run` is timed, by itself. `extra` is a dict of what else came out, such as
the accuracy that was reached. ``prepare`` returns None for a workload that the contender does not take part in.
"""

from __future__ import annotations

from math import ceil

#: Name in the table → (module, variant).
CONTENDERS = {
    "deltaprop": ("deltaprop_", "native"),
    "deltaprop, NumPy engine": ("deltaprop_", "numpy"),
    "deltaprop, JAX engine": ("deltaprop_", "jax"),
    "deltaprop, JAX engine, steps alone": ("deltaprop_", "jax steps"),
    "matrix products alone (BLAS)": ("products", ""),
    "PyTorch": ("torch_", "eager"),
    "PyTorch, fused optimizer": ("torch_", "fused"),
    "JAX": ("jax_", ""),
    "scikit-learn": ("sklearn_", ""),
    "onnxruntime": ("onnx_", ""),
    "torch-levenberg-marquardt": ("torch_lm", "qr"),
    "torch-levenberg-marquardt, LU": ("torch_lm", "solve"),
    "torch-levenberg-marquardt, Cholesky": ("torch_lm", "cholesky"),
    "SciPy, least_squares": ("scipy_", "lm"),
}

#: Seconds of one timing at least, of a workload that leaves the number of epochs open.
LONG_ENOUGH = 0.03


def training(workload, train):
    """The run of a contender that trains.

    Parameters
    ----------
    workload : Workload
    train : callable
        ``train(seed, epochs)`` returns the seconds, and the first layer's trained w, an ndarray.
    """
    _, w = train(0, workload.epochs or 1)
    if w.dtype != workload.dtype:
        raise RuntimeError(f"computes in {w.dtype}, expected {workload.dtype}")
    epochs = workload.epochs or _enough(train)
    units = epochs * (workload.steps if workload.unit == "step" else 1)

    def run(number):
        return train(number, epochs)[0] / units, {}

    return run


def _enough(train) -> int:
    """Epochs that take `LONG_ENOUGH`, with a fifth to spare."""
    epochs = 1
    while (seconds := train(0, epochs)[0]) < LONG_ENOUGH:
        epochs = ceil(epochs * min(1.2 * LONG_ENOUGH / seconds, 100))
    return epochs
