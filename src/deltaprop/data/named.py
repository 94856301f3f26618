"""The small data sets that ship with scikit-learn."""

from __future__ import annotations

from typing import Any

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

    >>> named("diabetes").task, named("iris").classes
    ('regression', ('setosa', 'versicolor', 'virginica'))
    """
    import sklearn.datasets

    loader, arguments, target = NAMED[name]
    source: Any = getattr(sklearn.datasets, loader)(**arguments)
    classes, images = source.get("target_names"), source.get("images")
    return Dataset(
        name,
        source.data,
        source.target if classes is None else classes[source.target],
        "regression" if classes is None else "classification",
        feature_names=tuple(map(str, source.feature_names)),
        target_names=(target,),
        image_shape=None if images is None else images.shape[1:],
    )
