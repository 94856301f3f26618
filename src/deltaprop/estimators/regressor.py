"""MLPRegressor: a multilayer network that predicts values."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.preprocessing import StandardScaler
from sklearn.utils.metaestimators import available_if

from ..functions import Poisson
from . import losses
from .base import NetworkEstimator
from .classifier import _stochastic
from .parameters import RECOMMENDED, REGRESSOR


class MLPRegressor(RegressorMixin, NetworkEstimator):
    # DOC

    _parameter_constraints: dict = REGRESSOR
    _y_numeric = True

    def __init__(
        self,
        loss="squared_error",
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        init="auto",
        coefs_init=None,
        intercepts_init=None,
        dropout=0.0,
        normalization=None,
        residual=False,
        weight_decay=0.0,
        clip_norm=None,
        scoring=None,
        scale_inputs=False,
        scale_targets=False,
        callbacks=None,
        progress=False,
        diagnostics=False,
        engine="auto",
        threads=None,
        dtype=None,
        checkpoint=None,
        resume=False,
    ):
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.init = init
        self.coefs_init = coefs_init
        self.intercepts_init = intercepts_init
        self.dropout = dropout
        self.normalization = normalization
        self.residual = residual
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.scoring = scoring
        self.scale_inputs = scale_inputs
        self.scale_targets = scale_targets
        self.callbacks = callbacks
        self.progress = progress
        self.diagnostics = diagnostics
        self.engine = engine
        self.threads = threads
        self.dtype = dtype
        self.checkpoint = checkpoint
        self.resume = resume

    @classmethod
    def recommended(cls, **arguments: Any) -> MLPRegressor:
        """Arguments that suit most tables, instead of scikit-learn's defaults; each can be overridden.

        As `MLPClassifier.recommended`, and the targets are standardised inside too.

        Examples
        --------
        >>> MLPRegressor.recommended(max_iter=50).scale_targets
        True
        """
        return cls(**RECOMMENDED | {"scale_targets": True, "dropout": 0.3, "weight_decay": 0.1} | arguments)

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None, X_val=None, y_val=None, sample_weight_val=None):
        """Train on the data; with ``warm_start=True`` from where the last call ended.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), optional
            ≥ 0. A sample of weight 0 takes no part; one of weight 2 counts as two.
        X_val, y_val : optional
            Validation data: measured after each epoch, and the ones that `early_stopping` watches.
        sample_weight_val : array-like, optional
            Their weights in the validation loss and score.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If an argument cannot be used, or training diverges. The estimator is then as it was before the call, also
            when a callback raises.
        """
        return self._train(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    @available_if(_stochastic)
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

    def predict(self, X):
        """The predicted values, in the units of the targets.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        """
        z = self._z(X)
        y = self.network_.loss.predict(z)
        if self.target_scaler_ is not None:
            y = self.target_scaler_.inverse_transform(y)
        return y[:, 0] if y.shape[1] == 1 else y

    def _targets(self, y, fresh, incremental):
        y = np.asarray(y, np.float32 if y.dtype == np.float32 else np.float64)
        y = y[:, None] if y.ndim == 1 else y
        if not fresh and "network_" in self.__dict__ and y.shape[1] != self.network_.outputs:
            raise ValueError(
                f"{type(self).__name__}: y has {y.shape[1]} columns, expected {self.network_.outputs} as before."
            )
        self._columns = y.shape[1]
        return y

    def _outputs(self):
        return self._columns

    def _loss(self):
        return losses.as_estimator_loss(type(self).__name__, self.loss)

    def _fit_scalers(self, X, y, sample_weight):
        super()._fit_scalers(X, y, sample_weight)
        self.target_scaler_ = None
        if self.scale_targets:
            if isinstance(self._loss(), Poisson):
                raise ValueError(
                    f"{type(self).__name__}: scale_targets=True with the poisson loss, which needs counts ≥ 0 as they "
                    "are; leave scale_targets=False."
                )
            self.target_scaler_ = StandardScaler().fit(y, sample_weight=sample_weight)

    def _encode(self, y, loss, dtype):
        if self.target_scaler_ is not None:
            y = self.target_scaler_.transform(y)
        return loss.encode(y, self._columns, dtype)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
