"""The learning-rate range test: one short run in which the rate grows from step to step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, count
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import engines, seeds
from ..engines import Engine, Sums
from ..errors import InputError, number, short
from ..optimizers import Optimizer, as_optimizer
from . import data as checked
from .samplers import SAMPLERS, Pool

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SMOOTHING = 0.9  # of the running mean of the loss
DIVERGED = 4.0  # times the smallest smoothed loss so far: the test ends


@dataclass(frozen=True)
class LearningRateSearch:
    """What the range test found.

    Attributes
    ----------
    rate : float
        The suggested learning rate; always a number > 0.
    rates, losses, smoothed : ndarray of shape (steps,)
        The rate of each step, the loss of its batch before the step, and the running mean of the losses.
    trust : {"good", "fair", "none"}
        How far to trust `rate`; `message` says why.
    message : str
    """

    rate: float
    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    trust: str
    message: str

    def plot(self, ax: Axes | None = None) -> Axes:
        """The loss over the learning rate, with the suggested one, on `ax` or a new figure."""
        from ..plots import curves, logarithmic  # imported on use: matplotlib takes its time

        series = {"loss of a batch": self.losses, "running mean": self.smoothed}
        mark = self.rate, f"suggested: {self.rate:.2g}"
        ax = curves(self.rates, series, "loss", xlabel="learning rate", mark=mark, log=True, ax=ax)
        logarithmic(ax.xaxis)
        return ax

    def __float__(self) -> float:
        return self.rate

    def __repr__(self) -> str:
        return f"LearningRateSearch(rate={self.rate:.3g}, trust={self.trust!r}): {self.message}"


def lr_find(
    network: Any,
    x: Any,
    t: Any,
    *,
    sample_weight: Any = None,
    optimizer: str | Optimizer = "adam",
    batch_size: int = 32,
    low: float = 1e-7,
    high: float = 10.0,
    steps: int = 100,
    engine: str | type[Engine] = "auto",
    threads: int | None = None,
    seed: int | None = None,
) -> LearningRateSearch:
    """Suggest a learning rate: train a copy for `steps` steps while the rate grows geometrically from `low` to `high`.

    Too small a rate changes nothing, too large a one lets the loss explode. Suggested is the rate at which the smoothed
    loss falls most steeply over the logarithm of the rate, not more than a tenth of the one where it is smallest. The
    test ends early when the smoothed loss exceeds four times its minimum.

    The network, the optimizer (which holds no state) and every source of randomness are afterwards as they were: a fit
    gives the same weights with the test before it or without.

    Parameters
    ----------
    network, x, t, sample_weight, batch_size, engine, threads, seed
        As for `fit`.
    optimizer : str or Optimizer
        The rule that will be used; its own learning rate is left out of account.
    low, high : float
        First and last rate; 0 < low < high.
    steps : int
        ≥ 10. More are slower and less noisy.

    Returns
    -------
    LearningRateSearch

    Notes
    -----
    What the number is worth: it is the rate for the beginning of the training, from these weights, with this batch size
    and rule. A rate that is constant for a whole fit is often best at a third to all of it, a one-cycle schedule can
    peak at it or a little above. The result is an order of magnitude; two seeds may differ by a factor of 3.

    Source: Smith, *Cyclical Learning Rates for Training Neural Networks* (2017), §3.3.

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Dense, Network
    >>> x = np.random.default_rng(0).standard_normal((200, 3))
    >>> net = Network([Dense(16), "tanh", Dense(1)], inputs=3, seed=1)
    >>> search = lr_find(net, x, x.sum(axis=1), optimizer="sgd")
    >>> 0.01 < search.rate < 3
    True
    """
    optimizer = as_optimizer(optimizer)
    number("lr_find", "low", low, low=0, open_low=True)
    number("lr_find", "high", high, low=0, open_low=True)
    if not low < high:
        raise InputError(
            f"lr_find: high is {short(high)}, expected more than low={short(low)}; change one of them."
        )
    number("lr_find", "steps", steps, low=10, integer=True)
    number("lr_find", "batch_size", batch_size, low=1, integer=True)
    if seed is not None:
        number("lr_find", "seed", seed, low=0, integer=True)
    chosen = engines.select(engine, network, optimizer)
    data = checked.check("lr_find", network, x, t, sample_weight)
    n = len(data.samples)
    size = n if optimizer.full_batch else min(batch_size, n)
    rule = replace(optimizer, learning_rate=1.0)  # the engine multiplies it by the rate of the step
    copy = network.copy()
    runner = chosen(copy, data.x, data.t, data.sample_weight, rule, size, threads=threads)
    key = seeds.order_key(network.seed if seed is None else seed)
    rates = np.geomspace(low, high, steps)
    losses = _losses(runner, Pool(data.samples, key, data.t), rates)
    return judge(rates[: len(losses)], losses)


def _losses(runner: Engine, pool: Pool, rates: np.ndarray) -> np.ndarray:
    """The loss of each step's batch before the step, up to where it diverges."""
    losses: list[float] = []
    mean, best = 0.0, np.inf
    with np.errstate(all="ignore"):  # the test is meant to diverge
        for k, (rate, batch) in enumerate(zip(rates, _batches(pool, runner.batch_size), strict=False)):
            sums = Sums(len(runner.layers))
            runner.run(batch, k, float(rate), sums)
            loss = sums.loss / sums.weight if sums.weight else np.inf
            if not np.isfinite(loss):
                break
            losses.append(loss)
            mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
            unbiased = mean / (1 - SMOOTHING ** (k + 1))
            best = min(best, unbiased)
            if k >= 10 and unbiased > DIVERGED * best:
                break
    return np.array(losses)


def _batches(pool: Pool, size: int) -> Iterator[np.ndarray]:
    """An infinite iterator over batches, epoch after epoch."""
    for epoch in count():
        order = SAMPLERS["shuffled"].orders(pool, epoch, 1)[0]
        for start in range(0, max(len(order) - size, 0) + 1, size):
            yield order[start : start + size]


def judge(rates: np.ndarray, losses: np.ndarray) -> LearningRateSearch:
    """The suggestion derived from a curve of losses over rates.

    Examples
    --------
    >>> import numpy as np
    >>> judge(np.geomspace(1e-3, 1, 50), np.full(50, 2.0)).trust
    'none'
    """
    smoothed = _smooth(losses)
    if len(losses) < 5:
        rate, trust = float(rates[0]) if len(rates) else 1e-7, "none"
        words = (
            "The loss was not finite within the first steps, at the lowest rate: scale inputs and targets first. The "
            "lowest rate is returned."
        )
        return LearningRateSearch(rate, rates, losses, smoothed, trust, words)
    first = losses[: max(5, len(losses) // 5)]  # where the rates are too small to matter
    lowest, level = len(first) - 1 + int(np.argmin(smoothed[len(first) - 1 :])), float(first.mean())
    fall = level - float(smoothed[lowest])
    noise = float(first.std()) * ((1 - SMOOTHING) / (1 + SMOOTHING)) ** 0.5  # of the running mean
    if fall <= max(0.02 * abs(level), 3 * noise):
        rate, trust = float(np.sqrt(rates[0] * rates[-1])), "none"
        words = (
            "The loss hardly fell at any rate: the middle of the range is returned, which is arbitrary. Use more "
            "steps or larger batches, or check that these inputs can explain the targets."
        )
        return LearningRateSearch(rate, rates, losses, smoothed, trust, words)
    begin = int(np.flatnonzero(np.append(level, smoothed[1 : lowest + 1]) > level - 0.1 * fall)[-1])
    slope = np.gradient(smoothed, np.log(rates))[begin : lowest + 1]
    steepest = float(rates[begin + int(np.argmin(slope))])
    rate = min(steepest, float(rates[lowest]) / 10)  # the running mean is some ten steps behind
    trust, words = (
        "good",
        "Fall, minimum and rise are clear; good to a factor of about 3 for the beginning of a fit.",
    )
    if rate < 10 * rates[0]:
        trust = "none"
        words = "The loss falls at the lowest rates already: scale inputs and targets, or lower low."
    elif smoothed[-1] < 1.2 * smoothed[lowest] and lowest > len(rates) - 5:
        trust = "fair"
        words = "The loss was still falling at the highest rate: a larger one may do as well; raise high."
    elif rates[lowest] > 100 * steepest:
        trust, words = "fair", "The steepest fall lies far below the minimum: try up to ten times this rate."
    return LearningRateSearch(rate, rates, losses, smoothed, trust, words)


def _smooth(losses: np.ndarray) -> np.ndarray:
    """The exponentially weighted running mean, corrected for its start at 0."""
    means = accumulate(losses, lambda mean, loss: SMOOTHING * mean + (1 - SMOOTHING) * loss, initial=0.0)
    return np.array(list(means)[1:]) / (1 - SMOOTHING ** np.arange(1, len(losses) + 1))
