"""What MLPClassifier and MLPRegressor share: the documentation of their arguments and attributes, and `fit`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cache
from inspect import Parameter
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils._param_validation import validate_parameter_constraints

from ..data import Encoding
from ..engines import Engine
from ..functions import ActivationFunction, Initializer, Loss, Schedule
from ..optimizers import Optimizer
from ..training import Callback, Checkpoint, GrowingBatchSize, MomentumOnPlateau, Progress, Sampler
from .base import NetworkEstimator
from .optimizer import solver

PARAMETERS = """hidden_layer_sizes : int or sequence of int
        Units of each hidden layer; () for none.
    activation : str, ActivationFunction or list of these
        Of the hidden layers; a list has one for each. Names: "identity", "logistic" (or "sigmoid"), "tanh", "relu",
        "leaky_relu", "gelu", "elu", "selu", "softplus", "silu", "mish", "scaled_tanh", "step";
        "rbf": radial basis functions (`deltaprop.RBF`) in the place of weights and an activation, their centres from
        k-means. For standardized inputs: see `scale_inputs`.
    solver : str, Optimizer or Solver
        "adam"; "sgd" with `momentum` and `nesterovs_momentum`; the name of another optimizer ("momentum", "nesterov",
        "rmsprop", "adagrad", "adamw", "delta_bar_delta", "gradient_descent"); a full-batch solver: "lbfgs", "lm"
        (Levenberg–Marquardt), "bayesian_lm" (the same with `alpha` found from the data), "scg" (scaled conjugate
        gradient), "newton", "gauss_newton", "newton_cg", "trust_region", "bfgs" or "cg", see `deltaprop.solvers`; or an
        object of these, which has its own hyper-parameters.
    alpha : float
        Penalty ½ α Σw² / n on the weights, with n the samples (or their weights) of a batch: the smaller the batch,
        the stronger it is. `weight_decay` does not depend on the batch.
    l1 : float
        Penalty l1 Σ|w| on the weights, which drives some of them to 0; not divided by n.
    batch_size : int, "auto", "equal" or GrowingBatchSize
        Samples per step; "auto": min(200, n). "equal": about 256, such that the last batch of an epoch is hardly
        smaller than the others; the step of a few samples would be as long as any other, but mostly noise. A
        `deltaprop.training.GrowingBatchSize` grows from epoch to epoch.
    learning_rate : {{"constant", "invscaling", "adaptive"}}, name of a schedule, or Schedule
        The first three are scikit-learn's, the last two of them for ``solver="sgd"``. "invscaling": the rate is
        learning_rate_init / (t + 1)^power_t, with t the samples seen, from the second epoch on; "adaptive": divided by
        5 instead of stopping, until 10⁻⁶. A schedule by name ("cosine", "one_cycle", "warmup_linear", …) spans
        `max_iter` epochs and begins or peaks at learning_rate_init; an object is the rate itself, over steps.
    learning_rate_init : float
        Learning rate of optimizers given by name; see `lr_find`.
    power_t : float
        Exponent of "invscaling".
    max_iter : int or "auto"
        Maximum number of epochs; a full-batch solver makes one iteration in each. "auto": 128 for up to 10,000 samples
        and fewer for more, half of it for ensembles, `deltaprop.recipes.epochs`.
    max_seconds : float, optional
        Time for `fit` on this machine: some steps are measured first, and as many epochs planned, at most `max_iter`,
        as there is time for, so that schedules end in time. How many these are depends on the machine's load.
    shuffle : bool
        Whether each epoch has a new order of the samples.
    sampler : str or Sampler, optional
        Which samples each epoch shows, and in which order, instead of `shuffle`: "fixed", "shuffled", "stratified",
        "alternating", "emphasizing", or an object of `deltaprop.training.samplers`, such as ``Curriculum(difficulty)``.
    random_state : int, RandomState or None
        Seeds initial weights, order, dropout and the split of validation data.
    tol, n_iter_no_change : float, int or inf
        Training ends after more than `n_iter_no_change` epochs in a row without an improvement by `tol` of the training
        loss, or of the validation score with `early_stopping`. For full-batch solvers `tol` is relative to the loss.
        "lbfgs" ends when no entry of the gradient exceeds `tol`.
    verbose : bool or int
        Print a line for each epoch.
    warm_start : bool
        Whether `fit` continues exactly where the last call ended: weights, state of the optimizer, epoch, rate.
    momentum, nesterovs_momentum : float in [0, 1), bool
        For ``solver="sgd"``.
    momentum_plateau : int, MomentumOnPlateau or None
        Instead of `momentum`: 0.5, and 0.9 once the training loss has not improved by 1 % for this many epochs in a
        row, or as a `deltaprop.training.MomentumOnPlateau` says.
    early_stopping : bool
        Hold out a part of the data (or use X_val of `fit`), stop by the score on it, and restore the best weights.
    validation_fraction : float
        Size of that part.
    beta_1, beta_2, epsilon : float
        For Adam; epsilon also for RMSProp and AdaGrad.
    max_fun : int
        Maximum number of evaluations, for "lbfgs".
    init : "sklearn", "auto", "data", name of an initializer, Initializer, or list of these
        Initial weights. "sklearn": scikit-learn's, number by number. "auto": what suits each hidden layer's activation
        (He for ReLU, Glorot for sigmoids, …) with zero biases, and small weights of the output layer after ReLUs. A
        list has an entry for each layer of weights, the output's included. "data": units of variance 1 on the training
        data, whose boundaries go through random points of it (`Network.initialize_from_data`).
    coefs_init, intercepts_init : list of ndarray, optional
        Initial weights (inputs, units) and biases (units,) of every layer.
    dropout : float or list of float
        Probability that a hidden activation is dropped, for all or each hidden layer.
    dropout_schedule : name of a schedule, optional
        `dropout` along that schedule ("flat_cosine", …) over the first `max_iter` epochs.
    normalization : {{"batch", "layer"}} or None
        Between the weights of a hidden layer and its activation.
    residual : bool
        Whether hidden layers as wide as their input add to it.
    weight_decay : float
        Decoupled decay: each step multiplies the parameters by 1 − rate · weight_decay.
    weight_decay_schedule : name of a schedule, Schedule, optional
        By name ("flat_cosine", …) `weight_decay` along that schedule over `max_iter` epochs; an object is the decay
        itself, over steps.
    rate_factors, decay_factors : dict or array, optional
        Factors on the learning rate and on the weight decay of some parameters, such as ``{{"w": "fan_in"}}``;
        see `deltaprop.fit`. Layers are counted as in ``network_.layers``.
    adapt_rate : {{"eigenvalue", "diagonal_lm"}}, Callback or None
        Rates from the curvature, measured after each epoch, for ``solver="sgd"`` and the like: one for all parameters
        instead of `learning_rate_init` (`deltaprop.training.EigenvalueRate`), or one for each
        (`deltaprop.training.DiagonalLM`, where `learning_rate_init` is ε).
    clip_norm : float, optional
        Largest norm of the gradient of a step.
    n_ensemble : int
        Number of networks that are trained side by side, as one, and whose predictions are averaged.
    ensemble : {{"independent", "shared"}}
        "independent": with weights of their own. With `early_stopping` each leaves out a fold of its own (1 /
        `validation_fraction` folds, or n_ensemble) and restores its own best epoch, so that every sample is trained on;
        each sample is scored by the networks that have left it out. "shared": as TabM and BatchEnsemble, with the same
        weights but for factors on the inputs and outputs of each hidden layer, biases, and the output layer.
    scoring : str, callable or "loss", optional
        What is measured on validation data and watched by `early_stopping`: any scorer of scikit-learn, or the loss;
        by default {score}.
    scale_inputs : bool, "auto", "decorrelate" or None
        Standardize the inputs internally. None: with full-batch solvers other than "lbfgs". "auto": inputs of similar
        spread, and not far from zero by comparison, are assumed to share a unit and divided by one number.
        "decorrelate": standardized, and then their principal components, each of variance 1; those without variance are
        left out. Learned in the first call; sparse inputs are not centered.
    preprocessing : "table", Encoding or None
        "table": X may be a frame of pandas or polars, or an array, with missing entries, categories, texts, booleans
        and dates. Numbers are scaled by median and interquartile range and smoothly clipped, categories become inputs
        or, if there are many, learned vectors (see ``docs/tables.md``). A `deltaprop.data.Encoding` chooses each of
        these. Learned in the first call; the network then computes in float32 unless `dtype` says otherwise, and
        `scale_inputs` has no effect.
    periodic_embedding : bool
        Whether numbers have further inputs, learned waves of them (`deltaprop.layers.PeriodicEmbedding`). Without
        `preprocessing` all inputs are numbers.
    input_factors : bool
        Whether each input of the network has a learned factor (`deltaprop.layers.LearnedScale`).
    parametric_activation : bool
        Whether each hidden unit learns to which degree it applies its activation
        (`deltaprop.layers.ParametricActivation`).
    output_activation : str or ActivationFunction
        Of the output layer, for losses without an output map of their own, such as "squared_error".
    {more}
    best_epoch : {{"first", "last"}}
        Which of several epochs with the same validation score is the best one, whose weights are restored.
    callbacks : list of Callback, optional
        See `deltaprop.training`. One that raises leaves the estimator as it was before the call.
    progress : bool, "auto" or Progress
        A progress bar on standard error.
    diagnostics : bool
        Record gradient norms, update ratios, dead and saturated units of each layer in `history_`.
    engine, precision, threads
        As for `deltaprop.fit`: engine="jax" trains on GPUs or on many machines.
    dtype : {{"float32", "float64"}} or None
        To compute in; None: float32 for float32 inputs, else float64.
    checkpoint : str, Path or Checkpoint, optional
        Where `fit` writes its state.
    resume : bool
        Whether to continue from that file, if there is one; needs an integer `random_state`."""

ATTRIBUTES = """network_ : Network
        The trained network; it takes scaled inputs where there is an `input_scaler_`.
    coefs_, intercepts_ : list of ndarray
        Views of its weights (inputs, units) and biases (units,). Arrays assigned in their place take effect.
    history_ : History
        A row for each epoch of all calls that continued from each other; for full-batch solvers the loss is that
        after the iteration.
    loss_, loss_curve_, best_loss_ : float, list, float or None
        Last, all and smallest training loss; the last is None with `early_stopping`.
    validation_scores_, best_validation_score_ : list and float, or None
        Larger is better: with ``scoring="loss"`` they are negative losses.
    n_iter_, t_ : int
        Epochs of the last call; samples seen in all calls.
    oob_score_ : float
        Of an ensemble of which each network has left out samples: the score of what these networks predict of them,
        from their best epochs. `oob_prediction_` or `oob_decision_function_` (n_samples, …) are the predictions.
    n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_
        As in scikit-learn.
    input_scaler_ : StandardScaler, Decorrelator or None
    preprocessing_ : Table, Decorrelated or None
        What was learned of the columns: ``preprocessing_.describe()`` says it in words, ``names`` are the inputs of the
        network."""


@dataclass(eq=False, repr=False)
class MultilayerEstimator(NetworkEstimator):
    """The arguments of both estimators, and `fit`."""

    loss: str | Loss | tuple[Callable, Callable] = "squared_error"  # of the classifier keyword-only
    hidden_layer_sizes: int | Sequence[int] = (100,)
    activation: str | ActivationFunction | Sequence[str | ActivationFunction] = "relu"
    _: KW_ONLY
    solver: str | Optimizer = "adam"
    alpha: float = 0.0001
    l1: float = 0.0
    batch_size: int | str | GrowingBatchSize = "auto"
    learning_rate: str | Schedule = "constant"
    learning_rate_init: float = 0.001
    power_t: float = 0.5
    max_iter: int | str = 200
    max_seconds: float | None = None
    shuffle: bool = True
    sampler: str | Sampler | None = None
    random_state: int | np.random.RandomState | None = None
    tol: float = 1e-4
    verbose: bool | int = False
    warm_start: bool = False
    momentum: float = 0.9
    nesterovs_momentum: bool = True
    momentum_plateau: int | MomentumOnPlateau | None = None
    early_stopping: bool = False
    validation_fraction: float = 0.1
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    n_iter_no_change: float = 10
    max_fun: int = 15000
    init: str | Initializer | Sequence[str | Initializer] = "sklearn"
    coefs_init: Sequence[np.ndarray] | None = None
    intercepts_init: Sequence[np.ndarray] | None = None
    dropout: float | Sequence[float] = 0.0
    dropout_schedule: str | None = None
    normalization: str | None = None
    residual: bool = False
    weight_decay: float = 0.0
    weight_decay_schedule: str | Schedule | None = None
    rate_factors: dict | np.ndarray | None = None
    decay_factors: dict | np.ndarray | None = None
    adapt_rate: str | Callback | None = None
    clip_norm: float | None = None
    n_ensemble: int = 1
    ensemble: str = "independent"
    scoring: str | Callable | None = None
    scale_inputs: bool | str | None = None
    preprocessing: str | Encoding | None = None
    periodic_embedding: bool = False
    input_factors: bool = False
    parametric_activation: bool = False
    output_activation: str | ActivationFunction = "identity"
    best_epoch: str = "first"
    callbacks: Sequence[Callback] | None = None
    progress: bool | str | Progress = False
    diagnostics: bool = False
    engine: str | type[Engine] = "auto"
    precision: str = "float32"
    threads: int | None = None
    dtype: str | None = None
    checkpoint: str | Path | Checkpoint | None = None
    resume: bool = False

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight=None, X_val=None, y_val=None, sample_weight_val=None) -> Any:
        """Train on the data; with ``warm_start=True`` from where the last call ended.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            With `preprocessing` also a data frame.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Of a classifier, several columns are yes-or-no labels.
        sample_weight : array-like of shape (n_samples,), optional
            ≥ 0. A sample of weight 0 takes no part; one of weight 2 counts as two.
        X_val, y_val : optional
            Validation data: measured after each epoch, and watched by `early_stopping`.
        sample_weight_val : array-like, optional
            Their weights in the validation loss and score.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If an argument is invalid, or training diverges. The estimator is then as it was before the call, also
            when a callback raises.
        """
        return self._train(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    @classmethod
    @cache
    def _parameter_names(cls) -> tuple[str, ...]:
        return tuple(super()._get_param_names())

    @classmethod
    def _get_param_names(cls) -> list[str]:
        return list(cls._parameter_names())

    def _validate_params(self) -> None:
        """Check the constructor's arguments by `_parameter_constraints`; the defaults of their class need no check."""
        cls, given = type(self), {}
        defaults = next(c for c in cls.__mro__ if "_parameter_constraints" in vars(c))
        for name in cls._get_param_names():
            value = getattr(self, name)
            if value is not getattr(defaults, name, Parameter.empty):
                given[name] = value
        validate_parameter_constraints(self._parameter_constraints, given, cls.__name__)


def has_partial_fit(estimator: Any) -> bool:
    """For `available_if`: full-batch solvers have no partial_fit."""
    if solver(estimator) is not None:
        name = estimator.solver if isinstance(estimator.solver, str) else type(estimator.solver).__name__
        raise AttributeError(
            f"partial_fit is only available for stochastic optimizers; {name} is not stochastic: use "
            "warm_start=True, with which every fit continues where the last one ended."
        )
    return True
