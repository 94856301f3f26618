"""The network beside simpler answers on the same parts of the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .score import Answers, Measure, format_score


@dataclass(frozen=True)
class Comparison:
    """What one model reaches: part → measure as it is shown → value, errors as errors.

    Attributes
    ----------
    name : str
        ``"network"``, ``"linear model"``, or the trivial answer, such as ``"always 'benign'"``.
    scores : mapping of mappings
        By part ("train", "validation", "test") and by measure, such as "accuracy", "recall of malignant", "R²" or
        "MAE"; `deltaprop.report.score.format_score` writes a value.

    Examples
    --------
    >>> Comparison("network", {"test": {"accuracy": 0.95}}).scores["test"]["accuracy"]
    0.95
    """

    name: str
    scores: Mapping[str, Mapping[str, float]]


#: Groups of the jackknife, and samples that it looks at, at most.
GROUPS, LARGEST = 20, 20_000


def standard_error(measure: Measure, one: Answers, other: Answers, t: np.ndarray) -> float:
    """The standard error of the difference of a measure between two answers for the same samples.

    The samples are left out in g ≤ 20 groups, every g-th sample each: with D_j the difference without group j,
    √((g − 1)/g Σ (D_j − D̄)²). It needs no formula of the measure, and sees that both are right on the same samples. Of
    more than 20,000 samples a part stands for all.

    Source: Efron and Tibshirani, *An Introduction to the Bootstrap* (1993), §11.5: the delete-d jackknife.

    Examples
    --------
    >>> t = np.array([0, 0, 0, 1])
    >>> one, other = (Answers(np.eye(2)[labels], labels) for labels in (t, np.zeros(4, int)))
    >>> standard_error(Measure("accuracy", "accuracy"), one, other, t)
    0.25
    """
    chosen = np.arange(0, len(t), -(-len(t) // LARGEST))
    groups = min(len(chosen), GROUPS)
    differences = []
    for j in range(groups):
        rows = chosen[np.arange(len(chosen)) % groups != j]
        differences.append(measure(one.take(rows), t[rows]) - measure(other.take(rows), t[rows]))
    return float(np.sqrt((groups - 1) * np.var(differences) * len(chosen) / len(t)))


def remarks(
    measure: Measure,
    part: str,
    t: np.ndarray,
    network: Answers,
    trivial: tuple[str, Answers],
    linear: Answers | None = None,
) -> list[str]:
    """What a comparison on held-out samples says in plain words: nothing, where the network is better than both.

    It is better if it is ahead by more than the standard error of the difference.

    Parameters
    ----------
    measure : Measure
        What they are compared by.
    part : str
        The name of the held-out part.
    t : ndarray (n,) or (n, targets)
    network, linear : Answers
    trivial : (str, Answers)
        The answer in words, such as ``"always answering 'benign'"``.

    Examples
    --------
    >>> t = np.array([0, 0, 0, 1])
    >>> always = Answers(np.eye(2)[np.zeros(4, int)], np.zeros(4, int))
    >>> accuracy = Measure("accuracy", "accuracy")
    >>> remarks(accuracy, "test", t, always, ("always answering 'benign'", always))[0][:74]
    "The network is no better than always answering 'benign' (accuracy 75.00 % "
    """
    found = []
    name, answers = trivial
    ahead, text = _against(measure, part, t, network, answers)
    if ahead <= 0:
        found.append(f"The network is no better than {name} ({text}): {REMEDY}.")
    elif ahead <= standard_error(measure, network, answers, t):
        found.append(f"The network is hardly better than {name} ({text}; it may be chance): {REMEDY}.")
    if linear is not None:
        ahead, text = _against(measure, part, t, network, linear)
        error = standard_error(measure, network, linear, t)
        text = _against(measure, part, t, linear, network)[1]
        if ahead < -error:
            found.append(f"A linear model does better ({text}).")
        elif ahead <= 0 and not found:
            found.append(f"A linear model does as well ({text}).")
        elif ahead <= error and not found:
            found.append(f"A linear model does nearly as well ({text}; it may be chance).")
    return found


REMEDY = "try more data, other columns or more epochs, or let deltaprop train --search N try other settings"


def _against(measure: Measure, part: str, t: np.ndarray, one: Answers, other: Answers) -> tuple[float, str]:
    """By how much one is ahead of the other, and both in words."""
    values = measure(one, t), measure(other, t)
    first, second = (format_score(measure.label, value) for value in values)
    return measure.sign * (
        values[0] - values[1]
    ), f"{measure.label} {first} against {second} on the {part} part"
