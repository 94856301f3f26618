"""The small data sets that ship with scikit-learn."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from .dataset import Dataset


@dataclass(frozen=True)
class Source:
    """Where scikit-learn has a data set, and what its files do not say.

    Attributes
    ----------
    loader : str
        In ``sklearn.datasets``.
    target : str
        What is predicted.
    files : tuple of str
        In ``sklearn/datasets/data``. The last column is the target. A .csv file of classes begins with the number of
        rows and columns and the names of the classes.
    features : tuple of str
        Names of the columns.
    """

    loader: str
    target: str
    files: tuple[str, ...]
    features: tuple[str, ...]


CELL = (
    *("radius", "texture", "perimeter", "area", "smoothness"),
    *("compactness", "concavity", "concave points", "symmetry", "fractal dimension"),
)

NAMED = {
    # 1797 handwritten digits, 8 × 8 pixels of 0…16 (E. Alpaydin, C. Kaynak, UCI 1998)
    "digits": Source(
        "load_digits",
        "digit",
        ("digits.csv.gz",),
        tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8)),
    ),
    # 150 iris flowers: four lengths in cm, three species (R. A. Fisher, 1936)
    "iris": Source(
        "load_iris",
        "species",
        ("iris.csv",),
        ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
    ),
    # 178 wines: thirteen chemical quantities, three cultivars (M. Forina, UCI 1991)
    "wine": Source(
        "load_wine",
        "cultivar",
        ("wine_data.csv",),
        (
            *(
                "alcohol",
                "malic_acid",
                "ash",
                "alcalinity_of_ash",
                "magnesium",
                "total_phenols",
                "flavanoids",
            ),
            *("nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue"),
            *("od280/od315_of_diluted_wines", "proline"),
        ),
    ),
    # 569 tumours: thirty measurements of cell nuclei, benign or malignant (W. H. Wolberg, UCI 1995)
    "breast_cancer": Source(
        "load_breast_cancer",
        "diagnosis",
        ("breast_cancer.csv",),
        (
            *(f"mean {name}" for name in CELL),
            *(f"{name} error" for name in CELL),
            *(f"worst {n}" for n in CELL),
        ),
    ),
    # 442 patients: ten baseline quantities in their own units, progression after a year (Efron et al., 2004)
    "diabetes": Source(
        "load_diabetes",
        "progression",
        ("diabetes_data_raw.csv.gz", "diabetes_target.csv.gz"),
        ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
    ),
}


def named(name: str) -> Dataset:
    """The data set `name` of `NAMED`.

    >>> named("diabetes").task, named("iris").classes
    ('regression', ('setosa', 'versicolor', 'virginica'))
    """
    source = NAMED[name]
    try:
        x, t = _from_files(source)
    except (OSError, ValueError):  # of a scikit-learn that keeps them otherwise
        x, t = _from_loader(source)
    return Dataset(
        name,
        x,
        t,
        "regression" if name == "diabetes" else "classification",
        feature_names=source.features,
        target_names=(source.target,),
        image_shape=(8, 8) if name == "digits" else None,
    )


def _from_files(source: Source) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets, read without scikit-learn, whose import takes longer than a small training."""
    spec: Any = find_spec("sklearn")
    paths = [Path(spec.origin).parent / "datasets" / "data" / file for file in source.files]
    if len(paths) > 1:
        x, t = map(np.loadtxt, paths)
        return x, t
    opened = gzip.open if paths[0].suffix == ".gz" else open
    with opened(paths[0], "rt", encoding="utf-8") as file:
        classes = None if paths[0].suffix == ".gz" else np.array(next(file).strip().split(",")[2:])
        table = np.loadtxt(file, delimiter=",")
    t = table[:, -1].astype(np.intp)
    return table[:, :-1], t if classes is None else classes[t]


def _from_loader(source: Source) -> tuple[np.ndarray, np.ndarray]:
    """The same by scikit-learn's own function."""
    import sklearn.datasets

    scaled = {"scaled": False} if source.loader == "load_diabetes" else {}
    found: Any = getattr(sklearn.datasets, source.loader)(**scaled)
    classes = found.get("target_names")
    return found.data, found.target if classes is None else classes[found.target]
