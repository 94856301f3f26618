"""What an exercise is: numbers that are given, quantities that are asked, and the check of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import errors
from ..errors import InputError, short
from ..formula import FUNCTIONS, REDUCTIONS, evaluate
from .feedback import Feedback, judge


@dataclass(frozen=True, eq=False)
class Asked:
    """A quantity to be found.

    Attributes
    ----------
    name, meaning : str
    truth : ndarray
        Its value, by the library.
    solution : str
        A formula of the given names; assignments may precede it.
    mistakes : dict of str to str
        Words for a mistake, and the formula that it leads to; assignments may precede it.
    """

    name: str
    meaning: str
    truth: np.ndarray
    solution: str
    mistakes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False)
class Exercise:
    """An exercise on given numbers; printed, it is the question.

    Attributes
    ----------
    number, seed : int
    title, text : str
    given : dict of str to ndarray
        The numbers, by the names that formulas use; ``n`` is the number of samples.
    asked : tuple of Asked
    lesson : str
        What the right answer shows.
    """

    number: int
    seed: int
    title: str
    text: str
    given: Mapping[str, np.ndarray]
    asked: tuple[Asked, ...]
    lesson: str

    def check(self, answer: Any) -> Feedback:
        """Compare an answer with the truth.

        Parameters
        ----------
        answer : str, array, or mapping of str to either
            A formula of the given names, such as ``"y - t"``, or numbers, for the first quantity asked; or assignments
            ``"d_w = delta.T @ x / n; d_b = mean(delta, axis=0)"``, in which a later formula may use names of an earlier
            one; or formulas or numbers by name. Numbers need three digits.

        Returns
        -------
        Feedback
            Print it; ``correct`` says whether everything is right.

        Raises
        ------
        InputError
            If the answer cannot be read.
        """
        values = self._values(answer)
        by_name = {asked.name: asked for asked in self.asked}
        answers = [
            judge(name, value, by_name[name].truth, self._mistakes(by_name[name]), rounded)
            for name, (value, rounded) in values.items()
            if name in by_name
        ]
        missing = tuple(name for name in by_name if name not in values)
        return Feedback(tuple(answers), missing, self.lesson)

    def _values(self, answer: Any) -> dict[str, tuple[np.ndarray, bool]]:
        """The value of each name, and whether it is numbers rather than a formula."""
        first = self.asked[0].name
        if isinstance(answer, Mapping):
            values: dict[str, tuple[np.ndarray, bool]] = {}
            for name, part in answer.items():
                if not isinstance(part, str):
                    values[name] = _numbers(name, part), True
                    continue
                known = {**self.given, **{key: value for key, (value, _) in values.items()}}
                values |= {key or name: value for key, value in evaluate(part, known).items()}
        elif isinstance(answer, str):
            values = {name or first: value for name, value in evaluate(answer, self.given).items()}
        else:
            values = {first: (_numbers(first, answer), True)}
        if not any(asked.name in values for asked in self.asked):
            wanted = ", ".join(asked.name for asked in self.asked)
            raise InputError(
                f"Exercise: answer is {short(answer)}, expected one of {wanted}; write {first} = …."
            )
        return values

    def _mistakes(self, asked: Asked) -> dict[str, np.ndarray]:
        """What each known mistake leads to."""
        return {words: evaluate(wrong, self.given)[""][0] for words, wrong in asked.mistakes.items()}

    def __repr__(self) -> str:
        lines = [f"Exercise {self.number} (seed {self.seed}). {self.title}", "", self.text, "", "Given"]
        lines += [_shown(name, value) for name, value in self.given.items()]
        lines += ["", "Asked"]
        lines += [f"  {asked.name} = {asked.meaning}, shape {asked.truth.shape}" for asked in self.asked]
        return "\n".join(lines)

    def solution(self) -> str:
        """The formulas and values of everything that is asked."""
        lines = [f"{_shown(asked.name, asked.truth)}\n    by {asked.solution}" for asked in self.asked]
        return "\n".join([*lines, self.lesson])


#: How answers are written, for the command line.
SYNTAX = f"""\
Answers are formulas of the given names, or numbers with three digits: delta = y - t; d_b = [0.25, -1.5]
operations: + - * / ** @ .T and comparisons (1 if true, else 0)
functions:  {", ".join(name for name in FUNCTIONS if name not in REDUCTIONS)}
            {", ".join(REDUCTIONS)}, also with axis=0 or 1 and keepdims=True"""


def _shown(name: str, value: np.ndarray) -> str:
    small = np.abs(value[value != 0]).min(initial=1.0) < 1e-3
    text = np.array2string(value + 0.0, precision=5, suppress_small=not small, separator=", ")
    return f"  {name} = " + text.replace("\n", "\n" + " " * (len(name) + 5))


def _numbers(name: str, value: Any) -> np.ndarray:
    return errors.numeric("Exercise", name, value).astype(float)
