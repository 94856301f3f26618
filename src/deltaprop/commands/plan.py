"""``--minutes``: as many epochs as there is time for, so that the schedules end in time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ..training.time_limit import TimeLimit
from .fitting import fit_network
from .prepare import Prepared

#: The part of the time that measuring may take, and the seconds that it takes at most.
MEASURING, LONGEST = 0.05, 1.0
#: The part of the time that is kept for steps slower than those measured, and for the report.
RESERVE = 0.1


@dataclass
class Pace(TimeLimit):
    """Seconds that an epoch takes, validation included: of a fit that is stopped after `seconds`."""

    per_epoch: float = field(default=0.0, init=False)

    def on_stop(self, run):
        self.per_epoch = (time.monotonic() - self._began) / max(run.progress, 1e-9)


def plan(prepared: Prepared, seconds: float) -> tuple[Prepared, TimeLimit, str]:
    """The same with as many epochs as fit into that time; a limit that guards them; and what is planned, in a line."""
    began, most = time.monotonic(), prepared.settings.epochs
    pace = Pace(min(MEASURING * seconds, LONGEST))
    fit_network(prepared.with_settings(prepared.settings), callbacks=[pace], progress=False)
    left = max(seconds - (time.monotonic() - began), MEASURING * seconds)
    epochs = max(1, min(most, int((1 - RESERVE) * left / pace.per_epoch)))
    said = (
        f"planned: {epochs} of {most} epochs of {pace.per_epoch:.2g} s, for the {seconds:.3g} s that are left"
    )
    return prepared.with_settings(prepared.settings.given(epochs=epochs)), TimeLimit(left), said
