"""What a step of a solver costs, estimated before the first one."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from ..engines.evaluator import PRODUCT
from ..errors import InputError
from .objective import couples_samples

if TYPE_CHECKING:
    from ..network import Network

#: What a Hessian-vector product takes for each sample and parameter, in multiplications and additions of a large matrix
#: product: it has 9, of matrices that are small, and its activations. Measured.
OF_A_PRODUCT = 40


class Cost(NamedTuple):
    """Memory in bytes beside the data, and seconds of one step."""

    memory: int
    seconds: float

    @classmethod
    def of_normal_equations(cls, network: Network, samples: int) -> Cost:
        """Of forming the Gauss–Newton matrix and factoring it once."""
        p, rows = network.theta.size, samples * network.outputs
        small, large = sorted((p, rows))
        held = rows * p if rows < p or couples_samples(network) else min(rows * p, PRODUCT)
        operations = large * small**2 + small**3 / 3
        return cls(8 * (6 * small**2 + (4 if rows < p else 1) * held), operations / operations_per_second())

    @classmethod
    def of_hessian(cls, network: Network, samples: int) -> Cost:
        """Of forming the exact Hessian by p products with it, and factoring it once."""
        p = network.theta.size
        return cls(8 * 8 * p**2, (OF_A_PRODUCT * samples * p**2 + p**3 / 3) / operations_per_second())

    @classmethod
    def of_update(cls, network: Network) -> Cost:
        """Of a quasi-Newton update of a dense matrix by SciPy, which multiplies such matrices twice."""
        p = network.theta.size
        return cls(8 * 12 * p**2, 2 * p**3 / operations_per_second())


@cache
def operations_per_second() -> float:
    """Multiplications and additions of a matrix product on one thread, a few milliseconds' measurement."""
    a = np.ones((384, 384))
    best = np.inf
    with threadpool_limits(1, user_api="blas"):  # threads would wait for each other on a busy machine
        for _ in range(3):
            began = time.perf_counter()
            _ = a @ a
            best = min(best, time.perf_counter() - began)
    return len(a) ** 3 / best


def refuse_if_large(solver: Any, cost: Cost) -> None:
    """InputError where a step takes more than the solver's `max_memory` or `max_step_seconds`."""
    limits = {
        "max_memory": (cost.memory / 1e9, solver.max_memory, "GB"),
        "max_step_seconds": (cost.seconds, solver.max_step_seconds, "s"),
    }
    for name, (needed, limit, unit) in limits.items():
        if needed > limit:
            raise InputError(
                f"{solver.name}: a step takes about {needed:.3g} {unit}, expected at most {name}={limit:g}; use a "
                f"smaller network, fewer samples or an optimizer such as adam, or {solver.name}({name}=…)."
            )
