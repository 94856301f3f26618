"""Standardization of inputs and targets inside an estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import StandardScaler

from ..batching import is_sparse
from ..data.scaling import principal_components


class Decorrelator(TransformerMixin, BaseEstimator):
    """Inputs standardized, and then their principal components, each of variance 1; those without variance left out.

    ``scaler_`` is the `StandardScaler`; the components are (z − ``mean_``) ``components_.T`` of its results z.

    Source: LeCun, Bottou, Orr, Müller, *Efficient BackProp*, §4.3.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(300, 2)) @ [[1, 2, 3], [0, 4, 5]]
    >>> print(np.cov(Decorrelator().fit_transform(x).T, bias=True).round(6) + 0)
    [[1. 0.]
     [0. 1.]]
    """

    def fit(self, X: Any, y: Any = None, sample_weight: np.ndarray | None = None) -> Decorrelator:
        """Learn from the rows of X; those of weight 2 are taken as two."""
        self.scaler_ = StandardScaler().fit(X, sample_weight=sample_weight)
        self.mean_, self.components_ = principal_components(
            np.asarray(self.scaler_.transform(X)), sample_weight
        )
        return self

    def transform(self, X: Any) -> np.ndarray:
        """(n, d) → (n, components)."""
        return (np.asarray(self.scaler_.transform(X)) - self.mean_) @ self.components_.T


def decorrelator(owner: str, X: Any, sample_weight: np.ndarray | None) -> Decorrelator:
    """What ``scale_inputs="decorrelate"`` asks for, learned from X."""
    if is_sparse(X):
        raise ValueError(
            f"{owner}: scale_inputs='decorrelate' with sparse X, whose components would be dense; give X.toarray(), or "
            "scale_inputs=True."
        )
    scaler = Decorrelator().fit(_wide(X), sample_weight=sample_weight)
    if not len(scaler.components_):
        raise ValueError(
            f"{owner}: scale_inputs='decorrelate', but no column of X varies; give other columns."
        )
    return scaler


def input_scaler(X: Any, sample_weight: np.ndarray | None, each: bool) -> StandardScaler:
    """Inputs centered (sparse ones stay where they are) and divided by their standard deviations.

    Unless `each` is asked for, inputs that seem to share a unit keep their zero and their relative sizes: all are
    divided by one number, their root mean square.
    """
    scaler: Any = StandardScaler(with_mean=not is_sparse(X)).fit(_wide(X), sample_weight=sample_weight)
    if not each and _share_a_unit(scaler):
        scaler.scale_ = np.full_like(scaler.var_, np.sqrt(np.mean(np.square(scaler.mean_) + scaler.var_)))
        scaler.with_mean = False
    return scaler


def _share_a_unit(scaler: Any) -> bool:
    """Whether no standard deviation is above 10 times the median one, and the means are not far from zero either.

    In the root mean square they may be 10 standard deviations: without centering, float32 could hardly tell inputs
    such as timestamps apart. The lower median: of two inputs the ordinary one is their mean, which the larger never
    exceeds ten times.
    """
    spread = np.sqrt(scaler.var_[scaler.var_ > 0])
    if not len(spread) or spread.max() > 10 * np.quantile(spread, 0.5, method="lower"):
        return False
    return not scaler.with_mean or np.square(scaler.mean_).mean() <= 100 * scaler.var_.mean()


def transform(scaler: StandardScaler | Decorrelator, X: Any, dtype: np.dtype) -> Any:
    """X scaled in its own precision, at least float32, and not wider than `dtype` afterwards."""
    scaled: Any = scaler.transform(_wide(X))
    with np.errstate(over="ignore"):  # predict refuses infinity, and training diverges
        return scaled.astype(min(scaled.dtype, dtype), copy=False)


def _wide(X: Any) -> Any:
    """X, half-precision numbers as float32: scikit-learn would compute in their own type."""
    return X.astype(np.float32) if X.dtype == np.float16 else X
