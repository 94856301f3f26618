"""The data of a fit, checked once at the boundary."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import batching
from ..errors import InputError, number, short
from . import sampling


@dataclass(frozen=True)
class Data:
    """Inputs, targets as the loss encodes them, weights (float64), and which of the rows take part."""

    x: Any
    t: np.ndarray
    sample_weight: np.ndarray | None  # (n,), or (n, members)
    samples: np.ndarray  # of weight > 0 and not held out; integers, (m,)

    @property
    def whole(self) -> bool:
        """Whether every row takes part."""
        return len(self.samples) == len(self.t)

    @property
    def by_member(self) -> bool:
        """Whether each member of an ensemble has weights of its own."""
        return self.sample_weight is not None and self.sample_weight.ndim == 2


def check(obj: str, network: Any, x: Any, t: Any, sample_weight: Any = None) -> Data:
    """Inputs, targets and weights as `Data`, refused if they do not fit the network or each other."""
    x, t, sample_weight = batching.batch(obj, network, x, t, sample_weight)
    if sample_weight is None:
        return Data(x, t, None, np.arange(len(t)))
    return Data(x, t, sample_weight, taking_part(sample_weight))


def taking_part(sample_weight: np.ndarray) -> np.ndarray:
    """The samples whose weight, or that of some member, is not 0."""
    return np.flatnonzero(sample_weight if sample_weight.ndim == 1 else sample_weight.any(axis=1))


def hold_out(data: Data, network: Any, validation: Any, key: np.ndarray) -> tuple[Data, Data | None]:
    """Training and validation data: as given, or a fraction split off (stratified where there are classes)."""
    if validation is None:
        return data, None
    if isinstance(validation, (tuple, list)):
        if len(validation) not in (2, 3):
            raise InputError(
                f"fit: validation is a {type(validation).__name__} of length {len(validation)}, "
                "expected (x, t) or (x, t, sample_weight); give these."
            )
        return data, check("validation", network, *validation)
    if not isinstance(validation, (int, float, np.integer, np.floating)):
        wanted = "(x, t), (x, t, sample_weight) or a number in (0, 1)"
        raise InputError(f"fit: validation is {short(validation)}, expected {wanted}; give one.")
    number("fit", "validation", validation, low=0, high=1, open_low=True, open_high=True)
    n = len(data.samples)
    if not 0 < round(validation * n) < n:
        raise InputError(
            f"fit: validation is {validation}, of {n} sample{'s' * (n != 1)}, expected a fraction that leaves samples "
            "on both sides; change it."
        )
    train, held_out = sampling.split(data.samples, float(validation), key, _classes(data, network))
    return replace(data, samples=train), replace(data, samples=held_out)


def _classes(data: Data, network: Any) -> np.ndarray | None:
    if data.t.ndim == 1:
        return data.t[data.samples]
    if network.loss.classification and data.t.shape[1] == 1:
        return data.t[data.samples, 0]
    return None
