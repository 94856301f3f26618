"""Class labels of any kind, and their encoding for a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels

from ..batching import is_sparse
from ..functions import Loss


@dataclass(frozen=True)
class Labels:
    """The classes of a problem."""

    classes: np.ndarray  # (k,), sorted; of multi-label targets the numbers of the columns
    multilabel: bool = False  # whether y is an indicator matrix (n, k)
    sparse: bool = False  # whether predictions are sparse matrices, as the targets were

    @property
    def outputs(self) -> int:
        """Of the network: one for two classes, else one for each."""
        k = len(self.classes)
        return k if self.multilabel or k > 2 else 1

    @classmethod
    def of(cls, y: Any) -> Labels:
        """The classes that occur in y; ValueError for real numbers and for columns of several classes."""
        if isinstance(y, np.ndarray) and y.ndim == 1 and y.dtype.kind in "biu":  # saves a longer inspection
            return cls(np.unique(y))
        kind = type_of_target(y, input_name="y")
        if kind == "multilabel-indicator":
            return cls(unique_labels(y, ys_types={kind}), True, is_sparse(y))
        if kind not in ("binary", "multiclass"):
            check_classification_targets(y)  # raises for all but several columns
        if kind == "multiclass-multioutput":
            raise ValueError(
                "Multioutput target data is not supported: y has several columns of more than two classes; "
                "use sklearn.multioutput.MultiOutputClassifier, or one indicator column for each class."
            )
        return cls(unique_labels(y, ys_types={kind}))

    def encode(self, y: Any, loss: Loss, dtype: np.dtype) -> np.ndarray:
        """What `loss` takes: (n,) numbers of classes, or (n, outputs) rows of its `on` and `off`."""
        if self.multilabel:
            on = (y.toarray() if is_sparse(y) else np.asarray(y)) != 0
        elif self.outputs > 1:
            return np.searchsorted(self.classes, y)
        else:
            on = (np.asarray(y) == self.classes[-1])[:, None] & (len(self.classes) > 1)
        return np.where(on, loss.on, loss.off).astype(dtype)

    def decode(self, z: np.ndarray, at_zero: bool) -> Any:
        """Predicted labels from the network's z (n, outputs); `at_zero`: what a unit says at z = 0 exactly."""
        on = z >= 0 if at_zero else z > 0
        if self.multilabel:
            y = on.astype(int)
            return sp.csr_matrix(y) if self.sparse else y
        if self.outputs > 1:
            return self.classes[z.argmax(axis=1)]
        return self.classes[on[:, 0].astype(int) * (len(self.classes) - 1)]
