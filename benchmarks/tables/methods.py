"""The methods: deltaprop and its peers, each fitted to a frame of numbers and categories with one thread."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from deltaprop import estimators
from deltaprop.data import Encoding

CATEGORIES = make_column_selector(dtype_include="category")
NUMBERS = make_column_selector(dtype_exclude="category")
MOST_CATEGORIES_OF_TREES = 255

Settings = dict[str, Any]


def linear(task: str, seed: int, settings: Settings) -> Any:
    """Logistic or ridge regression on standardized, one-hot inputs."""
    model = LogisticRegression(max_iter=1000, **settings) if task == "classes" else Ridge(**settings)
    return make_pipeline(encoded(), model)


def scikit_learn_mlp(task: str, seed: int, settings: Settings) -> Any:
    """scikit-learn's multilayer perceptron with its defaults; inputs and values are standardized."""
    if task == "classes":
        return make_pipeline(encoded(), MLPClassifier(random_state=seed, **settings))
    model = MLPRegressor(random_state=seed, **settings)
    return make_pipeline(encoded(), TransformedTargetRegressor(model, transformer=StandardScaler()))


def histogram_boosting(task: str, seed: int, settings: Settings) -> Any:
    """scikit-learn's boosted trees with their defaults, which take missing numbers and categories as they are."""
    kind = HistGradientBoostingClassifier if task == "classes" else HistGradientBoostingRegressor
    model = kind(categorical_features="from_dtype", random_state=seed, **settings)
    return make_pipeline(FunctionTransformer(_few_categories), model)


def pytabkit(name: str) -> Callable[[str, int, Settings], Any]:
    """An estimator of pytabkit with one validation split, its default."""

    def make(task: str, seed: int, settings: Settings) -> Any:
        interfaces = import_module("pytabkit.models.sklearn.sklearn_interfaces")
        kind = getattr(interfaces, f"{name}_{'Classifier' if task == 'classes' else 'Regressor'}")
        return make_pipeline(imputed(), kind(random_state=seed, n_threads=1, device="cpu", **settings))

    return make


def deltaprop(task: str, seed: int, settings: Settings) -> Any:
    """``MLPClassifier.recommended()`` on the frame as it comes."""
    return _deltaprop(task).recommended(random_state=seed, **of_task(settings, task))


def deltaprop_encoded(task: str, seed: int, settings: Settings) -> Any:
    """``MLPClassifier.recommended()`` on standardized, one-hot inputs."""
    return make_pipeline(encoded(), deltaprop(task, seed, settings))


def deltaprop_plain(task: str, seed: int, settings: Settings) -> Any:
    """``MLPClassifier()`` on the frame as it comes."""
    return _deltaprop(task)(random_state=seed, **of_task(settings, task))


METHODS: dict[str, Callable[[str, int, Settings], Any]] = {
    "linear": linear,
    "scikit-learn MLP": scikit_learn_mlp,
    "histogram boosting": histogram_boosting,
    "LightGBM-TD": pytabkit("LGBM_TD"),
    "CatBoost-TD": pytabkit("CatBoost_TD"),
    "RealMLP-TD": pytabkit("RealMLP_TD"),
    "TabM-D": pytabkit("TabM_D"),
    "deltaprop": deltaprop,
    "deltaprop encoded": deltaprop_encoded,
    "deltaprop plain": deltaprop_plain,
}
PACKAGES = {
    **dict.fromkeys(["linear", "scikit-learn MLP", "histogram boosting"], ("scikit-learn",)),
    "LightGBM-TD": ("pytabkit", "lightgbm"),
    "CatBoost-TD": ("pytabkit", "catboost"),
    **dict.fromkeys(["RealMLP-TD", "TabM-D"], ("pytabkit", "torch")),
}


def encoded() -> ColumnTransformer:
    """Numbers standardized, the median for missing ones and a column that marks them; categories one-hot."""
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    categories = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("categories", categories, CATEGORIES)])


def imputed() -> ColumnTransformer:
    """As `encoded`, for packages with preprocessing of their own that refuses missing numbers."""
    numbers = SimpleImputer(strategy="median", add_indicator=True)
    parts = [("numbers", numbers, NUMBERS), ("categories", FunctionTransformer(_named_missing), CATEGORIES)]
    return ColumnTransformer(parts, verbose_feature_names_out=False).set_output(transform="pandas")


def _named_missing(frame: pd.DataFrame) -> pd.DataFrame:
    """A missing category is one more."""
    return frame.astype(object).where(frame.notna(), "missing").astype("category")


def _few_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of more categories than scikit-learn's trees allow, as numbers."""
    many = [name for name in CATEGORIES(frame) if len(frame[name].cat.categories) > MOST_CATEGORIES_OF_TREES]
    return frame.assign(**{name: frame[name].cat.codes.astype(float) for name in many})


def of_task(settings: Settings, task: str) -> Settings:
    """Without the settings for the other task: ``classes:label_smoothing`` is for classes only.

    A dict as `preprocessing` stands for an `Encoding` with these arguments.
    """
    parts = ((name.rpartition(":"), value) for name, value in settings.items())
    chosen = {name: value for (which, _, name), value in parts if which in ("", task)}
    if isinstance(chosen.get("preprocessing"), dict):
        chosen["preprocessing"] = Encoding(**chosen["preprocessing"])
    return chosen


def _deltaprop(task: str) -> Any:
    return estimators.MLPClassifier if task == "classes" else estimators.MLPRegressor


def predictions(model: Any, task: str, inputs: pd.DataFrame) -> np.ndarray:
    """Probabilities of the classes, or values."""
    if task == "classes":
        return np.asarray(model.predict_proba(inputs), dtype=float)
    return np.asarray(model.predict(inputs), dtype=float).reshape(len(inputs))
