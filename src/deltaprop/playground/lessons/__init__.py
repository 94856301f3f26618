"""The course in short lessons: a state, a few sentences, something to try, and a question that is checked."""

from __future__ import annotations

from math import isclose, isfinite

from ...errors import short
from .. import messages
from ..build import network_of
from ..complaints import Complaint
from ..messages import Language
from ..problem import problem_of
from ..run import Run
from .page import Page, read

#: The names of the lessons, in order; each is a file here.
ORDER = (
    "perceptron",
    "adaline",
    "xor",
    "xor-feature",
    "xor-hidden",
    "linear",
    "equations",
    "slow-weights",
    "vanishing",
    "remedies",
    "stochastic",
    "shuffling",
    "inputs",
    "sigmoids",
    "targets",
    "initial-weights",
    "symmetry",
    "rates",
    "momentum",
    "own-rates",
    "radial",
    "second-order",
    "overfitting",
    "regularization",
)


def titles() -> list[dict[str, str]]:
    """Name and titles of all lessons, in order."""
    return [{"name": name, **read(name).title.model_dump()} for name in ORDER]


def start(name: str, language: Language = "en") -> tuple[messages.Lesson, Run]:
    """The lesson in that language, and its run.

    >>> lesson, run = start("xor")
    >>> lesson.title, len(run.points)
    ('XOR: one layer is not enough', 4)
    """
    lesson, page = describe(name, language), read(name)
    problem = problem_of(page.settings, page.hand_points)
    network = network_of(page.settings, problem)
    if page.weights:
        network.theta = page.weights
    return lesson, Run(page.settings, problem, network)


def describe(name: str, language: Language = "en") -> messages.Lesson:
    """The lesson's text in that language."""
    page = _page(name)
    place = ORDER.index(name)
    return messages.Lesson(
        name=name,
        title=page.title.text(language),
        text=page.text.text(language).split("\n\n"),
        task=page.task.text(language),
        question=page.question.text(language),
        choices=[choice.text(language) for choice in page.choices],
        controls=list(page.controls),
        number=place + 1,
        count=len(ORDER),
        previous=ORDER[place - 1] if place else None,
        next=ORDER[place + 1] if place + 1 < len(ORDER) else None,
    )


def check(name: str, text: str, run: Run, language: Language = "en") -> messages.Verdict:
    """Whether an answer is right: the number of a choice, counted from 1, or a number, computed from the run."""
    from . import truths  # needs SciPy, which the list of lessons does without

    page = _page(name)
    if page.number is None:
        numbers = {str(i): choice for i, choice in enumerate(page.choices, 1)}
        if text.strip() not in numbers:
            raise Complaint("lesson_choice", got=short(text), most=len(numbers))
        choice = numbers[text.strip()]
        return messages.Verdict(right=choice.right, text=choice.why.text(language))
    answer = _number(text)
    truth = truths.measure(page.number, run)
    right = isclose(answer, truth, rel_tol=page.number.tolerance, abs_tol=page.number.margin)
    words = page.number.right if right else page.number.wrong
    return messages.Verdict(right=right, text=words.text(language).format(truth=f"{truth:.4g}"))


def _page(name: str) -> Page:
    if name not in ORDER:
        raise Complaint("lesson_unknown", got=short(name), names=", ".join(ORDER))
    return read(name)


def _number(text: str) -> float:
    """The number that an answer says, with a minus sign of any kind and a point or a comma."""
    try:
        answer = float(text.replace("−", "-").replace(",", "."))
    except ValueError:
        answer = float("nan")
    if not isfinite(answer):
        raise Complaint("lesson_number", got=short(text))
    return answer
