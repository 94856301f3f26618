"""The small data sets that ship with scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np

from .dataset import Dataset

NAMED = {  # name: scikit-learn's loader, its arguments, what is predicted
    # 1797 handwritten digits, 8 × 8 pixels of 0…16 (E. Alpaydin, C. Kaynak, UCI 1998)
    "digits": ("load_digits", {}, "digit"),
    # 150 iris flowers: four lengths in cm, three species (R. A. Fisher, 1936)
    "iris": ("load_iris", {}, "species"),
    # 178 wines: thirteen chemical quantities, three cultivars (M. Forina, UCI 1991)
    "wine": ("load_wine", {}, "cultivar"),
    # 569 tumours: thirty measurements of cell nuclei, benign or malignant (W. H. Wolberg, UCI 1995)
    "breast_cancer": ("load_breast_cancer", {}, "diagnosis"),
    # 442 patients: ten baseline quantities in their own units, progression after a year (Efron et al., 2004)
    "diabetes": ("load_diabetes", {"scaled": False}, "progression"),
}


def named(name: str) -> Dataset:
    """The data set `name` of `NAMED`.

    Examples
    --------
    >>> print(named("digits").summary())
    digits: 1797 samples, 64 features, 10 classes
    target 'digit' has the 10 classes 0, 1, 2, 3, 4, 5, 6, 7, 8, 9: classification
    >>> named("diabetes").task, named("iris").classes
    ('regression', ('setosa', 'versicolor', 'virginica'))
    """
    import sklearn.datasets

    loader, arguments, target = NAMED[name]
    source: Any = getattr(sklearn.datasets, loader)(**arguments)
    if "target_names" not in source:
        return Dataset(
            name,
            source.data,
            source.target,
            "regression",
            feature_names=tuple(source.feature_names),
            target_names=(target,),
            recognised=f"target {target!r} is a quantity: regression",
        )
    images = source.get("images")
    return classification(
        name,
        source.data,
        source.target_names[source.target],
        source.feature_names,
        target,
        image_shape=None if images is None else images.shape[1:],
    )


def classification(
    name: str,
    x: np.ndarray,
    labels: np.ndarray,
    feature_names: Any,
    target_name: str,
    image_shape: tuple[int, int] | None = None,
) -> Dataset:
    """A data set of known classes, with the sentence that says so."""
    classes = ", ".join(map(str, np.unique(labels)))
    return Dataset(
        name,
        x,
        labels,
        "classification",
        feature_names=tuple(map(str, feature_names)),
        target_names=(target_name,),
        recognised=f"target {target_name!r} has the {len(np.unique(labels))} classes {classes}: classification",
        image_shape=image_shape,
    )
