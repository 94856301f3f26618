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
    """A multilayer network that predicts values.

    A drop-in for scikit-learn's estimator of this name, whose arguments come first and mean the same.

    Parameters
    ----------
    loss : str, Loss or pair of functions
        "squared_error" (half of it), "poisson" (half the deviance, of y = e^z), "absolute_error", "huber", "quantile";
        an object such as ``Quantile(0.9)``; or value and delta as two functions of (z, t). Of several outputs the sum.
    hidden_layer_sizes : int or sequence of int
        Units of each hidden layer; () for none.
    activation : str, ActivationFunction or list of these
        Of the hidden layers; a list has one for each. Names: "identity", "logistic" (or "sigmoid"), "tanh", "relu",
        "leaky_relu", "gelu", "scaled_tanh", "step".
    solver : str or Optimizer
        "adam"; "sgd" with `momentum` and `nesterovs_momentum`; "lbfgs" over all samples at once; the name of another
        optimizer ("momentum", "nesterov", "rmsprop", "adagrad", "adamw", "gradient_descent"), or an object, whose
        hyper-parameters are then its own.
    alpha : float
        Penalty ½ α Σw² / n on the weights, with n the samples (or their weights) of a batch: the smaller the batch,
        the stronger it is. See `weight_decay` for one that does not depend on it.
    batch_size : int or "auto"
        Samples of a step; "auto": min(200, n).
    learning_rate : {"constant", "invscaling", "adaptive"}, name of a schedule, or Schedule
        The first three are scikit-learn's, the last two of them for ``solver="sgd"``. "invscaling": the rate is
        learning_rate_init / (t + 1)^power_t, with t the samples seen, from the second epoch on; "adaptive": divided by
        5 instead of stopping, until 10⁻⁶. A schedule by name ("cosine", "one_cycle", "warmup_linear", …) spans
        `max_iter` epochs and begins or peaks at learning_rate_init; an object is the rate itself, over steps.
    learning_rate_init : float
        Learning rate of optimizers given by name; see `lr_find`.
    power_t : float
        Exponent of "invscaling".
    max_iter : int
        Epochs at most; iterations of "lbfgs".
    shuffle : bool
        A new order of the samples for each epoch.
    random_state : int, RandomState or None
        Seeds initial weights, order, dropout and the split of validation data, in streams of their own.
    tol, n_iter_no_change : float, int or inf
        Training ends after more than `n_iter_no_change` epochs in a row without improvement by `tol`, of the training
        loss or of what `early_stopping` watches. "lbfgs" ends when no entry of the gradient exceeds `tol`.
    verbose : bool or int
        Print a line for each epoch.
    warm_start : bool
        `fit` goes on exactly where the last call ended: weights, optimizer or solver memory, epoch, rate.
    momentum, nesterovs_momentum : float in [0, 1), bool
        Of ``solver="sgd"``.
    early_stopping : bool
        Hold out a part of the data (or take X_val of `fit`), stop by the score on it, and restore the best weights.
    validation_fraction : float
        That part.
    beta_1, beta_2, epsilon : float
        Of Adam; epsilon also of RMSProp and AdaGrad.
    max_fun : int
        Evaluations at most, of "lbfgs".
    init : "auto", "sklearn", name of an initializer, Initializer, or list of these
        First weights. "auto": what suits each hidden layer's activation (He for ReLU, Glorot for sigmoids, …), and
        small ones for the output layer behind ReLUs; "sklearn": scikit-learn's own, number by number. A list has an
        entry for each layer of weights, the output's included.
    coefs_init, intercepts_init : list of ndarray, optional
        First weights (inputs, units) and biases (units,) of every layer.
    dropout : float or list of float
        Probability that a hidden activation is dropped, for all or each hidden layer.
    normalization : {"batch", "layer"} or None
        Between the weights of a hidden layer and its activation.
    residual : bool
        A hidden layer as wide as its input learns what to add to it.
    weight_decay : float
        Decoupled decay: each step multiplies the parameters by 1 − rate · weight_decay, whatever the batch size.
    clip_norm : float, optional
        Longest gradient of a step.
    scoring : str, callable or "loss", optional
        What is measured on validation data and watched by `early_stopping`: any scorer of scikit-learn, or the loss;
        by default R².
    scale_inputs : bool or "auto"
        Standardise the inputs inside. "auto": inputs of similar spread are taken for one unit and divided by one
        number. Learned by the first call and then kept; of sparse inputs nothing is subtracted.
    scale_targets : bool
        Standardise the targets inside; predictions are in their own units.
    callbacks : list of Callback, optional
        See `deltaprop.training`. One that raises leaves the estimator as it was before the call.
    progress : bool, "auto" or Progress
        A progress bar on standard error.
    diagnostics : bool
        Gradient norms, update ratios, dead and saturated units of each layer in `history_`.
    engine, threads
        As for `deltaprop.fit`.
    dtype : {"float32", "float64"} or None
        To compute in; None: float32 for float32 inputs, else float64.
    checkpoint : str, Path or Checkpoint, optional
        Where `fit` writes its state.
    resume : bool
        Go on from that file, if there is one; needs an integer `random_state`.

    Attributes
    ----------
    network_ : Network
        What was trained; it takes scaled inputs where there is an `input_scaler_`.
    coefs_, intercepts_ : list of ndarray
        Views of its weights (inputs, units) and biases (units,). Arrays put in their place take effect.
    history_ : History
        A row for each epoch of all calls that went on from each other, for every solver; for "lbfgs" the loss is that
        after the iteration.
    loss_, loss_curve_, best_loss_ : float, list, float or None
        Last, all and smallest training loss; the last is None with `early_stopping`.
    validation_scores_, best_validation_score_ : list and float, or None
        Larger is better: with ``scoring="loss"`` they are negative losses.
    n_iter_, t_ : int
        Epochs of the last call; samples seen in all.
    n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_
        As in scikit-learn.
    input_scaler_, target_scaler_ : StandardScaler or None

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
