"""MLPClassifier: a multilayer network that predicts classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if

from ..functions import Loss, PerceptronLoss, Sigmoid, softmax
from . import losses
from .base import NetworkEstimator
from .labels import Labels
from .parameters import CLASSIFIER, RECOMMENDED


def _probabilistic(estimator: Any) -> bool:
    loss = estimator.loss
    return loss == "log_loss" or (isinstance(loss, Loss) and losses.gives_probabilities(loss))


def _stochastic(estimator: Any) -> bool:
    if estimator.solver == "lbfgs":
        raise AttributeError(
            "partial_fit is only available for stochastic optimizers; lbfgs is not stochastic: use "
            "warm_start=True, with which every fit goes on where the last one ended."
        )
    return True


class LabelledEstimator(ClassifierMixin, NetworkEstimator):
    """What classifiers share: labels in, labels out."""

    loss: Any
    class_weight: Any

    def _targets(self, y, fresh, incremental):
        if fresh and not incremental:
            self._labels = Labels.of(y)
        elif incremental:
            unknown = np.setdiff1d(self._labels.seen(y), self._labels.classes)
            if len(unknown):
                raise ValueError(
                    f"`y` has classes not in `self.classes_`. `self.classes_` has {self._labels.classes}. "
                    f"'y' has {unknown}."
                )
        else:
            classes = self._labels.seen(y)
            if set(classes) != set(self._labels.classes):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                    f"Previously got {self._labels.classes}, `y` has {classes}"
                )
        self.classes_ = self._labels.classes
        return y

    def _outputs(self):
        return self._labels.outputs

    def _loss(self):
        one_of_many = not self._labels.multilabel and self._labels.outputs > 1
        return losses.of_classes(type(self).__name__, self.loss, one_of_many)

    def _encode(self, y, loss, dtype):
        return self._labels.encode(y, loss, dtype)

    def _weights(self, y, sample_weight, incremental):
        if self.class_weight is None:
            return sample_weight
        if incremental and self.class_weight == "balanced":
            raise ValueError(
                f"{type(self).__name__}: class_weight='balanced' cannot be used with partial_fit, which sees only a "
                "part of the data; give the weights as a dict, from sklearn.utils.class_weight.compute_class_weight."
            )
        of_classes = compute_sample_weight(self.class_weight, y)
        return of_classes if sample_weight is None else sample_weight * of_classes

    def _stratify(self, t):
        if t.ndim == 2:
            return t > t.min() if t.shape[1] == 1 else None
        counts = np.bincount(t)
        smallest = min(self.validation_fraction, 1 - self.validation_fraction) * len(t)
        return t if counts[counts > 0].min() >= 2 and smallest >= len(counts) else None

    def _score_of(self, loss, held_out):
        if (
            self.scoring is None and not loss.classification
        ):  # such as the squared error: still the share of right labels
            _, y, sample_weight = held_out
            return lambda network, *_: self._looking_at(network).score(held_out[0], y, sample_weight)
        return super()._score_of(loss, held_out)

    def _partial_fit(self, X, y, sample_weight, classes):
        if not hasattr(self, "classes_"):
            labels = Labels.of(y) if _is_multilabel(y) else None
            if labels is None:
                if classes is None:
                    raise ValueError("classes must be passed on the first call to partial_fit.")
                labels = Labels.of(np.asarray(classes))
            return self._first_partial_fit(labels, X, y, sample_weight)
        if classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: {self.classes_!r}"
            )
        return self._train(X, y, sample_weight, incremental=True)

    def _first_partial_fit(self, labels, X, y, sample_weight):
        """The first call: the classes are given, not learnt from y."""
        self._labels = labels
        try:
            return self._train(X, y, sample_weight, incremental=True)
        finally:
            if not hasattr(self, "classes_"):
                del self._labels

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
        return self._labels.decode(z, at_zero=isinstance(self.network_.loss, PerceptronLoss))

    def decision_function(self, X):
        """z, the outputs before the output map: larger is more certain, above 0 a yes.

        Returns
        -------
        z : ndarray of shape (n_samples,) for two classes, else (n_samples, n_classes)
        """
        z = self._evidence(X)
        return z[:, 0] if z.shape[1] == 1 and not self._labels.multilabel else z

    def _evidence(self, X: Any) -> np.ndarray:
        """z, shifted so that a unit of its own says yes above 0."""
        z, loss = self._z(X), self.network_.loss
        alone = z.shape[1] == 1 or self._labels.multilabel
        return z - (loss.on + loss.off) / 2 if alone and not loss.classification else z


class MLPClassifier(LabelledEstimator):
    """A multilayer network that predicts classes.

    A drop-in for scikit-learn's estimator of this name, whose arguments come first and mean the same.

    Parameters
    ----------
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
        by default the accuracy.
    scale_inputs : bool or "auto"
        Standardise the inputs inside. "auto": inputs of similar spread are taken for one unit and divided by one
        number. Learned by the first call and then kept; of sparse inputs nothing is subtracted.
    loss : str, Loss or pair of functions
        "log_loss": softmax, or logistic for two classes and multi-label targets; "hinge", "perceptron",
        "squared_error"; or value and delta as two functions of (z, t).
    class_weight : dict, "balanced", list of dict, or None
        Multiplies the sample weights.
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
    classes_ : ndarray
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
    input_scaler_ : StandardScaler or None

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

    _parameter_constraints: dict = CLASSIFIER

    def __init__(
        self,
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
        loss="log_loss",
        class_weight=None,
        callbacks=None,
        progress=False,
        diagnostics=False,
        engine="auto",
        threads=None,
        dtype=None,
        checkpoint=None,
        resume=False,
    ):
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
        self.loss = loss
        self.class_weight = class_weight
        self.callbacks = callbacks
        self.progress = progress
        self.diagnostics = diagnostics
        self.engine = engine
        self.threads = threads
        self.dtype = dtype
        self.checkpoint = checkpoint
        self.resume = resume

    @classmethod
    def recommended(cls, **arguments: Any) -> MLPClassifier:
        """Arguments that suit most tables, instead of scikit-learn's defaults; each can be overridden.

        Inputs are standardised inside, batches are small, the rate follows one cycle over 100 epochs, and decoupled
        weight decay replaces `alpha`.

        Examples
        --------
        >>> MLPClassifier.recommended(max_iter=50).max_iter
        50
        """
        return cls(**RECOMMENDED | arguments)

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None, X_val=None, y_val=None, sample_weight_val=None):
        """Train on the data; with ``warm_start=True`` from where the last call ended.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,), or (n_samples, n_classes) of zeros and ones
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
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """Train for one epoch on these data, from where the last call ended.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : array-like of shape (n_classes,), optional
            All classes that will ever occur; needed in the first call, except for multi-label targets.

        Returns
        -------
        self
        """
        return self._partial_fit(X, y, sample_weight, classes)

    @available_if(_probabilistic)
    def predict_proba(self, X):
        """The probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``; of multi-label targets each column on its own.
        """
        z = self._z(X)
        if self._labels.multilabel:
            return Sigmoid().f(z)
        if z.shape[1] > 1:
            return softmax(z)
        p = Sigmoid().f(z)
        return np.hstack([1 - p, p])[:, : len(self.classes_)] if len(self.classes_) > 1 else np.ones_like(p)

    @available_if(_probabilistic)
    def predict_log_proba(self, X):
        """The logarithm of `predict_proba`; finite also where the probability is too small for its type."""
        p, z = self.predict_proba(X), self._z(X)
        with np.errstate(divide="ignore"):
            log_p = np.log(p)
        none = p == 0
        if none.any():
            exclusive = z.shape[1] > 1 and not self._labels.multilabel
            far = (
                z - z.max(axis=1, keepdims=True) if exclusive else z
            )  # here log p = z, what is added to it being 0
            far = np.hstack([-z, z]) if p.shape[1] != z.shape[1] else far
            log_p[none] = far[none]
        return log_p

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _is_multilabel(y: Any) -> bool:
    from sklearn.utils.multiclass import type_of_target

    return type_of_target(y) == "multilabel-indicator"
