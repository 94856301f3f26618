"""``deltaprop train`` as the function of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..commands.fitting import fit_network
from ..commands.prepare import prepare
from ..commands.settings import Settings
from ..data import known_name
from ..errors import InputError
from .trial import Outcome


@dataclass(frozen=True)
class Training:
    """A run of ``deltaprop train`` that writes nothing, on one thread unless the settings say more.

    Its metrics are those of its history at the epoch whose weights are kept, and ``test_loss`` and ``test_score`` where
    there is a test part. The seed draws the split as well, and the data where they are random.

    Examples
    --------
    >>> sorted(Training()({"data": "iris", "layers": "4", "epochs": 2, "seed": 0}).metrics)[-3:]
    ['train_score', 'validation_loss', 'validation_score']
    """

    source: str = "sweep"

    def __call__(self, settings: dict[str, Any]) -> Outcome:
        if settings.get("folds") is not None:
            found = f"{self.source}: folds is given in a sweep"
            raise InputError(f"{found}, expected none: a sweep has seeds, which split anew; leave it out.")
        threads = None if settings.get("engine") == "jax" else 1
        prepared = prepare(Settings(self.source, **{"threads": threads} | settings))
        history = fit_network(prepared, progress=False)
        others, network = {}, prepared.network
        if "test" in prepared.parts and history.status != "diverged":
            x, t = prepared.parts["test"].x, prepared.parts["test"].t
            z = network.forward(x)
            others["test_loss"] = float(network.mean_loss(z, network.encode(t)))
            others["test_score"] = float(prepared.scoring.score(network, z, t))
        return Outcome.of_history(history, **others)

    @staticmethod
    def files(*settings: Mapping[str, Any]) -> set[Path]:
        """The files that those settings name as data."""
        paths = {Path(s["data"]) for s in settings if "data" in s and known_name(s["data"]) is None}
        return paths | {Path(s["test_data"]) for s in settings if s.get("test_data") is not None}
