"""MLPRegressor: a multilayer network that predicts values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.preprocessing import StandardScaler
from sklearn.utils.metaestimators import available_if

from .. import recipes
from ..functions import Loss, Poisson
from . import losses
from .multilayer import ATTRIBUTES, PARAMETERS, MultilayerEstimator, has_partial_fit
from .parameters import REGRESSOR

_LOSS = """loss : str, Loss or pair of functions
        "squared_error" (half of it), "poisson" (half the deviance, of y = e^z), "absolute_error", "huber", "quantile";
        an object such as ``Quantile(0.9)``; or value and delta as two functions of (z, t). Of several outputs the
        sum."""
_TARGETS = """scale_targets : bool or None
        Standardize the targets internally; predictions are in the original units. None: as for `scale_inputs`, but for
        the poisson loss.
    clamp_outputs : bool
        Limit predictions to the range of the training targets of the first call."""


@dataclass(eq=False, repr=False, kw_only=True)
class MLPRegressor(RegressorMixin, MultilayerEstimator):
    __doc__ = f"""A multilayer network that predicts values.

    A drop-in for scikit-learn's estimator of this name, whose arguments it takes with the same meaning.

    Parameters
    ----------
    {_LOSS}
    {PARAMETERS.format(score="R²", more=_TARGETS)}

    Attributes
    ----------
    {ATTRIBUTES}
    target_scaler_ : StandardScaler or None
    target_range_ : pair of ndarray or None
        Smallest and largest target of each output, with ``clamp_outputs=True``.

    See Also
    --------
    MLPRegressor.recommended : the same with arguments that suit most tables.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> x, t = load_diabetes(return_X_y=True)
    >>> MLPRegressor.recommended(random_state=0).fit(x[:300], t[:300]).score(x[300:], t[300:]) > 0.45
    True
    """

    scale_targets: bool | None = None
    clamp_outputs: bool = False

    _parameter_constraints = REGRESSOR
    _y_numeric = True

    @classmethod
    def recommended(cls, **arguments: Any) -> MLPRegressor:
        """Arguments that suit most tables, instead of scikit-learn's defaults; each can be overridden.

        As `MLPClassifier.recommended`, and the targets are standardized internally too.

        Examples
        --------
        >>> MLPRegressor.recommended(max_iter=50).scale_targets
        True
        """
        return cls(**recipes.recommended(recipes.REGRESSOR, arguments))

    @available_if(has_partial_fit)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None):
        """Train for one epoch on these data, from where the last call ended.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.

        Returns
        -------
        self
        """
        return self._train(X, y, sample_weight, incremental=True)

    def predict(self, X, return_std=False):
        """The predicted values, in the units of the targets; of an ensemble the mean over its members.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        return_std : bool
            Whether to return the standard deviation over the members too.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        std : ndarray of the same shape, if `return_std`
        """
        if return_std:
            members = self.predict_members(X)
            return members.mean(axis=0), members.std(axis=0)
        return self._predictions(self._z(X))

    def predict_members(self, X):
        """The values that each member of the ensemble predicts.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        y : ndarray of shape (n_ensemble, n_samples) or (n_ensemble, n_samples, n_outputs)
        """
        return np.stack([self._predictions(z) for z in self._z_of_each(X)])

    def _predictions(self, z):
        y = self.network_.loss.single.predict(z)
        if self.target_scaler_ is not None:  # whose inverse_transform takes longer than predicting a row
            scaler: Any = self.target_scaler_
            y = y * scaler.scale_.astype(y.dtype) + scaler.mean_.astype(y.dtype)
        if self.target_range_ is not None:
            low, high = self.target_range_
            y = np.minimum(np.maximum(y, low), high)
        return y[:, 0] if y.shape[1] == 1 else y

    def _targets(self, y: Any, fresh: bool, incremental: bool) -> np.ndarray:
        if y.dtype.kind not in "biuf":
            raise ValueError(
                f"y has dtype {y.dtype}, expected numbers; turn dates and durations into numbers first."
            )
        y = np.asarray(y, np.float32 if y.dtype == np.float32 else np.float64)
        y = y.reshape(len(y), -1)
        if not fresh and "network_" in self.__dict__ and y.shape[1] != self.n_outputs_:
            raise ValueError(
                f"{type(self).__name__}: y has {y.shape[1]} columns, expected {self.n_outputs_} as before."
            )
        return y

    def _problem(self, y, sample_weight, incremental):
        return sample_weight, losses.as_estimator_loss(type(self).__name__, self.loss), y.shape[1]

    def _fit_scalers(self, X, y, sample_weight):
        super()._fit_scalers(X, y, sample_weight)
        self.target_scaler_ = self.target_range_ = None
        if self.clamp_outputs:
            taking_part = y if sample_weight is None else y[sample_weight > 0]
            self.target_range_ = taking_part.min(axis=0), taking_part.max(axis=0)
        counts = isinstance(losses.as_estimator_loss(type(self).__name__, self.loss), Poisson)
        if self._scales(self.scale_targets) and not (counts and self.scale_targets is None):
            if counts:
                raise ValueError(
                    f"{type(self).__name__}: scale_targets=True with the poisson loss, which needs counts ≥ 0 as they "
                    "are; leave scale_targets=False."
                )
            self.target_scaler_ = StandardScaler().fit(y, sample_weight=sample_weight)

    def _encode(self, y: Any, loss: Loss, dtype: np.dtype) -> np.ndarray:
        if self.target_scaler_ is not None:
            y = np.asarray(self.target_scaler_.transform(y))
        return loss.encode(y, y.shape[1], dtype)
