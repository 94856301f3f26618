"""Perceptron and Adaline: one layer, a delta of its own, the same loop.

================  ==================  =====================================================
Perceptron        delta = H(z) − t    moves only for samples that are on the wrong side
Adaline           delta = z − t       moves for every sample, towards the least squares
================  ==================  =====================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval, StrOptions

from ..batching import is_sparse
from ..engines import Engine
from ..functions import Initializer, PerceptronLoss, SquaredError
from ..training import Callback
from ..training.data import Data
from .classifier import LabelledEstimator
from .parameters import SHARED, SINGLE_LAYER, at_least


@dataclass(eq=False, repr=False)
class OneLayer(LabelledEstimator):
    """What the two share: the arguments of a network without hidden layers, trained by plain gradient descent."""

    learning_rate_init: float | str = 1.0
    _: KW_ONLY
    max_iter: int = 1000
    batch_size: int | str = "auto"
    shuffle: bool = True
    init: str | Initializer = "zeros"
    class_weight: dict | str | None = None
    scale_inputs: bool | str = False
    random_state: int | np.random.RandomState | None = None
    warm_start: bool = False
    verbose: bool | int = False
    callbacks: Sequence[Callback] | None = None
    engine: str | type[Engine] = "auto"
    dtype: str | None = None

    # the values of a multilayer estimator's other arguments
    hidden_layer_sizes = ()
    activation, dropout, normalization, residual = "identity", 0.0, None, False
    dropout_schedule = None
    best_epoch = "first"
    solver, momentum, nesterovs_momentum, learning_rate = "sgd", 0.0, False, "constant"
    weight_decay_schedule, rate_factors, decay_factors, adapt_rate = None, None, None, None
    sampler, momentum_plateau = None, None
    periodic_embedding, input_factors, parametric_activation = False, False, False
    output_activation = "identity"
    l1, alpha, weight_decay, clip_norm, coefs_init, intercepts_init = 0.0, 0.0, 0.0, None, None, None
    early_stopping, scoring, tol = False, None, 0.0
    n_ensemble, ensemble = 1, "independent"
    progress, diagnostics, precision, threads, checkpoint, resume = False, False, "float32", None, None, False

    @property
    def coef_(self) -> np.ndarray:
        """w, shape (outputs, n_features)."""
        return self._fitted().layers[0].w

    @property
    def intercept_(self) -> np.ndarray:
        """b, shape (outputs,)."""
        return self._fitted().layers[0].b

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None):
        """Train on the data; with ``warm_start=True`` from where the last call ended.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,), or (n_samples, n_classes) of zeros and ones
        sample_weight : array-like of shape (n_samples,), optional
            ≥ 0. With ``batch_size=1`` the weight of the only sample of a batch cancels, and is refused.

        Returns
        -------
        self
        """
        return self._train(X, y, sample_weight)

    def _problem(self, y, sample_weight, incremental):
        weights, _, outputs = super()._problem(y, sample_weight, incremental)
        if weights is not None and self.batch_size == 1 and np.ptp(weights[weights > 0]) > 0:
            raise ValueError(
                f"{type(self).__name__}: sample or class weights with batch_size=1, where the weight of the only "
                "sample of a batch cancels; use a larger batch_size, or repeat samples."
            )
        return weights, self.loss, outputs

    def _batch_size(self, n):
        return n if self.batch_size == "auto" else super()._batch_size(n)


class Perceptron(OneLayer):
    """Rosenblatt's perceptron: y = H(w·x + b), moved only by the samples it gets wrong.

    delta = H(z) − t with H(0) = 1 and t ∈ {0, 1}, so that w ← w − η · mean of delta x. With ``batch_size=1`` that is
    the classical on-line rule w ← w + η (t − y) x. Several classes have a unit each, and the largest z wins.

    Training ends at the first epoch without a mistake. Where the classes cannot be separated by a plane there is none:
    the weights cycle forever, and after `max_iter` epochs a linear program tells whether that is so.

    Parameters
    ----------
    learning_rate_init : float
        η. Beginning from zero weights it sets their scale and nothing else.
    max_iter : int
        Maximum number of epochs.
    batch_size : int or "auto"
        Samples per step; "auto": all of them (the batch rule), 1: on-line.
    shuffle : bool
        Whether each epoch has a new order.
    init : {"zeros"} or name of an initializer
    class_weight : dict, "balanced" or None
    scale_inputs : bool, "auto" or "decorrelate"
        Standardize the inputs internally; see `MLPClassifier`.
    random_state, warm_start, verbose, callbacks, engine, dtype
        As for `MLPClassifier`.

    Attributes
    ----------
    coef_ : ndarray of shape (outputs, n_features)
    intercept_ : ndarray of shape (outputs,)
    separable_ : bool or None
        Whether a plane separates the classes (each from the rest): True where training found one, otherwise the
        answer of the linear program; None after `partial_fit`.
    network_, history_, n_iter_, classes_, …
        As for `MLPClassifier`.

    Sources: Rosenblatt, *The perceptron* (1958); Novikoff's convergence theorem (1962).

    Examples
    --------
    >>> x = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> model = Perceptron(batch_size=1, random_state=0).fit(x, [0, 0, 0, 1])
    >>> print(model.predict(x), model.separable_)
    [0 0 0 1] True
    """

    _parameter_constraints = SINGLE_LAYER | {"learning_rate_init": [at_least(0, open_low=True)]}
    loss = PerceptronLoss()

    def _callbacks(self, column, earlier, members):
        return (_NoMistake(), *super()._callbacks(column, earlier, members))

    def _finish(self, run, trainer, incremental):
        self.separable_ = True if run.status == "converged" else None
        super()._finish(run, trainer, incremental)

    def _unfinished(self, run):
        x, t = run.data.x[run.data.samples], run.data.t[run.data.samples]
        on = run.network.loss.rows(t, run.network.outputs, np.dtype(np.float64)) > 0.5
        if x.shape[0] * x.shape[1] > 10_000_000:  # a linear program of that size takes too long
            return f"No epoch of {self.max_iter} was without mistakes; raise max_iter, or add a hidden layer."
        self.separable_ = all(separable(x, column) for column in on.T)
        if self.separable_:
            return (
                f"A plane separates the classes, but {self.max_iter} epochs did not find it; raise max_iter."
            )
        return (
            "The classes are not linearly separable, as a linear program proves: the perceptron would cycle forever. "
            "Use a hidden layer (MLPClassifier), other features, or Adaline."
        )


class _NoMistake(Callback):
    """Ends training after an epoch in which nothing moved: every sample was right."""

    def on_start(self, run):
        self._before = run.network.theta.copy()

    def on_epoch(self, run):
        # Weights that end where they began may have gone in a circle; then a false negative has cost something.
        if np.array_equal(self._before, run.network.theta) and run.history.last["train_loss"] == 0:
            run.stop(
                "An epoch without a mistake: every sample is on its side of the plane.", status="converged"
            )
        self._before[:] = run.network.theta


def separable(x: Any, on: np.ndarray) -> bool:
    """Whether some plane has all samples where `on` is true on one side and the others on the other.

    The linear program: are there w, b with s (w·x + b) ≥ 1 for every sample, where s = ±1?

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> separable(x, x.all(axis=1)), separable(x, x.sum(axis=1) == 1)
    (True, False)
    """
    from scipy.optimize import linprog

    planes = np.where(on, -1.0, 1.0)[:, None] * _with_ones(x)
    answer = linprog(np.zeros(planes.shape[1]), planes, -np.ones(len(planes)), bounds=(None, None))
    return answer.status == 0


@dataclass(eq=False, repr=False)
class Adaline(OneLayer):
    """Widrow and Hoff's ADALINE: z = w·x + b fitted to the targets by least squares, a class by z ≥ threshold.

    delta = z − t: E = ½ mean (z − t)². With ``batch_size=1`` steps are on-line (the LMS rule), by default over all
    samples. Several classes have a unit each, and the largest z wins.

    Parameters
    ----------
    learning_rate_init : float or "auto"
        η. Batch steps are stable below 2/λ_max of the inputs' correlation matrix mean x xᵀ (the bias counts as an
        input of 1). "auto": 1/λ_max in batches, and 1/max ‖x‖² in smaller ones, where it must suit every sample.
    max_iter : int
        Maximum number of epochs.
    tol : float
        Training ends when the loss has not fallen by `tol` for `n_iter_no_change` epochs.
    n_iter_no_change : int
    batch_size : int or "auto"
        Samples per step; "auto": all of them, 1: on-line.
    targets : {"-1/1", "0/1"}
        What the two classes are coded as.
    threshold : float or "auto"
        A single unit says the second class where z ≥ threshold; "auto": midway between the targets, 0 or 0.5. See
        `tune_threshold`.
    shuffle, init, class_weight, scale_inputs, random_state, warm_start, verbose, callbacks, engine, dtype
        As for `Perceptron`. Standardized inputs converge faster.

    Attributes
    ----------
    coef_, intercept_ : ndarray
    threshold_ : float
    learning_rate_ : float
        η as it was used.
    network_, history_, n_iter_, classes_, …
        As for `MLPClassifier`.

    Sources: Widrow and Hoff, *Adaptive switching circuits* (1960); the largest stable rate: LeCun, Bottou, Orr, Müller,
    *Efficient BackProp*, §5.1.

    Examples
    --------
    >>> model = Adaline(0.1, max_iter=1, targets="0/1", shuffle=False, warm_start=True)
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     model = model.partial_fit([[1, 1]], [1], classes=[0, 1])
    >>> print(model.coef_, model.intercept_)
    [[0.1 0.1]] [0.1]
    """

    learning_rate_init: float | str = "auto"
    _: KW_ONLY
    tol: float = 1e-6
    n_iter_no_change: float = 10
    targets: str = "-1/1"
    threshold: float | str = "auto"

    _at_zero = True
    _parameter_constraints = SINGLE_LAYER | {
        "learning_rate_init": [StrOptions({"auto"}), at_least(0, open_low=True)],
        "targets": [StrOptions({"-1/1", "0/1"})],
        "threshold": [StrOptions({"auto"}), Interval(Real, None, None, closed="neither")],
        "tol": SHARED["tol"],
        "n_iter_no_change": SHARED["n_iter_no_change"],
    }

    @property
    def loss(self) -> SquaredError:
        """The squared error from the targets −1 and 1, or 0 and 1."""
        return SquaredError(-1.0, 1.0) if self.targets == "-1/1" else SquaredError()

    def _prepare(self, data):
        self.threshold_ = (
            self.threshold if self.threshold != "auto" else 0.0 if self.targets == "-1/1" else 0.5
        )
        self.learning_rate_ = self.learning_rate_init
        if self.learning_rate_ == "auto":
            self.learning_rate_ = stable_rate(data, whole=self.batch_size == "auto")
        return float(self.learning_rate_)

    def _evidence(self, X):
        """z − threshold_ for two classes, and where each has a yes or no of its own; z for several."""
        z = self._z(X)
        return z - self.threshold_ if z.shape[1] == 1 or self._labels.multilabel else z

    def tune_threshold(self, X, y, sample_weight=None):
        """Set `threshold_` to where the accuracy on these (validation) data is largest; two classes.

        Of the gaps between neighbouring z in which it is largest the one nearest to the present threshold is taken.

        Returns
        -------
        self
        """
        z = self._z(X)
        if self._labels.outputs != 1:
            raise ValueError(
                f"Adaline: tune_threshold with {len(self.classes_)} classes, expected 2; it is of no use here."
            )
        on = np.asarray(y) == self.classes_[-1]
        weight = np.ones(len(on)) if sample_weight is None else np.asarray(sample_weight, float)
        ordered = np.sort(np.unique(z[:, 0]))
        edges = np.concatenate([[ordered[0] - 1], (ordered[1:] + ordered[:-1]) / 2, [ordered[-1] + 1]])
        right = [float(weight @ ((z[:, 0] >= edge) == on)) for edge in edges]
        best = edges[np.isclose(right, max(right))]
        self.threshold_ = float(best[np.argmin(np.abs(best - self.threshold_))])
        return self


def stable_rate(data: Data, whole: bool) -> float:
    """Half the largest stable learning rate of the least squares: 1/λ_max of mean x xᵀ, or 1/max ‖x‖² sample by sample.

    The bias counts as an input of 1.
    """
    x = _with_ones(data.x[data.samples])
    if not whole:
        return 1 / float(np.square(x).sum(axis=1).max())
    weight = np.ones(len(x)) if data.sample_weight is None else data.sample_weight[data.samples]
    x = x * np.sqrt(weight / weight.sum())[:, None]
    gram = x.T @ x if x.shape[1] <= len(x) else x @ x.T
    return 1 / float(np.linalg.eigvalsh(gram)[-1])


def _with_ones(x: Any) -> np.ndarray:
    """Dense float64 inputs, and the bias's input of 1 as the last column."""
    x = np.asarray(x.toarray() if is_sparse(x) else x, np.float64)
    return np.hstack([x, np.ones((len(x), 1))])
