"""Where an answer departs from the truth, and what mistake it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

EXACT = 1e-6  # relative error of a formula
ROUNDED = 6e-3  # of numbers written with three digits


@dataclass(frozen=True, eq=False)
class Answer:
    """One answer, judged.

    Attributes
    ----------
    name : str
    correct : bool
    message : str
        How many entries differ, and the largest difference.
    mistake : str
        The mistake that leads to exactly this answer, if it is a known one.
    difference : ndarray or None
        answer − truth, where the shapes agree.
    """

    name: str
    correct: bool
    message: str
    mistake: str = ""
    difference: np.ndarray | None = None

    def __str__(self) -> str:
        likely = f" Likely: {self.mistake}." if self.mistake else ""
        return f"{self.name}: {self.message}.{likely}"


@dataclass(frozen=True, eq=False, repr=False)
class Feedback:
    """What `Exercise.check` says of an answer: a line for each quantity that is asked."""

    answers: tuple[Answer, ...]
    missing: tuple[str, ...] = ()
    lesson: str = ""

    @property
    def correct(self) -> bool:
        """Whether every quantity is answered, and right."""
        return not self.missing and all(answer.correct for answer in self.answers)

    def __repr__(self) -> str:
        lines = [str(answer) for answer in self.answers]
        if self.missing:
            lines.append(f"Still to be answered: {', '.join(self.missing)}.")
        return "\n".join(lines + [self.lesson] * self.correct)


def judge(
    name: str, answer: np.ndarray, truth: np.ndarray, mistakes: Mapping[str, np.ndarray], rounded: bool
) -> Answer:
    """Compare an answer with the truth, entry by entry, and with what known mistakes lead to."""
    tolerance = ROUNDED if rounded else EXACT
    if answer.size == truth.size and _trimmed(answer.shape) == _trimmed(truth.shape):
        answer = answer.reshape(truth.shape)
    likely = next((words for words, wrong in mistakes.items() if _equal(answer, wrong, tolerance)), "")
    if answer.shape != truth.shape:
        transposed = answer.shape == truth.shape[::-1] and _equal(answer.T, truth, tolerance)
        message = f"wrong, its shape is {answer.shape} instead of {truth.shape}"
        return Answer(name, False, message, likely or "it is transposed" * transposed)
    with np.errstate(invalid="ignore"):
        difference = answer - truth
        wrong = ~(np.abs(difference) <= tolerance * np.abs(truth) + 1e-12)
    if not wrong.any():
        return Answer(name, True, "right", difference=difference)
    size_of = np.where(np.isfinite(difference), np.abs(difference), np.inf)
    worst = tuple(map(int, np.unravel_index(int(np.argmax(np.where(wrong, size_of, -1.0))), truth.shape)))
    values = f"{answer[worst]:.4g} instead of {truth[worst]:.4g}"
    message = (
        f"wrong, {_share(int(wrong.sum()), wrong.size)}, most {list(worst)}: {values}"
        if worst
        else f"wrong, {values}"
    )
    return Answer(name, False, message, likely or _usual(answer, truth, tolerance), difference)


def _share(count: int, size: int) -> str:
    """How many entries differ, in words."""
    if count == size:
        return "both entries differ" if size == 2 else f"all {size} entries differ"
    return f"{count} of {size} entries differ{'s' * (count == 1)}"


def _usual(answer: np.ndarray, truth: np.ndarray, tolerance: float) -> str:
    """Mistakes that any quantity can have."""
    if not np.isfinite(answer).all():
        return "an intermediate result overflows, or a divisor is 0"
    if _equal(-answer, truth, tolerance):
        return "the sign"
    if truth.ndim == 2 and truth.shape[0] == truth.shape[1] and _equal(answer.T, truth, tolerance):
        return "it is transposed"
    used = np.abs(truth) > 1e-12
    factors = answer[used] / truth[used]
    if (
        used.any()
        and factors[0]
        and np.allclose(factors, factors[0], rtol=tolerance)
        and (answer[~used] == 0).all()
    ):
        return f"a constant factor, {factors[0]:.4g}"
    return ""


def _equal(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    """Whether all entries agree, NaN with NaN."""
    if _trimmed(a.shape) != _trimmed(b.shape):
        return False
    return np.allclose(a.ravel(), b.ravel(), rtol=tolerance, atol=1e-12, equal_nan=True)


def _trimmed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without the axes of length 1 before the first other one."""
    while shape and shape[0] == 1:
        shape = shape[1:]
    return shape
