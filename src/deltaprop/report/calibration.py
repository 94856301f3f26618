"""Whether probabilities are as frequent as they say: reliability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Calibration:
    """Predicted probability and observed frequency in bins of equally many samples, by increasing probability."""

    predicted: np.ndarray  # mean probability of a bin
    observed: np.ndarray  # share of its samples that were so
    low: np.ndarray  # 95 % Wilson interval of `observed`
    high: np.ndarray
    counts: np.ndarray  # samples of a bin
    error: float  # expected calibration error: mean of |predicted − observed| over the samples
