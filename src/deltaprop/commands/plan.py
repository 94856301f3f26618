"""``--minutes``: as many epochs as there is time for, so that the schedules end in time."""

from __future__ import annotations

import time

from ..training.time_limit import Pace, TimeLimit, epochs_in, measuring
from .fitting import fit_network
from .prepare import Prepared


def plan(prepared: Prepared, seconds: float) -> tuple[Prepared, TimeLimit, str]:
    """The same with as many epochs as fit into that time; a limit that guards them; and what is planned, in a line."""
    began, most = time.monotonic(), prepared.settings.epochs
    pace = Pace(measuring(seconds))
    fit_network(prepared.with_settings(prepared.settings), callbacks=[pace], progress=False)
    left = max(seconds - (time.monotonic() - began), measuring(seconds))
    epochs = epochs_in(left, pace, most)
    said = (
        f"planned: {epochs} of {most} epochs of {pace.per_epoch:.2g} s, for the {seconds:.3g} s that are left"
    )
    return prepared.with_settings(prepared.settings.given(epochs=epochs)), TimeLimit(left), said
