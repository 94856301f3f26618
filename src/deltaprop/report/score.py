"""Which scores and errors belong to a run, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import InputError
from ..functions import scores

#: The names of measures, for ``--metric``.
OF_CLASSES = ("accuracy", "balanced_accuracy", "average_precision", "recall")
OF_A_CLASS = ("average_precision", "recall")  # of the rarest
OF_VALUES = ("r2", "mae", "rmse")

#: Classes are unequal if the largest has at least so many times the training samples of the smallest. The accuracy
#: then says little: always the largest class has two thirds of two classes right.
UNEQUAL = 2.0

#: Classes from which on the mean of their average precisions is left out: it sorts the samples for each.
MANY_CLASSES = 30

#: The longest name of a class that a label holds whole.
LONGEST = 10


@dataclass(frozen=True)
class Score:
    """Score, loss and all measures on one part of the data, as they are shown: errors are positive."""

    score: float
    loss: float
    samples: int
    measures: Mapping[str, float] = field(default_factory=dict)  # by label
    spread: Mapping[str, float] = field(default_factory=dict)  # of each over folds: see `mean_and_deviation`


def mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    """The mean and the sample standard deviation √(Σ (v − v̄)² / (n − 1)) of the values that are not NaN.

    The recall of a class that a fold does not test is NaN, and so are the mean of no values and the deviation of one.

    >>> mean_and_deviation([0.5, 0.75, float("nan")])
    (0.625, 0.1767766952966369)
    """
    known = [value for value in values if not np.isnan(value)]
    mean = float(np.mean(known)) if known else float("nan")
    return mean, float(np.std(known, ddof=1)) if len(known) > 1 else float("nan")


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model says of n samples: numbers (n, classes) with the class of each (n,), or values (n, targets)."""

    values: np.ndarray
    labels: Any = None

    def take(self, rows: np.ndarray) -> Answers:
        """Those of some samples."""
        return Answers(self.values[rows], None if self.labels is None else self.labels[rows])


@dataclass(frozen=True)
class Measure:
    """A score or an error of answers.

    Parameters
    ----------
    name : str
        One of `OF_CLASSES` or `OF_VALUES`.
    label : str
        As it is shown.
    column : int, optional
        The class or the target that it is about; None: all.

    Examples
    --------
    >>> import numpy as np
    >>> answers = Answers(np.array([[0.9, 0.1], [0.6, 0.4]]), labels=np.array([0, 0]))
    >>> Measure("recall", "recall of yes", 1)(answers, np.array([0, 1]))
    0.0
    """

    name: str
    label: str
    column: int | None = None

    def __call__(self, answers: Answers, t: np.ndarray) -> float:
        """Its value for class codes t (n,), or values t (n, targets) in the unit of the answers."""
        return _FUNCTIONS[self.name](answers, t, self.column)

    @property
    def sign(self) -> int:
        """1 where larger is better, −1 for an error."""
        return -1 if self.name in ("mae", "rmse") else 1


def _of(values: np.ndarray, column: int | None) -> np.ndarray:
    return values if column is None else values[:, column]


_FUNCTIONS: dict[str, Callable[[Answers, np.ndarray, Any], float]] = {
    "accuracy": lambda a, t, _: scores.accuracy(a.labels, t),
    "balanced_accuracy": lambda a, t, _: scores.balanced_accuracy(a.labels, t),
    "average_precision": lambda a, t, k: scores.average_precision(
        _of(a.values, k), t if k is None else t == k
    ),
    "recall": lambda a, t, k: scores.recall(a.labels, t, k),
    "r2": lambda a, t, j: scores.r2(_of(a.values, j), _of(t, j)),
    "mae": lambda a, t, j: scores.mae(_of(a.values, j), _of(t, j)),
    "rmse": lambda a, t, j: scores.rmse(_of(a.values, j), _of(t, j)),
}


def of_classes(
    names: Sequence[str], counts: np.ndarray, metric: str | None = None, there: np.ndarray | None = None
) -> tuple[Measure, ...]:
    """The measures of a classification, the most important one first.

    That is the accuracy; for unequal classes also the balanced accuracy, the average precision and the recall of the
    rarest class. The average precision is that of the rarest of two classes, the mean over up to 30.

    Parameters
    ----------
    names : sequence of str
    counts : ndarray (classes,)
        Training samples of each class. Of several rarest classes the last one counts, as 1 of 0 and 1.
    metric : str, optional
        What comes first.
    there : ndarray (classes,) of bool, optional
        Whether the samples to be scored have the class; the rarest is one that they have.

    Examples
    --------
    >>> [measure.label for measure in of_classes(("no", "yes"), np.array([90, 10]))]
    ['accuracy', 'balanced accuracy', 'average precision', 'recall of yes']
    """
    _check(metric, OF_CLASSES, "a classification")
    learned = np.where(counts > 0, counts, np.inf)
    scored = (
        learned if there is None or not (there & (counts > 0)).any() else np.where(there, learned, np.inf)
    )
    rarest = len(counts) - 1 - int(np.argmin(scored[::-1]))
    measures = (
        Measure("accuracy", "accuracy"),
        Measure("balanced_accuracy", "balanced accuracy"),
        Measure("average_precision", "average precision", rarest if len(names) == 2 else None),
        Measure("recall", f"recall of {shortened(names[rarest])}", rarest),
    )
    shown = measures if counts.max() >= UNEQUAL * learned.min() else measures[:1]
    if len(names) > MANY_CLASSES:
        shown = [measure for measure in shown if measure.name != "average_precision"]
    return _with_first(measures, shown, metric)


def of_values(names: Sequence[str], metric: str | None = None) -> tuple[Measure, ...]:
    """The measures of a regression, the most important one first: R², MAE and RMSE in the unit of the target.

    Of several targets R² is the mean, and the errors are those of each.

    >>> [measure.label for measure in of_values(("width", "height"))]
    ['R²', 'MAE of width', 'MAE of height', 'RMSE of width', 'RMSE of height']
    """
    _check(metric, OF_VALUES, "a regression")
    first = Measure("r2", "R²")
    if len(names) == 1:
        measures = (first, Measure("mae", "MAE"), Measure("rmse", "RMSE"))
        return _with_first(measures, measures, metric)
    if metric in ("mae", "rmse"):
        found = f"metric is {metric} with {len(names)} targets, each in its own unit"
        raise InputError(f"train: {found}, expected r2 or loss; choose one, or a single target.")
    errors = [
        Measure(n, f"{n.upper()} of {name}", j) for n in ("mae", "rmse") for j, name in enumerate(names)
    ]
    return (first, *errors)


def _with_first(
    known: Sequence[Measure], shown: Sequence[Measure], metric: str | None
) -> tuple[Measure, ...]:
    first = [measure for measure in known if measure.name == metric]
    return (*first, *(measure for measure in shown if measure not in first))


def _check(metric: str | None, known: tuple[str, ...], task: str) -> None:
    if metric not in (None, "loss", *known):
        wanted = ", ".join(known)
        raise InputError(f"train: metric is {metric} for {task}, expected {wanted} or loss; choose one.")


def score_name(task: str) -> str:
    """The name of a task's score where no other measure was chosen."""
    return "accuracy" if task == "classification" else "R²"


def shortened(name: str, longest: int = LONGEST) -> str:
    """A name that fits into a column.

    >>> shortened("benign"), shortened("without findings")
    ('benign', 'without f…')
    """
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def as_shown(name: str, score: Any) -> Any:
    """A score of which larger is better, or an array of them, as it is shown: errors are positive.

    >>> as_shown("MAE", -41.5), as_shown("R²", -0.5)
    (41.5, -0.5)
    """
    return -score if name.startswith(("MAE", "RMSE")) else score


def format_score(name: str, score: float) -> str:
    """A measure as text, by its label; NaN, of a class that does not occur, as a dash.

    >>> format_score("accuracy", 0.98125), format_score("R²", 0.5)
    ('98.12 %', '0.500')
    >>> format_score("MAE", 41.26), format_score("MAE", 18642)
    ('41.26', '18,642')
    """
    if np.isnan(score):
        return "–"
    if name in ("accuracy", "balanced accuracy") or name.startswith("recall of "):
        return f"{100 * score:.2f} %"
    if name.startswith(("MAE", "RMSE")):
        return f"{score:,.0f}" if 1e4 <= score < 1e9 else f"{score:#.4g}".rstrip(".")
    return f"{score:.3f}"
