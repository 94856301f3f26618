"""The contenders: each a file with ``prepare(workload) → run``, where ``run(round) → (seconds a unit, extra)``.

`prepare` loads, builds and warms up; only `run` is timed, by itself. `extra` is a dict of what else came out, such as
the accuracy that was reached. ``prepare`` returns None for a workload that the contender does not take part in.
"""

from __future__ import annotations

#: Name in the table → (module, variant).
CONTENDERS = {
    "deltaprop": ("deltaprop_", "native"),
    "deltaprop, NumPy engine": ("deltaprop_", "numpy"),
    "matrix products alone (BLAS)": ("products", ""),
    "PyTorch": ("torch_", "eager"),
    "PyTorch, fused optimizer": ("torch_", "fused"),
    "JAX": ("jax_", ""),
    "scikit-learn": ("sklearn_", ""),
    "onnxruntime": ("onnx_", ""),
}
