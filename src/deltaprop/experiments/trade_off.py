"""Where first-order training overtakes: the time to a given error over the size of the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ..plots import LIGHT, curves, figure_of, logarithmic, styled
from .comparison import RULES
from .problems import surface, tanh_network
from .training_time import train


@dataclass(frozen=True)
class TradeOff:
    """What `trade_off` found.

    Attributes
    ----------
    parameters : ndarray of shape (sizes,)
    errors : tuple of float
        Mean squared errors to be reached.
    times : dict of str to ndarray of shape (sizes, errors)
        Medians over the seeds, in seconds; infinite where it was not reached.
    limit : float
        Seconds after which a run ended.
    """

    parameters: np.ndarray
    errors: tuple[float, ...]
    times: Mapping[str, np.ndarray]
    limit: float

    def __str__(self) -> str:
        lines = []
        for k, error in enumerate(self.errors):
            lines.append(f"seconds to a mean squared error of {error:g}, by number of parameters")
            lines.append(f"{'':<24}" + "".join(f"{p:>9}" for p in self.parameters))
            for name, times in self.times.items():
                lines.append(f"{name:<24}" + "".join(f"{time:9.3g}" for time in times[:, k]))
        return "\n".join(lines)

    def figure(self, error: float) -> Figure:
        """Times to one of the errors; a cross at the limit where it was not reached."""
        k = self.errors.index(error)
        ax = styled(None, LIGHT, 5.8, 3.4)
        reached = {name: np.where(np.isfinite(t[:, k]), t[:, k], np.nan) for name, t in self.times.items()}
        label = f"time to an error of {error:g} (s)"
        curves(self.parameters, reached, label, xlabel="parameters", log=True, ax=ax)
        for i, times in enumerate(self.times.values()):
            missed = self.parameters[~np.isfinite(times[:, k])]
            ax.plot(missed, np.full(len(missed), self.limit), "x", color=LIGHT.color(i), markersize=7 - i)
        logarithmic(ax.xaxis)
        return figure_of(ax)


def trade_off(
    widths: Sequence[int] = (5, 10, 20, 40, 80),
    samples: int = 4000,
    errors: Sequence[float] = (1e-3, 1e-5),
    seconds: float = 20.0,
    seeds: int = 1,
    rules: Mapping[str, Any] | None = None,
) -> TradeOff:
    """Times of networks 2-w-w-1 by each rule.

    An iteration of Levenberg–Marquardt costs samples × parameters², an epoch of first-order training samples ×
    parameters: it needs a few iterations whatever the size, and loses where each of them takes too long. The smaller
    the error that is asked for, the later that is.
    """
    rules = rules or {name: RULES[name] for name in ("LM", "L-BFGS", "Adam")}
    x, t = surface(samples)
    errors = tuple(sorted(errors, reverse=True))
    times = {name: np.empty((len(widths), len(errors), seeds)) for name in rules}
    parameters = [tanh_network((2, width, width, 1)).theta.size for width in widths]
    for i, width in enumerate(widths):
        for seed in range(seeds):
            for name, rule in rules.items():
                net = tanh_network((2, width, width, 1), seed=seed)
                run = train(net, x, t, rule, error=errors[-1], seconds=seconds)
                times[name][i, :, seed] = [run.time_to(error) for error in errors]
    medians = {name: np.median(each, axis=2) for name, each in times.items()}
    return TradeOff(np.array(parameters), errors, medians, seconds)
