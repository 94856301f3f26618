"""What a lesson consists of, and reading it from its file.

A file NAME.toml holds one lesson, English and Chinese side by side::

    [title]         en = "…", zh = "…"; likewise [text], [task] and [question]; blank lines separate paragraphs
    [[choices]]     an answer to choose, with `why` for the verdict and ``right = true`` on one of them; or
    [number]        a number to find, which a function of `truths` computes from the run
    [settings]      as `Settings` has them; `points` and `weights` are set by hand on top of them
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import numpy as np
from pydantic import Field, model_validator

from ..data import Points
from ..settings import Part, Settings


class Words(Part):
    """A text in each language."""

    en: str
    zh: str

    def text(self, language: str) -> str:
        """The text in ``"en"`` or ``"zh"``; no line of it begins with %."""
        return getattr(self, language).strip().replace(" %", "\u00a0%")


class Choice(Words):
    """One of the answers to choose from; `why` says why it is right or wrong."""

    right: bool = False
    why: Words


class Number(Part):
    """An answer that is a number: a function of `truths` computes it from the run and the arguments."""

    truth: str
    arguments: dict[str, float] = Field(default_factory=dict)
    tolerance: float = 0.02  # relative
    margin: float = 0.002  # absolute: as many decimals as the page shows
    right: Words
    wrong: Words


class Page(Part):
    """One lesson."""

    title: Words
    text: Words
    task: Words
    question: Words
    choices: tuple[Choice, ...] = ()
    number: Number | None = None
    controls: tuple[str, ...] = ()  # ``data-control`` of the page's controls that the lesson speaks of
    settings: Settings = Settings()
    points: tuple[tuple[float, float, float], ...] = ()  # x, y, target
    weights: tuple[float, ...] = ()  # all of theta

    @property
    def hand_points(self) -> Points | None:
        """The samples set by hand, all for training; None: those of the settings."""
        if not self.points:
            return None
        x, y, t = np.array(self.points).T
        return Points(np.stack([x, y], axis=1), t, np.zeros(len(t), bool))

    @model_validator(mode="after")
    def _has_one_question(self):
        right = sum(choice.right for choice in self.choices)
        if right != (self.number is None):
            raise ValueError("a lesson has a number to find, or choices of which one is right")
        return self


@cache
def read(name: str) -> Page:
    """The lesson of that name."""
    text = Path(__file__).with_name(f"{name}.toml").read_text("utf-8")
    return Page.model_validate(tomllib.loads(text))
