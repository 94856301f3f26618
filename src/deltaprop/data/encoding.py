"""How the columns of a table become inputs: what is chosen, while transforms hold what is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..errors import InputError, number, short

SCALINGS = ("standard", "robust", "decorrelate")
CATEGORIES = ("one_hot", "embedding")


@dataclass(frozen=True)
class Encoding:
    """How the columns of a table become inputs of a network.

    Parameters
    ----------
    scaling : {"standard", "robust", "decorrelate"}
        Numbers and dates less their mean, divided by their standard deviation; or less their median, divided by their
        interquartile range. "decorrelate": as "standard", and then their principal components, each of variance 1
        (`deltaprop.data.decorrelation.Decorrelated`).
    clip : bool
        Whether numbers x then become x / √(1 + (x/3)²), which stays within ±3.
    categories : {"one_hot", "embedding"}
        "one_hot": an input for each of up to 32 categories, the most frequent ones, one for all others and one for
        missing entries. "embedding": −1 and 1 for two categories and for booleans, 0 where the entry is missing;
        an input of 0 and 1 for each of up to `few` categories; and codes 0 … K−1 (−1: missing or unseen) for
        `deltaprop.layers.Embedding` above.
    few : int
        See above.
    indicators : bool
        Whether numbers with missing entries have a further input that marks these.

    Examples
    --------
    >>> STANDARD
    Encoding(scaling='standard', clip=False, categories='one_hot', few=9, indicators=True)
    """

    scaling: Literal["standard", "robust", "decorrelate"] = "robust"
    clip: bool = True
    categories: Literal["one_hot", "embedding"] = "embedding"
    few: int = 9
    indicators: bool = True

    def __post_init__(self) -> None:
        for name, known in (("scaling", SCALINGS), ("categories", CATEGORIES)):
            if (value := getattr(self, name)) not in known:
                found = f"{name} is {short(value)}, expected {' or '.join(map(repr, known))}"
                raise InputError(f"Encoding: {found}; choose one.")
        for name in ("clip", "indicators"):
            if not isinstance(value := getattr(self, name), bool):
                raise InputError(f"Encoding: {name} is {short(value)}, expected True or False; choose one.")
        number("Encoding", "few", self.few, low=2, integer=True)


#: Standardized numbers and one-hot categories.
STANDARD = Encoding("standard", clip=False, categories="one_hot")

#: What suits networks best: robust scaling, smooth clip, embeddings.
ROBUST = Encoding()
