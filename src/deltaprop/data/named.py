"""The small data sets that ship with scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .dataset import Dataset


def digits() -> Dataset:
    """1797 handwritten digits, 8 × 8 pixels of 0…16 (E. Alpaydin, C. Kaynak, UCI 1998).

    Examples
    --------
    >>> print(digits().summary())
    digits: 1797 samples, 64 features, 10 classes
    target 'digit' has the 10 classes 0, 1, 2, 3, 4, 5, 6, 7, 8, 9: classification
    """
    from sklearn.datasets import load_digits

    source: Any = load_digits()
    return classification(
        "digits", source.data, source.target, source.feature_names, "digit", image_shape=(8, 8)
    )


def iris() -> Dataset:
    """150 iris flowers: four lengths in cm, three species (R. A. Fisher, 1936).

    Examples
    --------
    >>> iris().classes
    ('setosa', 'versicolor', 'virginica')
    """
    from sklearn.datasets import load_iris

    source: Any = load_iris()
    labels = source.target_names[source.target]
    return classification("iris", source.data, labels, source.feature_names, "species")


def wine() -> Dataset:
    """178 wines: thirteen chemical quantities, three cultivars (M. Forina, UCI 1991).

    Examples
    --------
    >>> wine().x.shape
    (178, 13)
    """
    from sklearn.datasets import load_wine

    source: Any = load_wine()
    labels = source.target_names[source.target]
    return classification("wine", source.data, labels, source.feature_names, "cultivar")


def breast_cancer() -> Dataset:
    """569 tumours: thirty measurements of cell nuclei, benign or malignant (W. H. Wolberg, UCI 1995).

    Examples
    --------
    >>> breast_cancer().classes
    ('benign', 'malignant')
    """
    from sklearn.datasets import load_breast_cancer

    source: Any = load_breast_cancer()
    labels = source.target_names[source.target]
    return classification("breast_cancer", source.data, labels, source.feature_names, "diagnosis")


def diabetes() -> Dataset:
    """442 patients: ten baseline quantities in their own units, progression after a year (Efron et al., 2004).

    Examples
    --------
    >>> data = diabetes()
    >>> data.task, data.x.shape, float(data.t.min()), float(data.t.max())
    ('regression', (442, 10), 25.0, 346.0)
    """
    from sklearn.datasets import load_diabetes

    source: Any = load_diabetes(scaled=False)
    return Dataset(
        "diabetes",
        source.data,
        source.target,
        "regression",
        feature_names=tuple(source.feature_names),
        target_names=("progression",),
        recognised="target 'progression' is a quantity: regression",
    )


def classification(
    name: str,
    x: np.ndarray,
    labels: np.ndarray,
    feature_names: list[str] | tuple[str, ...],
    target_name: str,
    image_shape: tuple[int, int] | None = None,
) -> Dataset:
    """A data set of known classes, with the sentence that says so."""
    classes = np.unique(labels).tolist()
    return Dataset(
        name,
        x,
        labels,
        "classification",
        feature_names=tuple(map(str, feature_names)),
        target_names=(target_name,),
        recognised=f"target {target_name!r} has the {len(classes)} classes {', '.join(map(str, classes))}: "
        "classification",
        image_shape=image_shape,
    )


NAMED: dict[str, Callable[[], Dataset]] = {
    "digits": digits,
    "iris": iris,
    "wine": wine,
    "breast_cancer": breast_cancer,
    "diabetes": diabetes,
}
