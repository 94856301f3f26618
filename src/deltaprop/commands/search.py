"""``--search``: successive halving over a small, good space around the default settings, on all cores."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..search import Trial, successive_halving
from ..seeds import stream
from ..solvers import SOLVERS
from . import console
from .fitting import fit_network
from .prepare import Prepared
from .settings import Settings

#: After a round the best 1/FACTOR of the candidates are trained for FACTOR times as many epochs.
FACTOR = 3


def search(prepared: Prepared, count: int, given: Collection[str], log: Path) -> tuple[Settings, str]:
    """The best settings of `count` candidates by the score on the validation part, and what they are, in a line.

    The first candidate are the settings as they are; options in `given` are the user's and stay. A log that exists is
    continued.
    """
    check(prepared)
    found = candidates(
        prepared.settings, count, given, np.random.default_rng(stream(prepared.settings.seed, "search"))
    )
    best = -np.inf

    def show(trial: Trial) -> None:
        nonlocal best
        best = max(best, trial.score)
        advance(f"best {prepared.scoring.text(best)}")

    with console.trial_bar("search", sum(_rounds(len(found)))) as advance:
        trials = successive_halving(
            partial(evaluate, prepared),
            found,
            prepared.settings.epochs,
            factor=FACTOR,
            jobs=-1,
            log=log,
            on_trial=show,
        )
    winner = trials[0]
    changed = ", ".join(f"{name} {_text(value)}" for name, value in found[winner.candidate].items())
    said = f"search: {len(found)} candidates, validation {prepared.scoring.text(winner.score)}"
    said += f" with {changed}" if changed else " without any change"
    return prepared.settings.given(**found[winner.candidate]), said


def check(prepared: Prepared) -> None:
    """Refuse a search that cannot be made."""
    if prepared.settings.optimizer in SOLVERS:
        found = f"search is given with the solver {prepared.settings.optimizer}"
        raise InputError(f"train: {found}, expected an optimizer; leave one of them out.")
    if prepared.settings.engine == "jax":
        found = "search is given with the engine jax"
        raise InputError(f"train: {found}, expected another: each core trains a candidate; leave one out.")
    if "validation" not in prepared.parts:
        raise InputError("train: search is given without a validation part, expected one; give --validation.")


def candidates(
    settings: Settings, count: int, given: Collection[str], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """No change at all, and then different changes of the settings, drawn from the `space`; `count` if there are."""
    options = {name: values for name, values in space(settings).items() if name not in given}
    combinations = [dict(zip(options, values, strict=True)) for values in product(*options.values())]
    changes = [
        {name: value for name, value in each.items() if value != getattr(settings, name)}
        for each in combinations
    ]
    changes = [change for change in changes if change]
    return [{}, *(changes[i] for i in rng.permutation(len(changes))[: count - 1])]


def space(settings: Settings) -> dict[str, list[Any]]:
    """The values that are tried of each option."""
    rate = settings.learning_rate
    options: dict[str, list[Any]] = {
        "learning_rate": [float(f"{factor * rate:.2g}") for factor in (0.3, 3.0)] + [rate],
        "layers": [settings.layers, (64, 64), (256, 256, 256), (512, 512)],
        "dropout": [settings.dropout, 0.0, 0.3],
        "weight_decay": [settings.weight_decay, 0.0, 0.1],
    }
    if settings.periodic_embedding:
        options["periodic_embedding"] = [True, False]
    if settings.label_smoothing:
        options["label_smoothing"] = [settings.label_smoothing, 0.0]
    return {name: list(dict.fromkeys(values)) for name, values in options.items()}


def evaluate(prepared: Prepared, candidate: Mapping[str, Any], epochs: int) -> float:
    """The score on the validation part after a training on one thread; not finite if it diverged."""
    settings = prepared.settings.given(**candidate, epochs=epochs, threads=1)
    tried = prepared.with_settings(settings)
    history = fit_network(tried, progress=False)
    if history.status == "diverged":
        return -np.inf
    part = tried.parts["validation"]
    return tried.scoring.score(tried.network, tried.network.forward(part.x), part.t)


def _rounds(count: int) -> list[int]:
    """The number of trainings in each round."""
    return [count] if count < FACTOR else [count, *_rounds(count // FACTOR)]


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else f"{value}"
