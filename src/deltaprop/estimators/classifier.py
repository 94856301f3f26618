"""MLPClassifier: a multilayer network that predicts classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target, unique_labels

from .. import recipes
from ..functions import Loss, PerceptronLoss, Sigmoid, softmax, temperature, with_target_values
from ..training.measure import outputs
from . import losses
from .architecture import activation_function
from .base import NetworkEstimator
from .labels import Labels
from .multilayer import ATTRIBUTES, PARAMETERS, MultilayerEstimator, has_partial_fit
from .parameters import CLASSIFIER


def _probabilistic(estimator: Any) -> bool:
    loss = estimator.loss
    return loss == "log_loss" or (isinstance(loss, Loss) and loss.output_map in ("softmax", "sigmoid"))


class LabelledEstimator(ClassifierMixin, NetworkEstimator):
    """The parts that classifiers share: encoding and decoding of labels."""

    _at_zero = False  # whether a single unit with z = 0 predicts its class
    label_smoothing: float = 0.0
    target_values: tuple[float, float] | str | None = None

    def _targets(self, y, fresh, incremental):
        if not incremental and (fresh or "network_" not in vars(self)):
            self._labels = Labels.of(y)
        elif incremental:
            unknown = np.setdiff1d(unique_labels(y), self._labels.classes)
            if len(unknown):
                raise ValueError(
                    f"`y` has classes not in `self.classes_`. `self.classes_` has {self._labels.classes}. "
                    f"'y' has {unknown}."
                )
        else:
            classes = unique_labels(y)
            if set(classes) != set(self._labels.classes):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                    f"Previously got {self._labels.classes}, `y` has {classes}"
                )
        self.classes_ = self._labels.classes
        return y

    def _problem(self, y, sample_weight, incremental):
        labels, outputs = self._labels, self._labels.outputs
        one_of_many = not labels.multilabel and outputs > 1
        owner = type(self).__name__
        loss = losses.of_classes(owner, self.loss, one_of_many, self.label_smoothing)
        loss = with_target_values(
            owner, loss, self.target_values, activation_function(self.output_activation)
        )
        if self.class_weight is None:
            return sample_weight, loss, outputs
        if incremental and self.class_weight == "balanced":
            raise ValueError(
                f"{type(self).__name__}: class_weight='balanced' cannot be used with partial_fit, which sees only a "
                "part of the data; give the weights as a dict, from sklearn.utils.class_weight.compute_class_weight."
            )
        of_classes = compute_sample_weight(self.class_weight, y)
        return of_classes if sample_weight is None else sample_weight * of_classes, loss, outputs

    def _encode(self, y, loss, dtype):
        return self._labels.encode(y, loss, dtype)

    def _stratify(self, t):
        if t.ndim == 2:
            return t > t.min() if t.shape[1] == 1 else None
        counts = np.bincount(t)
        smallest = min(self.validation_fraction, 1 - self.validation_fraction) * len(t)
        return t if counts[counts > 0].min() >= 2 and smallest >= len(counts) else None

    @available_if(has_partial_fit)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """Train for one epoch on these data, from where the last call ended.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : array-like of shape (n_classes,), optional
            All classes that will ever occur; required in the first call, except for multi-label targets.

        Returns
        -------
        self
        """
        first: dict[str, Any] = {}
        if not hasattr(self, "classes_"):
            multilabel = type_of_target(y) == "multilabel-indicator"
            if classes is None and not multilabel:
                raise ValueError("classes must be passed on the first call to partial_fit.")
            first = {"_labels": Labels.of(y if multilabel else np.asarray(classes))}
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: {self.classes_!r}"
            )
        return self._train(X, y, sample_weight, incremental=True, **first)

    def predict(self, X):
        """The predicted class of each sample.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        y : ndarray of shape (n_samples,), or (n_samples, n_classes) for multi-label targets
        """
        z = self._evidence(X)
        return self._labels.decode(z, self._at_zero or isinstance(self.network_.loss.single, PerceptronLoss))

    def _predictions(self, z):
        return z

    @available_if(lambda estimator: not _probabilistic(estimator))
    def decision_function(self, X):
        """z, the outputs before the output map, for losses without probabilities; positive means yes.

        Returns
        -------
        z : ndarray of shape (n_samples,) for two classes, else (n_samples, n_classes)
        """
        return self._decision(X)

    def _decision(self, X: Any) -> np.ndarray:
        """z of shape (n_samples,) for two classes, else (n_samples, n_classes)."""
        z = self._evidence(X)
        return z[:, 0] if z.shape[1] == 1 and not self._labels.multilabel else z

    def _evidence(self, X: Any) -> np.ndarray:
        """z, shifted so that a unit of its own says yes above 0."""
        z, loss = self._z(X), self.network_.loss
        alone = z.shape[1] == 1 or self._labels.multilabel
        return z - (loss.on + loss.off) / 2 if alone and not loss.classification else z


_PARAMETERS = """loss : str, Loss or pair of functions
        "log_loss": softmax, or logistic for two classes and multi-label targets; "hinge", "perceptron",
        "squared_error"; or value and delta as two functions of (z, t).
    class_weight : dict, "balanced", list of dict, or None
        Multiplies the sample weights.
    label_smoothing : float
        s in [0, 1), for "log_loss": the targets are (1 − s) of the label and s spread equally over all classes. The
        recorded losses are those of these targets.
    target_values : (low, high), "curvature" or None
        For "squared_error": the targets of a unit for other classes and for its own; None: 0 and 1. "curvature": where
        the second derivative of `output_activation` is largest (`deltaprop.functions.curvature_points`).
    calibrate : bool
        Whether to divide z by a temperature found on the validation data, so that probabilities are neither too sure
        nor too unsure of themselves; the predicted classes stay the same. Needs validation data."""


@dataclass(eq=False, repr=False, kw_only=True)
class MLPClassifier(LabelledEstimator, MultilayerEstimator):
    __doc__ = f"""A multilayer network that predicts classes.

    A drop-in for scikit-learn's estimator of this name, whose arguments it takes with the same meaning.

    Parameters
    ----------
    {PARAMETERS.format(score="the accuracy", more=_PARAMETERS)}

    Attributes
    ----------
    classes_ : ndarray
    temperature_ : float
        What z is divided by before it becomes probabilities: 1, unless `calibrate` is set.
    {ATTRIBUTES}

    See Also
    --------
    MLPClassifier.recommended : the same with arguments that suit most tables.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> x, t = load_iris(return_X_y=True)
    >>> model = MLPClassifier.recommended(random_state=0).fit(x, t)
    >>> print(model.score(x, t) > 0.95)
    True
    """

    loss: str | Loss | tuple[Callable, Callable] = "log_loss"
    class_weight: dict | str | list[dict] | None = None
    label_smoothing: float = 0.0
    target_values: tuple[float, float] | str | None = None
    calibrate: bool = False

    _parameter_constraints = CLASSIFIER

    def _targets(self, y, fresh, incremental):
        if fresh or "temperature_" not in vars(self):
            self.temperature_ = 1.0
        return super()._targets(y, fresh, incremental)

    @classmethod
    def recommended(cls, **arguments: Any) -> MLPClassifier:
        """Arguments that suit most tables, instead of scikit-learn's defaults; each can be overridden.

        Numbers, categories, dates and missing entries are taken as they come; see docs/tables.md for what is done to
        them, and for the evidence. The network has the weights of the epoch that did best on a fifth of the samples.

        Examples
        --------
        >>> MLPClassifier.recommended(max_iter=50).max_iter
        50
        """
        return cls(**recipes.recommended(recipes.CLASSIFIER, arguments))

    @available_if(_probabilistic)
    def predict_proba(self, X, return_std=False):
        """The probability of each class; of an ensemble the mean over its members, to which `calibrate` then applies.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        return_std : bool
            Whether to return the standard deviation over the members too.

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``; of multi-label targets each column on its own.
        std : ndarray of shape (n_samples, n_classes), if `return_std`
        """
        if return_std:
            return self._predictions(self._z(X)), self.predict_members(X).std(axis=0)
        return self._predictions(self._z(X))

    @available_if(_probabilistic)
    def predict_members(self, X):
        """The probabilities that each member of the ensemble predicts.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        p : ndarray of shape (n_ensemble, n_samples, n_classes)
        """
        return np.stack([self._predictions(z) for z in self._z_of_each(X)])

    def _calibrate(self, run):
        if run.validation is not None and self.calibrate and _probabilistic(self):
            held_out = temperature.of_members(run.network.loss, *outputs(run, run.validation))
            self.temperature_ = temperature.temperature(*held_out)

    def _predictions(self, z):
        if not _probabilistic(self):
            return z
        z = self._tempered(z)
        if self._labels.multilabel:
            return Sigmoid().f(z)
        if z.shape[1] > 1:
            return softmax(z)
        p = Sigmoid().f(z)
        return np.hstack([1 - p, p]) if len(self.classes_) > 1 else np.ones_like(p)

    def _tempered(self, z):
        scale = vars(self).get("temperature_", 1.0)
        return z if scale == 1 else z / z.dtype.type(scale)

    @available_if(_probabilistic)
    def predict_logits(self, X):
        """z, the outputs before the output map.

        scikit-learn's estimator has no `decision_function`, which its tools would prefer to `predict_proba`; so this
        one has it only for losses without probabilities.

        Returns
        -------
        z : ndarray of shape (n_samples,) for two classes, else (n_samples, n_classes)
        """
        return self._decision(X)

    @available_if(_probabilistic)
    def predict_log_proba(self, X):
        """The logarithm of `predict_proba`; finite also where the probability is too small for its type."""
        p, z = self.predict_proba(X), self._tempered(self._z(X))
        with np.errstate(divide="ignore"):
            log_p = np.log(p)
        none = p == 0
        if none.any():
            if p.shape[1] != z.shape[1]:
                z = np.hstack([-z, z])
            elif z.shape[1] > 1 and not self._labels.multilabel:
                z = z - z.max(axis=1, keepdims=True)
            log_p[none] = z[none]  # what the exact formula adds to it rounds to 0
        return log_p

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
