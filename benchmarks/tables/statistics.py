"""Scores over many tables: what the literature on tables reports, and what is beyond noise.

Errors are of shape (tables, methods), the columns of a frame are the methods.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

RESAMPLES = 2000
SHIFT = 0.01


def normalized_scores(errors: pd.DataFrame, pool: list[str] | None = None) -> pd.DataFrame:
    """On each table 1 for the lowest error of the pool, 0 for its median and all above, linear between.

    So do TabRepo and TabArena. The pool is all methods by default; the scores of settings that are compared with a
    fixed one do not depend on each other.
    """
    among = errors if pool is None else errors[pool]
    best, median = among.min(axis=1), among.median(axis=1)
    scores = errors.rsub(median, axis=0).div(median - best, axis=0)
    alike = median == best  # whoever is not worse than the half that is best has 1
    scores[alike] = errors[alike].le(best[alike], axis=0).astype(float)
    return scores.clip(0, 1)


def mean_and_error(values: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Mean over the tables and its standard error."""
    return values.mean(), values.std(ddof=1) / len(values) ** 0.5


def ranks(errors: pd.DataFrame) -> pd.DataFrame:
    """1 for the lowest error on a table; equal ones share their mean."""
    return errors.rank(axis=1, method="average")


def bootstrap_interval(values: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """The 95 % interval of the mean over tables drawn with replacement: rows `low` and `high`."""
    drawn = np.random.default_rng(seed).integers(len(values), size=(RESAMPLES, len(values)))
    means = values.to_numpy()[drawn].mean(axis=1)
    return pd.DataFrame(np.quantile(means, [0.025, 0.975], axis=0), ["low", "high"], values.columns)


def shifted_geometric_mean(errors: pd.DataFrame) -> pd.Series:
    """exp(mean of log(error + 0.01)), the score of RealMLP's authors; errors of values relative to their spread."""
    return np.exp(np.log(errors + SHIFT).mean())


def geometric_mean(ratios: pd.Series) -> float:
    """exp(mean of log)."""
    return float(np.exp(np.log(ratios).mean()))


def paired_difference(ours: list[np.ndarray], theirs: list[np.ndarray]) -> tuple[float, float]:
    """Mean difference of the losses of the same rows, and its standard error.

    One array for each split. The test sets of splits overlap, so more splits do not make the error smaller.
    """
    differences = [a.astype(float) - b for a, b in zip(ours, theirs, strict=True)]
    errors = [d.std(ddof=1) / len(d) ** 0.5 for d in differences]
    return float(np.mean([d.mean() for d in differences])), float(np.mean(errors))
