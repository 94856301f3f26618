"""A limit on the time of a fit: measured before it begins, and kept."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from ..engines.base import Sums
from ..errors import number
from . import sampling
from .callbacks import Callback
from .trainer import Trainer

#: Seconds that measuring the steps of a fit takes about.
MEASURING = 0.1


@dataclass
class TimeLimit(Callback):
    """Stop when a fit has taken `seconds`, in the middle of an epoch too, and keep what was learned.

    The first epoch is finished in any case. The clock of a resumed fit begins anew.

    Parameters
    ----------
    seconds : float
        Wall-clock time; > 0.

    Examples
    --------
    >>> TimeLimit(60)
    TimeLimit(seconds=60)
    """

    seconds: float
    _began: float = field(default=0.0, init=False, repr=False, compare=False)

    def __post_init__(self):
        number("TimeLimit", "seconds", self.seconds, low=0, open_low=True)

    def on_start(self, run):
        self._began = time.monotonic()

    def on_poll(self, run):
        if 0 < run.epoch < run.epochs and time.monotonic() - self._began >= self.seconds:
            where = f"in epoch {run.epoch + 1} of {run.epochs}"
            run.stop(f"The time limit of {self.seconds:g} s was reached {where}.", status="time_limit")


def seconds_per_epoch(trainer: Trainer) -> float:
    """Wall-clock seconds of an epoch of that fit: some steps of a copy are measured, or some epochs of short ones."""
    data, size = trainer.data, trainer.batch_size
    engine = trainer.new_engine(trainer.network.copy())
    order = sampling.orders(data.samples, trainer.key, 0, 1, shuffle=trainer.shuffle)[0]
    sums = Sums(len(engine.layers))
    engine.run(order[:size], 0, 1.0, sums)  # the first one allocates
    done, steps, began = 0, 1, time.perf_counter()
    while (taken := time.perf_counter() - began) < MEASURING and done < len(order):
        with np.errstate(all="ignore"):
            engine.run(order[done : done + steps * size], 0, 1.0, sums)
        done, steps = min(done + steps * size, len(order)), 2 * steps
    engine.close()
    seconds = taken * len(order) / done
    if seconds > MEASURING:
        return seconds + _validation_seconds(trainer)
    epochs = int(np.clip(MEASURING / max(seconds, 1e-6), 2, 20))  # what surrounds the steps counts here
    trial = replace(trainer, network=trainer.network.copy(), epochs=epochs, checkpoint=None, resume=False)
    began = time.perf_counter()
    trial.run()
    return (time.perf_counter() - began) / epochs


def _validation_seconds(trainer: Trainer) -> float:
    """Seconds of a forward pass over the validation data."""
    if trainer.validation is None:
        return 0.0
    began = time.perf_counter()
    trainer.network.evaluator.forward(trainer.validation.x, trainer.validation.samples)
    return time.perf_counter() - began
