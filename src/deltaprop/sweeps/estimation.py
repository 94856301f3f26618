"""An estimator on data as the function of a sweep."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import check_scoring
from sklearn.model_selection import train_test_split

from ..errors import InputError
from .trial import Outcome


@dataclass(frozen=True)
class Estimation:
    """An estimator fitted on a part of the data, with other parameters, and its score on the rest.

    Its metrics are ``score`` (the estimator's own, or `scoring`) and, where it keeps a loss curve, ``train_loss``.

    Parameters
    ----------
    estimator : object
        With scikit-learn's interface. The seed is its ``random_state``, if it has one.
    x, y : array-like
        Of n samples.
    test_size : float
        The fraction that is held out, drawn by the seed, stratified for a classifier.
    scoring : str or callable, optional
        As in scikit-learn.

    Examples
    --------
    >>> from deltaprop import MLPClassifier
    >>> from sklearn.datasets import load_iris
    >>> estimation = Estimation(MLPClassifier(max_iter=30), *load_iris(return_X_y=True))
    >>> estimation({"learning_rate_init": 0.01, "seed": 0}).metrics["score"] > 0.8
    True
    """

    estimator: Any
    x: Any
    y: Any
    test_size: float = 0.25
    scoring: Any = None

    def __call__(self, settings: dict[str, Any]) -> Outcome:
        parameters = {name: value for name, value in settings.items() if name != "seed"}
        estimator: Any = clone(self.estimator)
        estimator.set_params(**parameters)
        if "random_state" in estimator.get_params():
            estimator.set_params(random_state=settings["seed"])
        x, x_rest, y, y_rest = train_test_split(
            self.x,
            self.y,
            test_size=self.test_size,
            random_state=settings["seed"],
            stratify=self.y if is_classifier(estimator) else None,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # it would come from every trial
            estimator.fit(x, y)
        scorer: Any = check_scoring(estimator, self.scoring)
        metrics = {"score": float(scorer(estimator, x_rest, y_rest))}
        curves = {"train_loss": getattr(estimator, "loss_curve_", None) or []}
        metrics |= {name: curve[-1] for name, curve in curves.items() if curve}
        if (history := getattr(estimator, "history_", None)) is None:
            return Outcome(metrics, curves)
        return Outcome(metrics, curves, history.status, history.message)

    def check(self, names: Collection[str]) -> None:
        """Refuse settings that are no parameters of the estimator."""
        known = self.estimator.get_params()
        if unknown := next((name for name in names if name not in known), None):
            wanted = f"a parameter of {type(self.estimator).__name__}"
            raise InputError(f"sweep: {unknown} is unknown, expected {wanted}; see its get_params().")


def is_estimator(value: Any) -> bool:
    """Whether it is one by scikit-learn's interface, and no class."""
    return not isinstance(value, type) and all(hasattr(value, name) for name in ("fit", "get_params"))
