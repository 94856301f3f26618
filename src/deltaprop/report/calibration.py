"""Whether probabilities are as frequent as they say: reliability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 10
FEWEST = 30  # samples, of which a few bins can be made
Z = 1.959963984540054  # the normal distribution's 97.5 % quantile


@dataclass(frozen=True, eq=False)
class Calibration:
    """Predicted probability and observed frequency in bins of equally many samples, by increasing probability."""

    predicted: np.ndarray  # mean probability of a bin
    observed: np.ndarray  # share of its samples that were so
    low: np.ndarray  # 95 % Wilson interval of `observed`
    high: np.ndarray
    counts: np.ndarray  # samples of a bin
    error: float  # expected calibration error: mean of |predicted − observed| over the samples


def calibration(probability: np.ndarray, happened: np.ndarray) -> Calibration | None:
    """How often what was predicted with some probability did happen.

    Parameters
    ----------
    probability : ndarray (n,)
        Of a class, or of the predicted class of each sample.
    happened : ndarray (n,) of bool
        Whether the sample is of that class.

    Returns
    -------
    Calibration or None
        At most ten bins of at least about ten samples each, divided at quantiles; equal probabilities share a bin.
        None for fewer than 30 samples.

    Sources: Naeini, Cooper, Hauskrecht, *Obtaining well calibrated probabilities using Bayesian binning* (2015) for the
    expected calibration error.

    Examples
    --------
    >>> found = calibration(np.repeat([0.2, 0.8], 50), np.arange(100) % 5 == 0)
    >>> found.predicted.round(3).tolist(), found.observed.round(3).tolist(), round(found.error, 3)
    ([0.2, 0.8], [0.2, 0.2], 0.3)
    """
    n = len(probability)
    if n < FEWEST:
        return None
    p = probability.astype(np.float64)
    bins = min(BINS, n // 10)
    edges = np.percentile(p, 100 * np.linspace(0, 1, bins + 1)[1:-1])
    place = np.searchsorted(edges, p)
    counts = np.bincount(place, minlength=bins)
    filled = counts > 0
    counts = counts[filled]
    predicted = np.bincount(place, p, bins)[filled] / counts
    hits = np.bincount(place, happened, bins)[filled]
    low, high = wilson(hits, counts)
    observed = hits / counts
    error = float(counts @ np.abs(predicted - observed)) / n
    return Calibration(predicted, observed, low, high, counts, error)


def wilson(hits: np.ndarray, trials: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % confidence interval of a probability of which `hits` of `trials` were seen, both > 0 trials.

    Source: Wilson, *Probable inference, the law of succession, and statistical inference* (1927).

    >>> [round(float(bound), 3) for bound in wilson(np.array(9), np.array(10))]
    [0.596, 0.982]
    """
    share, z2 = hits / trials, Z * Z
    middle = (hits + z2 / 2) / (trials + z2)
    half = Z / (trials + z2) * np.sqrt(trials * share * (1 - share) + z2 / 4)
    return np.maximum(0.0, middle - half), np.minimum(1.0, middle + half)
