"""The native engine: the same equations as a program of the compiled core, many steps a call."""

from __future__ import annotations

from collections.abc import Callable
from math import gcd
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import batching
from ..functions.schedules import Schedule
from . import _core, program
from .base import Engine, Report, Sums
from .diagnostics import MOST
from .native_evaluator import NativeEvaluator, readable, targets

if TYPE_CHECKING:
    from ..network import Network
    from ..optimizers import Optimizer

#: Number of inputs from which skipping their most frequent value can pay, and the fraction of them that must have it.
SPARSE_FROM = 64
MOSTLY = 0.65


class NativeEngine(Engine):
    """Runs the steps in the compiled core: several times faster, equal to the NumPy engine within rounding.

    It reads float32, float64, integer and boolean inputs as they lie, memory-mapped or not, and CSR matrices.
    Two runs with the same seed and number of threads end with the same bits.
    """

    speed = 4.0

    def __init__(self, network: Network, x: Any, *arguments: Any, **options: Any):
        fill_value = fill_value_of(x)
        super().__init__(network, x, *arguments, **options)
        self.source, self.t = readable(x), targets(self.t)
        self.program = program.build(network, self.batch_size, self.threads, fill_value)
        self.rule = program.member(_core.Rule, self.optimizer)
        self.evaluator = NativeEvaluator(network, core=self.program)
        factors = [f for f in (self.rate_factors, self.decay_factors) if f is not None]
        self.factors_by_array = all(np.ptp(block.of(f)) == 0 for f in factors for block in network.layout)

    def changeable_rate_factors(self):
        self.factors_by_array = False
        return super().changeable_rate_factors()

    @classmethod
    def unable(cls, network, optimizer):
        if program.member(_core.Rule, optimizer) is None:
            return f"the core has no code for the optimizer {optimizer}"
        missing = program.unknown(network)
        if program.differs_by_layer(network):
            missing = "a penalty that differs from layer to layer"
        return None if missing is None else f"the core has no code for {missing}"

    def run(self, order: np.ndarray, step: int, rate_scale: float, sums: Sums) -> int:
        return self._train(order[np.newaxis], step, rate_scale, sums.vector[np.newaxis], None)

    def run_epochs(
        self,
        orders: np.ndarray,
        step: int,
        rate_scale: float,
        probe: np.ndarray | None,
        before_last: Callable[[], None] | None = None,
    ) -> Report:
        report, first = self.report(len(orders)), 0
        if before_last is not None and len(orders) > 1:
            first = len(orders) - 1
            step += self._train(orders[:first], step, rate_scale, report.table[:first], probe)
        if np.isfinite(report.loss).all():
            if before_last is not None:
                before_last()
            self._train(orders[first:], step, rate_scale, report.table[first:], probe)
        return report

    def _train(
        self, orders: np.ndarray, step: int, rate_scale: float, report: np.ndarray, probe: np.ndarray | None
    ) -> int:
        first, second, *_ = [*(self.state[name] for name in self.optimizer.vectors), None, None]
        steps = len(orders) * -(-orders.shape[1] // self.batch_size)
        return self.program.train(
            x=self.source,
            t=self.t,
            weight=self.sample_weight,
            order=np.ascontiguousarray(orders, np.int64),
            batch=self.batch_size,
            step=step,
            rule=self.rule,
            hyper=hyper_parameters(self.optimizer, step, steps, rate_scale),
            dropout=program.dropout_rates(self.network, np.arange(step, step + steps)),
            theta=self.theta,
            buffers=self.buffers,
            first=first,
            second=second,
            faded=self.state.get("faded"),
            rates=self.rate_factors,
            decays=self.decay_factors,
            factors_by_array=self.factors_by_array,
            clip_norm=self.clip_norm or 0.0,
            clip_value=self.clip_value or 0.0,
            report=report,
            probe=probe,
            most=MOST,
        )

    def outputs(self, x: Any, samples: np.ndarray | None = None) -> np.ndarray:
        return self.evaluator.forward(self.source if x is self.x else x, samples)

    def layer_stats(self, probe: np.ndarray, seen: np.ndarray) -> None:
        self.program.layer_stats(self.theta, self.buffers, probe, MOST, seen)


def fill_value_of(x: Any) -> float | None:
    """The value of most inputs, such as an image's background, if there is one: the core skips it."""
    if x.shape[1] < SPARSE_FROM:
        return None
    if batching.is_sparse(x):
        return 0.0 if x.nnz < (1 - MOSTLY) * x.shape[0] * x.shape[1] else None
    some = np.asarray(x[:: -(-x.shape[0] // 64)]).ravel()
    step = max(1, some.size // 4096)
    while gcd(step, x.shape[1]) > 1:  # not always the same columns
        step += 1
    some = some[::step]
    middle = np.partition(some, some.size // 2)[some.size // 2]  # the median is the value of the majority
    return float(middle) if np.mean(some == middle) >= MOSTLY else None


def hyper_parameters(optimizer: Optimizer, step: int, count: int, rate_scale: float) -> np.ndarray:
    """The hyper-parameters of steps step … step + count − 1, (count, 5): rate, β₁, β₂, ε, weight decay."""
    table = np.zeros((count, 5))
    k = np.arange(step, step + count)
    for column, name in enumerate(("learning_rate", *optimizer.numbers, "weight_decay")):
        if name is not None:
            value = getattr(optimizer, name)
            table[:, column] = value.rate(k) if isinstance(value, Schedule) else value
    table[:, 0] *= rate_scale
    return table
