"""A fit some steps at a time, for whoever looks at it, stops it or changes it between any two steps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..engines.base import Sums
from . import samplers
from .batch_size import as_sizes
from .trainer import Trainer


class Stepwise:
    """The steps of a `Trainer`, as `fit` takes them, without its epochs' ends: no history, no callbacks, no measuring.

    Equal to `fit` to the last bit, however the steps are split into calls.

    Parameters
    ----------
    trainer : Trainer
        Its network is trained in place. Its sampler must not need the losses of samples.
    step, epoch, position : int
        Steps and epochs done before, and samples used of the present epoch.

    Attributes
    ----------
    engine : Engine
        ``engine.state`` is the state of the optimizer.
    sums : Sums
        Of the present epoch so far.
    total : Sums
        Of the complete epochs since `reset_total`.

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Dense, Network
    >>> from deltaprop.engines import select
    >>> from deltaprop.optimizers import SGD
    >>> from deltaprop.seeds import order_key
    >>> from deltaprop.training import data
    >>> net = Network([Dense(1)], inputs=1)
    >>> samples = data.check("fit", net, [[0.0], [1.0], [2.0]], [0.0, 2.0, 4.0])
    >>> rule = SGD(0.1)
    >>> fit = Stepwise(Trainer(net, samples, None, rule, select("auto", net, rule), 1, 2, order_key(0)))
    >>> fit.advance(3), fit.step, fit.epoch, fit.position
    (3, 3, 1, 2)
    """

    def __init__(self, trainer: Trainer, step: int = 0, epoch: int = 0, position: int = 0):
        self.trainer, self.step, self.epoch, self.position = trainer, step, epoch, position
        self.engine = trainer.new_engine(trainer.network)
        self.batch_size = as_sizes(trainer.batch_size).size(0, len(trainer.data.samples))
        self._pool = samplers.pool("fit", trainer.sampler, trainer.data, trainer.network, trainer.key)
        self._order: tuple[int, np.ndarray] | None = None  # of the epoch with this number
        layers = len(self.engine.layers)
        self.sums, self.total = Sums(layers), Sums(layers)

    @property
    def steps_per_epoch(self) -> int:
        return -(-len(self._pool.samples) // self.batch_size)

    def order(self) -> np.ndarray:
        """The samples of the present epoch, in order."""
        if self._order is None or self._order[0] != self.epoch:
            self._order = self.epoch, self.trainer.sampler.orders(self._pool, self.epoch, 1)[0]
        return self._order[1]

    def batch(self) -> np.ndarray:
        """The samples of the next step."""
        return self.order()[self.position : self.position + self.batch_size]

    def to_epoch_end(self) -> int:
        """Steps until the present epoch is complete, at least 1."""
        return -(-(len(self._pool.samples) - self.position) // self.batch_size)

    def advance(self, steps: int) -> int:
        """Take that many steps, and return how many were taken.

        Fewer are taken where a loss is not finite: the last step counted is then the one with that batch, and
        `finite` is False.
        """
        first, steps = self.step, int(steps)  # a NumPy integer would stay in `step` and `epoch`
        with np.errstate(all="ignore"):  # `finite` says what came of it
            for count in self._epochs_and_rests(steps):
                if count:
                    self._epochs(count)
                else:
                    self._part(steps - (self.step - first))
                if not self.finite:
                    break
        return self.step - first

    @property
    def finite(self) -> bool:
        """Whether all losses so far, weights, running statistics and the state of the optimizer are finite."""
        self.engine.fetch(state=True)
        arrays = [self.engine.theta, self.engine.buffers, *self.engine.state.values()]
        return bool(
            np.isfinite(self.sums.loss + self.total.loss)
            and all(np.isfinite(array).all() for array in arrays)
        )

    def end_epoch(self) -> None:
        """The present epoch is done, or left before its end: the next step is the first of the next epoch."""
        self.total.vector += self.sums.vector
        self.sums.vector[:] = 0
        self.epoch, self.position = self.epoch + 1, 0

    def reset_total(self) -> None:
        """Begin `total` again."""
        self.total.vector[:] = 0

    def _epochs_and_rests(self, steps: int) -> Iterator[int]:
        """How many whole epochs come next, 0 for a part of one, until the steps are taken."""
        last, size = self.step + steps, self.steps_per_epoch
        while self.step < last:
            whole = (last - self.step) // size if self.position == 0 else 0
            yield min(whole, max(1, self.engine.block_samples // len(self._pool.samples)))

    def _epochs(self, count: int) -> None:
        orders = self.trainer.sampler.orders(self._pool, self.epoch, count)
        report = self.engine.run_epochs(orders, self.step, 1.0, None)
        for epoch in range(count):
            self.total.vector += report.sums(epoch).vector
        self.step += int(report.steps.sum())
        self.epoch += count

    def _part(self, steps: int) -> None:
        chunk = self.order()[self.position : self.position + steps * self.batch_size]
        done = self.engine.run(chunk, self.step, 1.0, self.sums)
        self.step += done
        self.position += min(done * self.batch_size, len(chunk))
        if self.position == len(self._pool.samples):
            self.end_epoch()
