"""What all estimators share: from data and arguments to a trained network, and back to scikit-learn's attributes."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from copy import deepcopy
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, column_or_1d, validate_data

from ..functions import Loss
from ..network import Network
from ..training import Callback, History
from ..training.data import Data
from ..training.lr_find import LearningRateSearch, lr_find
from ..training.run import Run
from . import architecture, losses, optimizer, parameters
from .memory import Memory
from .scaling import input_scaler
from .session import Session, mean_weight, penalty
from .trained import TrainedNetwork, as_rows


class NetworkEstimator(TrainedNetwork, ABC):
    """Trains a `Network` behind scikit-learn's interface. Derived classes say what targets and outputs are."""

    _y_numeric = False  # whether targets are numbers, to be checked as such

    solver: Any  # the constructors' arguments, which `parameters` describes
    activation: Any
    alpha: float
    batch_size: Any
    learning_rate: Any
    learning_rate_init: Any
    max_iter: int
    tol: float
    random_state: Any
    warm_start: bool
    early_stopping: bool
    validation_fraction: float
    init: Any
    coefs_init: Any
    intercepts_init: Any
    dropout: Any
    scoring: Any
    scale_inputs: Any
    engine: Any
    threads: int | None
    dtype: Any
    resume: bool
    history_: History
    _memory: Memory

    # -- what derived classes decide ----

    @abstractmethod
    def _targets(self, y: np.ndarray, fresh: bool, incremental: bool) -> Any:
        """Check and learn the targets' form; the form that `_encode` takes."""

    @abstractmethod
    def _outputs(self) -> int:
        """Number of outputs of the network."""

    @abstractmethod
    def _loss(self) -> Loss:
        """The loss, once the form of the targets is known."""

    @abstractmethod
    def _encode(self, y: Any, loss: Loss, dtype: np.dtype) -> np.ndarray:
        """Targets as the loss takes them."""

    def _weights(self, y: Any, sample_weight: np.ndarray | None, incremental: bool) -> np.ndarray | None:
        """Sample weights, those of the classes included."""
        return sample_weight

    def _stratify(self, t: np.ndarray) -> np.ndarray | None:
        """Labels by which validation data are split off evenly, or None."""
        return None

    def _score_of(self, loss: Loss, held_out: tuple) -> Any:
        """The score of an epoch, as a function for `training`, or None for the loss's own."""
        if self.scoring is None or self.scoring == "loss":
            return None
        from sklearn.metrics import check_scoring

        scorer: Any = check_scoring(self, self.scoring)
        X, y, sample_weight = held_out
        options = {} if sample_weight is None else {"sample_weight": sample_weight}

        def score(network, *_):
            return float(scorer(self._looking_at(network), X, y, **options))

        return score

    # -- training ----

    def _train(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        held_out: tuple = (None, None, None),
        incremental: bool = False,
    ) -> Any:
        """fit and partial_fit. Whatever is raised, the estimator is as it was before."""
        before = dict(self.__dict__)
        rows = len(before["history_"]) if "history_" in before else 0
        try:
            self._train_unguarded(X, y, sample_weight, held_out, incremental)
        except BaseException:
            attributes: dict[str, Any] = vars(self)  # type: ignore[assignment]
            attributes.clear()
            attributes.update(before)
            if "history_" in before:
                before["history_"].fill(before["history_"].table()[:rows])
            raise
        return self

    def _train_unguarded(self, X, y, sample_weight, held_out, incremental) -> None:
        session, dtype = self._prepared(X, y, sample_weight, held_out, incremental)
        fresh = session.history is None
        curves = (0, [], []) if fresh else (self.t_, self.loss_curve_, self.validation_scores_ or [])
        run = session.train(incremental)
        self._finish(run, session, dtype, curves, incremental)

    def _prepared(self, X, y, sample_weight, held_out=(None, None, None), incremental=False):
        """Everything checked and ready for training, and the dtype of the network to be shown."""
        fresh = not self._has_weights() or not (self.warm_start or incremental)
        if incremental and self.early_stopping:
            raise ValueError(
                "partial_fit does not support early_stopping=True: a call is one epoch, and there is nothing to stop."
            )
        if self.resume and not isinstance(self.random_state, (int, np.integer)):
            raise ValueError(
                f"{type(self).__name__}: resume=True with random_state={self.random_state!r}, expected an integer; "
                "only then the resumed fit sees the same samples in the same order."
            )
        X, y, dtype = self._read(X, y, reset=fresh)
        y = self._targets(y, fresh, incremental)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        sample_weight = self._weights(y, sample_weight, incremental)
        if not incremental or "network_" not in self.__dict__:
            parameters.warn_of_unused(self, self.early_stopping or held_out[0] is not None)
        loss = self._loss()
        memory, network = self._start(fresh, X.shape[1], loss, dtype)
        fresh = fresh or "network_" not in self.__dict__  # from here on: nothing to go on from
        if fresh:
            self._fit_scalers(X, y, sample_weight)
        data, validation, held_out = self._data(
            X, y, sample_weight, held_out, loss, network.dtype, memory.seed
        )
        self._prepare(data)
        history = None if fresh else self.history_
        score = None if validation is None else self._score_of(loss, held_out)
        epochs = 1 if incremental else self.max_iter
        return Session(self, network, data, validation, memory, history, score, epochs), dtype

    def _read(self, X: Any, y: Any, reset: bool) -> tuple[Any, np.ndarray, np.dtype]:
        """X and y checked, X sparse as CSR, and the dtype to compute in."""
        options = {"accept_sparse": ["csr", "csc"], "multi_output": True, "dtype": "numeric"}
        X, y = validate_data(self, X, y, y_numeric=self._y_numeric, reset=reset, **options)
        dtype = np.dtype(self.dtype or (np.float32 if X.dtype == np.float32 else np.float64))
        if y.ndim == 2 and y.shape[1] == 1 and not sp.issparse(y):
            y = column_or_1d(y, warn=True)
        return as_rows(X, dtype), y, dtype

    def _has_weights(self) -> bool:
        return "network_" in self.__dict__ or "coefs_" in self.__dict__

    def _start(self, fresh: bool, n_features: int, loss: Loss, dtype: np.dtype) -> tuple[Memory, Network]:
        """Where training begins: a new network, or a copy of the present one with the newest weights."""
        work = np.dtype(np.float64) if self.solver == "lbfgs" else dtype
        if self.solver == "lbfgs" and np.any(np.asarray(self.dropout) != 0):
            raise ValueError(
                f"{type(self).__name__}: dropout={self.dropout!r} with solver='lbfgs', whose line search needs the "
                "same function at every evaluation; use dropout=0 or a stochastic solver."
            )
        layers, self._ends = architecture.build(self, self._outputs(), n_features)
        if not fresh and "network_" in self.__dict__:
            network = _in(self._synced(), work)
            if (network.config, network.loss) != (layers, loss):
                raise ValueError(
                    f"{type(self).__name__}: the arguments describe another network than the one that was fitted "
                    "before (layers or loss differ); train it with the same ones, or fit anew with warm_start=False."
                )
            self._memory.continue_from(network)
            return self._memory, network
        random = check_random_state(self.random_state)
        like_sklearn = self.init == "sklearn"
        seed = int((deepcopy(random) if like_sklearn else random).randint(2**31 - 1))
        network = Network(layers, n_features, loss, seed=seed, dtype=work)
        owner = type(self).__name__
        if like_sklearn:
            architecture.draw_like_scikit_learn(network.layers, random, self.activation == "logistic")
        coefs, intercepts = self.coefs_init, self.intercepts_init
        if not fresh:  # someone has put weights into the attributes before the first call
            coefs, intercepts = (
                self.__dict__.get("coefs_", coefs),
                self.__dict__.get("intercepts_", intercepts),
            )
        if coefs is not None:
            architecture.set_weights(owner, "coefs_init", network.layers, "w", coefs)
        if intercepts is not None:
            architecture.set_weights(owner, "intercepts_init", network.layers, "b", intercepts)
        if work != dtype:  # begin from numbers that the network's own dtype can hold
            network.theta[:] = network.theta.astype(dtype)
        return Memory(seed), network

    def _fit_scalers(self, X: Any, y: Any, sample_weight: np.ndarray | None) -> None:
        """Learn the scaling of the inputs, on the first call only: later ones must not move under the weights."""
        self.input_scaler_ = None
        if self.scale_inputs:
            self.input_scaler_ = input_scaler(X, sample_weight, each=self.scale_inputs != "auto")

    def _data(self, X, y, sample_weight, held_out, loss, dtype, seed) -> tuple[Data, Data | None, tuple]:
        """Training and validation data as the network takes them; the latter also as the user gave them."""
        x, t = self._scaled(X), self._encode(y, loss, dtype)
        samples = np.arange(len(t)) if sample_weight is None else np.flatnonzero(sample_weight)
        X_val, y_val, weight_val = held_out
        if (X_val is None) != (y_val is None):
            raise ValueError(f"{type(self).__name__}: X_val and y_val belong together; give both or neither.")
        if X_val is not None:
            X_val, y_val, _ = self._read(X_val, y_val, reset=False)
            if weight_val is not None:
                weight_val = _check_sample_weight(
                    weight_val, X_val, dtype=np.float64, ensure_non_negative=True
                )
            y_val = self._targets(y_val, fresh=False, incremental=True)
            t_val, counts = self._encode(y_val, loss, dtype), np.arange(X_val.shape[0])
            validation = Data(self._scaled(X_val), t_val, weight_val, counts)
            return Data(x, t, sample_weight, samples), validation, (X_val, y_val, weight_val)
        if not self.early_stopping:
            return Data(x, t, sample_weight, samples), None, held_out
        train, rest = train_test_split(
            samples,
            test_size=self.validation_fraction,
            random_state=seed,
            stratify=self._stratify(t[samples]),
        )
        if len(rest) < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of your dataset, or give "
                "X_val and y_val to fit."
            )
        train, rest = np.sort(train), np.sort(rest)
        weight_val = None if sample_weight is None else sample_weight[rest]
        validation = Data(x, t, sample_weight, rest)
        return Data(x, t, sample_weight, train), validation, (X[rest], y[rest], weight_val)

    def _batch_size(self, n: int) -> int:
        """Samples of a step, of n: all of them for full-batch solvers, min(200, n) by default."""
        if optimizer.is_full_batch(self.solver):
            return n
        if self.batch_size == "auto":
            return min(200, n)
        if self.batch_size > n:
            warnings.warn(
                f"Got `batch_size` {self.batch_size}, larger than the number of samples to train on, {n}. It is going "
                "to be clipped.",
                stacklevel=7,
            )
        return min(int(self.batch_size), n)

    def _learning_rate(self) -> float:
        return float(self.learning_rate_init)

    def _prepare(self, data: Data) -> None:
        """What must be known of the data before training."""

    def _watchers(self) -> list[Callback]:
        """Callbacks of the estimator's own."""
        return []

    def lr_find(self, X: Any, y: Any, sample_weight: Any = None, **options: Any) -> LearningRateSearch:
        """Suggest ``learning_rate_init`` by the learning-rate range test, for the network that `fit` would begin with.

        The estimator, fitted or not, and its random state are afterwards as they were.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        **options
            ``low``, ``high`` and ``steps`` of `deltaprop.training.lr_find.lr_find`.

        Returns
        -------
        LearningRateSearch
            ``search.rate`` is a number in any case; ``search.message`` says how far to trust it.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from deltaprop import MLPClassifier
        >>> model = MLPClassifier(random_state=0)
        >>> rate = model.lr_find(*load_iris(return_X_y=True)).rate
        >>> model = model.set_params(learning_rate_init=rate)
        """
        if self.solver == "lbfgs":
            raise ValueError(
                f"{type(self).__name__}: lr_find with solver='lbfgs', which has no learning rate."
            )
        other = object.__new__(type(self))
        vars(other).update(self.__dict__, random_state=deepcopy(self.random_state), warm_start=False)  # type: ignore[attr-defined]
        session, _ = other._prepared(X, y, sample_weight)
        network, data = session.network, session.data
        size = other._batch_size(len(data.samples))
        network.penalty = penalty(self.alpha, len(data.samples), size, mean_weight(data))
        found = {"optimizer": optimizer.choose(other, 1), "batch_size": size, "engine": self.engine}
        found |= {"sample_weight": data.sample_weight, "threads": self.threads}
        return lr_find(network, data.x, data.t, **found | options)

    # -- what training leaves ----

    def _finish(self, run: Run, session: Session, dtype: np.dtype, curves: tuple, incremental: bool) -> None:
        """Refuse or warn of what went wrong, then set every fitted attribute."""
        history = run.history
        done = [row for row in history.table().tolist() if row[0] > session.memory.epoch]
        self._judge(run, incremental, exploded=len(done) > run.epoch - session.memory.epoch)
        network = run.network if run.network.dtype == dtype else _in(run.network, dtype)
        self.network_, self.history_ = network, history
        t, loss_curve, scores = curves
        column = {name: i for i, name in enumerate(history.columns)}
        self.t_ = t + len(done) * len(run.data.samples)
        self.n_iter_ = len(done)
        self.loss_curve_ = loss_curve + [row[column["train_loss"]] for row in done]
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else np.nan
        self.best_loss_ = None if self.early_stopping else min(self.loss_curve_, default=np.inf)
        self.validation_scores_ = self.best_validation_score_ = None
        if run.validation is not None:
            which, sign = ("validation_loss", -1) if self.scoring == "loss" else ("validation_score", 1)
            self.validation_scores_ = scores + [sign * row[column[which]] for row in done]
            if run.status == "diverged":
                self.validation_scores_.append(float("nan"))
            finite = [score for score in self.validation_scores_ if np.isfinite(score)]
            self.best_validation_score_ = max(finite, default=float("nan"))
        self.n_outputs_ = network.outputs
        self.n_layers_ = len(self._ends) + 2
        self.out_activation_ = losses.output_name(network.loss)
        self._no_improvement_count = 0 if session.watcher is None else session.watcher.count
        keep = self.solver != "lbfgs" or self.warm_start  # a solver's memory is twenty times the network
        self._memory = Memory.after(run, session.memory.seed, self.t_, session.watcher, network, keep)
        self._show()

    def _judge(self, run: Run, incremental: bool, exploded: bool) -> None:
        """Say how training ended, where that is not well."""
        if run.status == "diverged":
            if run.best is None and not exploded:
                raise ValueError(
                    "Solver produced non-finite parameter weights. The input data may contain large values and need to "
                    f"be preprocessed. {run.message}"
                )
            warnings.warn(run.message, ConvergenceWarning, stacklevel=7)
        elif run.status == "interrupted":
            warnings.warn(f"Training interrupted by user. {run.message}", stacklevel=7)
        elif run.status in ("max_fun", "stalled"):
            warnings.warn(f"lbfgs did not converge: {run.message}", ConvergenceWarning, stacklevel=7)
        elif run.status == "completed" and not incremental and (words := self._unfinished(run)):
            warnings.warn(words, ConvergenceWarning, stacklevel=7)

    def _unfinished(self, run: Run) -> str:
        """What to say when `max_iter` is reached: nothing where a schedule of that length was asked for."""
        if self.learning_rate not in ("constant", "invscaling", "adaptive"):
            return ""
        return (
            f"Maximum iterations ({self.max_iter}) reached and the optimization hasn't converged yet: the training "
            f"loss is {run.history.last['train_loss']:.4g}. Raise max_iter, or tol={self.tol:g}."
        )


def _in(network: Network, dtype: np.dtype) -> Network:
    """A copy of the network that computes in `dtype`."""
    other = Network.__new__(Network)
    other.__setstate__(network.__getstate__() | {"dtype": np.dtype(dtype)})
    return other
