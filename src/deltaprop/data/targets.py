"""Targets to what a loss takes, and back: class labels ↔ integers, quantities ↔ standardised numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError, finite, number, numeric
from . import columns
from .transforms import mean_and_scale, standardize


@dataclass(frozen=True)
class Labels:
    """Class labels ↔ their positions in `classes`.

    Examples
    --------
    >>> labels = Labels("answer", ("no", "yes"))
    >>> labels.encode(np.array(["yes", "no"])).tolist(), labels.decode(np.array([1, 1])).tolist()
    ([1, 0], ['yes', 'yes'])
    """

    name: str
    classes: tuple[str | int | float | bool, ...]

    def __post_init__(self) -> None:
        if len({columns.text(label) for label in self.classes}) < max(2, len(self.classes)):
            got = f"is {self.classes!r}"
            raise InputError(
                f"Labels: classes {got}, expected at least two distinct labels; give samples of two classes "
                "or more."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The one target column."""
        return (self.name,)

    def encode(self, t: Any) -> np.ndarray:
        """(n,) labels → (n,) intp; a label is known by its text, so that 3, 3.0 and "3" are the same class."""
        t = np.asarray(t)
        if t.ndim != 1:
            raise InputError(f"Labels: t has shape {t.shape}, expected (n,); give one label a sample.")
        place = {columns.text(label): code for code, label in enumerate(self.classes)}
        codes = np.fromiter((place.get(columns.text(label), -1) for label in t.tolist()), np.intp, len(t))
        if (codes < 0).any():
            row = int(np.argmin(codes))
            known = ", ".join(list(place)[:10]) + (", …" if len(place) > 10 else "")
            remedy = "correct the label, or train on data that show this class"
            raise InputError(
                f"target {self.name!r}: t has {t.tolist()[row]!r} in row {row + 1}, expected one of {known}; "
                f"{remedy}."
            )
        return codes

    def decode(self, codes: Any) -> np.ndarray:
        """(n,) positions → (n,) labels."""
        codes = np.asarray(codes)
        if codes.dtype.kind not in "iu" or (
            codes.size and not 0 <= codes.min() <= codes.max() < len(self.classes)
        ):
            got = f"has dtype {codes.dtype}" if codes.dtype.kind not in "iu" else f"reaches {codes.max()}"
            raise InputError(
                f"Labels: codes {got}, expected integers of 0…{len(self.classes) - 1}; give positions of "
                "classes."
            )
        return np.array(self.classes)[codes]

    def describe(self) -> str:
        """One line for the user."""
        return f"{self.name}: {len(self.classes)} classes ({', '.join(map(str, self.classes[:10]))}" + (
            ", …)" if len(self.classes) > 10 else ")"
        )


@dataclass(frozen=True)
class Values:
    """Quantities ↔ (t − mean) / scale, each target by itself.

    Examples
    --------
    >>> values = Values.learn(("price",), np.array([100.0, 300.0]))
    >>> values.encode(np.array([100.0, 400.0])).tolist(), values.decode(np.array([[-1.0], [2.0]])).tolist()
    ([[-1.0], [2.0]], [100.0, 400.0])
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.names) == len(self.mean) == len(self.scale):
            raise InputError(
                "Values: mean, scale differ in length, expected one a target; give as many as names."
            )
        for scale in self.scale:
            number("Values", "scale", scale, low=0.0)

    @classmethod
    def learn(cls, names: tuple[str, ...], t: np.ndarray, standardized: bool = True) -> Values:
        """From the training targets (n,) or (n, k); not `standardized`: as they are (mean 0, scale 1)."""
        if not standardized:
            return cls(names, (0.0,) * len(names), (1.0,) * len(names))
        mean, scale = mean_and_scale("t", t.reshape(len(t), -1))
        return cls(names, tuple(mean.tolist()), tuple(scale.tolist()))

    def encode(self, t: Any) -> np.ndarray:
        """(n,) or (n, k) in original units → (n, k) float32."""
        t = finite("Values", "t", numeric("Values", "t", t))
        rows = t[:, None] if t.ndim == 1 else t
        if rows.ndim != 2 or rows.shape[1] != len(self.names):
            raise InputError(
                f"Values: t has shape {t.shape}, expected (n, {len(self.names)}); give the targets of "
                "training."
            )
        return standardize("Values", "t", rows, self.mean, self.scale)

    def decode(self, y: Any) -> np.ndarray:
        """(n, k) outputs of the network → original units: (n, k), or (n,) where k is 1; float64."""
        y = np.asarray(y, np.float64)
        rows = y[:, None] if y.ndim == 1 else y
        if rows.ndim != 2 or rows.shape[1] != len(self.names):
            raise InputError(
                f"Values: y has shape {y.shape}, expected (n, {len(self.names)}); give the network's outputs."
            )
        t = rows * np.array(self.scale) + np.array(self.mean)
        return t[:, 0] if t.shape[1] == 1 else t

    def describe(self) -> str:
        """One line for the user."""
        parts = zip(self.names, self.mean, self.scale, strict=True)
        return "; ".join(
            f"{name}: quantity, mean {mean:g}, standard deviation {scale:g}" for name, mean, scale in parts
        )
