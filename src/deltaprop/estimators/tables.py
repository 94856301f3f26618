"""Tables in the estimators: frames and arrays as the user has them, and what is learned of their columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data

from ..batching import is_sparse
from ..data.columns import Column, infer_kind, is_readable
from ..data.decorrelation import Decorrelated
from ..data.encoding import ROBUST, Encoding
from ..data.frames import as_frame, is_frame
from ..data.transforms import Table


def read(estimator: Any, X: Any, reset: bool) -> Any:
    """X checked: an array of numbers, NaN where they are missing, or a frame of pandas with texts as column names.

    Arrays of texts and of mixed entries become frames. After the first call (not `reset`) the columns are those of
    training, whose names they take.
    """
    owner, named = type(estimator).__name__, is_frame(X)
    if not named and not is_sparse(X):
        X = np.asarray(X)
    if not named and (X.dtype.kind not in "OUSM" or X.ndim != 2):
        options: dict[str, Any] = {
            "accept_sparse": False,
            "dtype": "numeric",
            "ensure_all_finite": "allow-nan",
        }
        return validate_data(estimator, X, reset=reset, **options)
    if not named:
        _refuse_odd(owner, X)
    frame = as_frame(owner, X)
    for count, what in zip(frame.shape, ("sample", "feature"), strict=True):
        if count == 0:
            raise ValueError(
                f"Found array with 0 {what}(s) (shape={frame.shape}) while a minimum of 1 is required by {owner}."
            )
    given: Any = (
        X if hasattr(X, "iloc") or not named else frame
    )  # other frames may have names of their own kind
    validate_data(estimator, given, reset=reset, skip_check_array=True)
    return frame if reset else frame.set_axis(list(estimator.preprocessing_.feature_names), axis=1)


def learn(
    owner: str, X: Any, preprocessing: str | Encoding, sample_weight: np.ndarray | None
) -> Table | Decorrelated:
    """What is learned of the columns of X as `read` returns it; rows of weight 0 take no part."""
    encoding = ROBUST if isinstance(preprocessing, str) else preprocessing
    if sample_weight is not None:
        X, sample_weight = X[sample_weight > 0], sample_weight[sample_weight > 0]
    if is_frame(X):
        columns = [
            infer_kind(owner, name, X[name], "leave it out")
            if X[name].notna().any()
            else Column(name, "category", reason="no value")
            for name in X.columns
        ]
    else:
        columns = [Column(f"x{i}", "number") for i in range(X.shape[1])]
    table: Table | Decorrelated = Table.learn(columns, X, encoding, sample_weight, owner)
    if encoding.scaling == "decorrelate" and table.numbers:
        table = Decorrelated.learn(table, X, sample_weight)
    if not table.names:
        raise ValueError(
            f"{owner}: X has no column that can be used (single values, or texts that do not repeat)."
        )
    return table


def _refuse_odd(owner: str, X: np.ndarray) -> None:
    """Refuse lists, dicts and the like as entries."""
    odd = next((entry for entry in X.ravel() if not is_readable(entry)), None)
    if odd is not None:
        raise TypeError(
            f"{owner}: X has an entry of type {type(odd).__name__}; an argument must be a string, a date or a number."
        )
