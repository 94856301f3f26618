"""Targets as a loss takes them, and back: class labels ↔ integers, quantities ↔ standardized numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError, finite, number, numeric, short
from .columns import text
from .scaling import mean_and_scale, standardize


@dataclass(frozen=True)
class ClassTarget:
    """Class labels ↔ their positions in `classes`.

    >>> target = ClassTarget("answer", ("no", "yes"))
    >>> target.encode(np.array(["yes", "no"])).tolist(), target.decode(np.array([1, 1])).tolist()
    ([1, 0], ['yes', 'yes'])
    """

    name: str
    classes: tuple[str | int | float | bool, ...]

    def __post_init__(self) -> None:
        if len(set(map(text, self.classes))) < max(2, len(self.classes)):
            found = f"classes is {short(self.classes)}"
            raise InputError(f"ClassTarget: {found}, expected at least two distinct labels; add samples.")

    @property
    def names(self) -> tuple[str, ...]:
        """The one target column."""
        return (self.name,)

    def encode(self, t: Any) -> np.ndarray:
        """(n,) labels → (n,) intp; labels are compared as text, so that 3, 3.0 and "3" are the same class."""
        t = np.asarray(t)
        if t.ndim != 1:
            raise InputError(f"ClassTarget: t has shape {t.shape}, expected (n,); give a label per sample.")
        known = {text(label): code for code, label in enumerate(self.classes)}
        codes = np.array([known.get(text(label), -1) for label in t.tolist()], np.intp)
        if (codes < 0).any():
            row = int(np.argmin(codes))
            found, wanted = f"{short(t.tolist()[row])} in row {row + 1}", f"one of {self._shown()}"
            raise InputError(f"target {self.name!r}: t has {found}, expected {wanted}; correct the label.")
        return codes

    def decode(self, codes: Any) -> np.ndarray:
        """(n,) positions → (n,) labels."""
        codes, last = np.asarray(codes), len(self.classes) - 1
        if codes.dtype.kind not in "iu" or ((codes < 0) | (codes > last)).any():
            found = f"has dtype {codes.dtype}" if codes.dtype.kind not in "iu" else f"reaches {codes.max()}"
            raise InputError(f"ClassTarget: codes {found}, expected integers of 0…{last}; correct them.")
        return np.array(self.classes)[codes]

    def describe(self) -> str:
        """One line for the user."""
        return f"{self.name}: {len(self.classes)} classes ({self._shown()})"

    def _shown(self) -> str:
        return ", ".join(map(str, self.classes[:10])) + ", …" * (len(self.classes) > 10)


@dataclass(frozen=True)
class QuantityTarget:
    """Quantities ↔ (t − mean) / scale, each target by itself; scale 0, of a constant target, stands for 1.

    >>> target = QuantityTarget.learn(("price",), np.array([100.0, 300.0]))
    >>> target.encode(np.array([100.0, 400.0])).tolist(), target.decode(np.array([[-1.0], [2.0]])).tolist()
    ([[-1.0], [2.0]], [100.0, 400.0])
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    limits: tuple[tuple[float, ...], ...] | None = (
        None  # smallest and largest that are predicted, original units
    )

    def __post_init__(self) -> None:
        if not 1 <= len(self.names) == len(self.mean) == len(self.scale):
            raise InputError("QuantityTarget: mean and scale differ in length, expected one each per name.")
        for scale in self.scale:
            number("QuantityTarget", "scale", scale, low=0.0)
        if self.limits is not None and [len(limit) for limit in self.limits] != [len(self.names)] * 2:
            raise InputError(
                "QuantityTarget: limits differ in length, expected two for each name; correct them."
            )

    @classmethod
    def learn(
        cls, names: tuple[str, ...], t: np.ndarray, standardized: bool = True, clamped: bool = False
    ) -> QuantityTarget:
        """From the training targets (n,) or (n, k).

        Not `standardized`: as they are (mean 0, scale 1). `clamped`: predictions stay within the range of t.
        """
        t = t.reshape(len(t), -1)
        limits = (tuple(t.min(axis=0).tolist()), tuple(t.max(axis=0).tolist())) if clamped else None
        if not standardized:
            return cls(names, (0.0,) * len(names), (1.0,) * len(names), limits)
        mean, scale = mean_and_scale([f"target {name!r}" for name in names], t)
        if (
            close := (scale == 0) & (t != t[0]).any(axis=0)
        ).any():  # as close together as numbers of their size can be
            scale[close] = (t - t[0])[:, close].std(axis=0)
        return cls(names, tuple(mean.tolist()), tuple(scale.tolist()), limits)

    def encode(self, t: Any) -> np.ndarray:
        """(n,) or (n, k) in original units → (n, k) float32."""
        t = self._rows("t", finite("QuantityTarget", "t", numeric("QuantityTarget", "t", t)))
        return standardize("QuantityTarget", "t", t, self.mean, self._divisor)

    def decode(self, y: Any) -> np.ndarray:
        """(n, k) outputs of the network → original units, within the limits: (n, k), or (n,) where k is 1; float64."""
        t = self._rows("y", numeric("QuantityTarget", "y", y)) * self._divisor + self.mean
        if self.limits is not None:
            low, high = self.limits
            t = np.clip(t, low, high)
        return t[:, 0] if t.shape[1] == 1 else t

    def clamp(self, y: np.ndarray) -> np.ndarray:
        """Standardized values (n, k) within the limits."""
        return y if self.limits is None else np.clip(y, *self.encode(np.array(self.limits)))

    @property
    def _divisor(self) -> np.ndarray:
        """Never 0: of other samples than those of training a target may vary."""
        scale = np.asarray(self.scale)
        return np.where(scale > 0, scale, 1.0)

    def _rows(self, argument: str, t: np.ndarray) -> np.ndarray:
        rows = t[:, None] if t.ndim == 1 else t
        if rows.ndim != 2 or rows.shape[1] != len(self.names):
            shapes = f"shape {t.shape}, expected (n, {len(self.names)})"
            raise InputError(f"QuantityTarget: {argument} has {shapes}; give a column for each target.")
        return rows

    def describe(self) -> str:
        """One line for the user."""
        shown = "{}: quantity, mean {:g}, standard deviation {:g}".format
        return "; ".join(map(shown, self.names, self.mean, self.scale))
