"""The network beside simpler answers on the same parts of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .parts import on
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
#: Standard errors by which a model must be ahead to be called better: half the width of a 95 % interval.
SURE = 2.0


def standard_error(measure: Measure, one: Answers, other: Answers, t: np.ndarray) -> float:
    """The standard error of the difference of a measure between two answers for the same samples.

    The samples are left out in g ≤ 20 groups, drawn at random: with D_j the difference without group j,
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
    chosen = np.random.default_rng(0).permutation(len(t))[
        :LARGEST
    ]  # the rows may be in the order of the classes
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

    It is better if it is ahead by more than two standard errors of the difference.

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

    def against(other: Answers) -> _Difference:
        error = standard_error(measure, network, other, t)
        return _Difference(measure, measure(network, t), measure(other, t), error, on(part))

    return _sentences(trivial[0], against(trivial[1]), None if linear is None else against(linear))


def remarks_on_folds(
    measure: Measure,
    network: Sequence[float],
    trivial: tuple[str, Sequence[float]],
    linear: Sequence[float] | None = None,
) -> list[str]:
    """The same of a measure in each fold of a cross-validation; the error is that of the mean difference.

    >>> accuracy = Measure("accuracy", "accuracy")
    >>> remarks_on_folds(accuracy, [0.7, 0.8], ("always answering 'benign'", [0.5, 0.5]), [0.8, 0.8])
    ['A linear model does at least as well (accuracy 80.00 % against 75.00 % in cross-validation).']
    """

    def against(other: Sequence[float]) -> _Difference:
        pairs = np.array([network, other])
        pairs = pairs[:, ~np.isnan(pairs).any(axis=0)]  # the recall of a class that a fold does not test
        n = pairs.shape[1]
        error = float(np.std(pairs[0] - pairs[1], ddof=1) / np.sqrt(n)) if n > 1 else np.inf
        mean, others = pairs.mean(axis=1).tolist() if n else (np.nan, np.nan)
        return _Difference(measure, mean, others, error, "in cross-validation")

    return _sentences(trivial[0], against(trivial[1]), None if linear is None else against(linear))


@dataclass(frozen=True)
class _Difference:
    """A measure of the network and of another model, and the standard error of their difference."""

    measure: Measure
    network: float
    other: float
    error: float
    where: str

    @property
    def ahead(self) -> float:
        """By how much the network is better."""
        return self.measure.sign * (self.network - self.other)

    def text(self, first: float, second: float) -> str:
        """Both values in words."""
        label = self.measure.label
        return f"{label} {format_score(label, first)} against {format_score(label, second)} {self.where}"


def _sentences(name: str, trivial: _Difference, linear: _Difference | None) -> list[str]:
    found = []
    text = trivial.text(trivial.network, trivial.other)
    if trivial.ahead <= 0:
        found.append(f"The network is no better than {name} ({text}): {REMEDY}.")
    elif trivial.ahead <= SURE * trivial.error:
        found.append(f"The network is hardly better than {name} ({text}; it may be chance): {REMEDY}.")
    if linear is not None:
        text = linear.text(linear.other, linear.network)
        if linear.ahead < -SURE * linear.error:
            found.append(f"A linear model does better ({text}).")
        elif linear.ahead <= 0 and not found:
            found.append(f"A linear model does at least as well ({text}).")
        elif linear.ahead <= SURE * linear.error and not found:
            found.append(f"A linear model does nearly as well ({text}; it may be chance).")
    return found


REMEDY = "try more data, other columns or more epochs, or let deltaprop train --search N try other settings"
