"""What all estimators share: from data and arguments to a trained network, and back to scikit-learn's attributes."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from sklearn.base import clone, is_regressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import (
    _check_sample_weight,
    _check_y,
    check_consistent_length,
    column_or_1d,
    validate_data,
)

from .. import errors, recipes, seeds
from ..batching import is_sparse
from ..data import Encoding
from ..functions import Identity, Loss, MemberLoss
from ..network import Network
from ..optimizers import OPTIMIZERS
from ..solvers import LBFGS, GaussNewton, LevenbergMarquardt, select
from ..training import Callback, History, Run, Snapshot, Trainer
from ..training.arguments import as_callbacks, as_checkpoint, check_precision, monitors, rate_callbacks
from ..training.batch_size import GrowingBatchSize, as_sizes
from ..training.data import Data
from ..training.factors import as_factors
from ..training.lr_find import LearningRateSearch, lr_find
from ..training.progress import as_progress
from ..training.samplers import Sampler, as_sampler
from ..training.time_limit import Pace, TimeLimit, epochs_in, measuring
from . import architecture, ensemble, optimizer, parameters, tables
from .callbacks import NoImprovement, Verbose
from .fitted import FittedNetwork, as_numbers
from .scaling import Decorrelator, decorrelator, input_scaler

#: Weights ≥ 0 of the rows of X, as float64.
_as_weights = partial(_check_sample_weight, dtype=np.float64, ensure_non_negative=True)


@dataclass(frozen=True)
class EpochScorer:
    """scikit-learn's scorer of an estimator as the score that training records."""

    scoring: Any
    scorer: Any = field(repr=False)
    estimator: FittedNetwork = field(repr=False)
    held_out: tuple = field(repr=False)

    def __call__(self, network: Network, *_: Any) -> float:
        X, y, sample_weight = self.held_out
        options = {} if sample_weight is None else {"sample_weight": sample_weight}
        return float(self.scorer(self.estimator._with_network(network), X, y, **options))


class NetworkEstimator(FittedNetwork, ABC):
    """Trains a `Network` behind scikit-learn's interface. Derived classes define targets and outputs."""

    preprocessing: str | Encoding | None = None  # an argument of the multilayer estimators
    _y_numeric = False  # whether targets are numbers, to be checked as such

    history_: History
    _seed: int  # of weights, order of samples, dropout and the split of validation data
    _earlier: Snapshot  # the state after the last call
    _stopping: NoImprovement | None  # the stopping rule of the last call, with its count

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """The constructor's arguments, which are fields of the derived classes; where not, class attributes."""

    # -- defined by derived classes ----

    @abstractmethod
    def _targets(self, y: np.ndarray, fresh: bool, incremental: bool) -> Any:
        """Check the targets, and on a fresh start learn their form; the form that `_encode` takes."""

    @abstractmethod
    def _problem(self, y: Any, sample_weight: Any, incremental: bool) -> tuple[Any, Loss, int]:
        """The weights of the samples (those of the classes included), the loss, and the number of outputs."""

    @abstractmethod
    def _encode(self, y: Any, loss: Loss, dtype: np.dtype) -> np.ndarray:
        """Targets as the loss takes them."""

    @abstractmethod
    def _predictions(self, z: np.ndarray) -> np.ndarray:
        """What z (n, outputs) predicts: values in the user's units, or what tells the classes apart."""

    def _stratify(self, t: np.ndarray) -> np.ndarray | None:
        """Labels by which validation data are split off evenly, or None."""
        return None

    def _prepare(self, data: Data) -> float:
        """What must be known of the data before training; the initial learning rate."""
        return float(self.learning_rate_init)

    # -- training ----

    def _train(
        self, X: Any, y: Any, sample_weight: Any, held_out=(None,) * 3, incremental=False, **first: Any
    ) -> Any:
        """fit and partial_fit: validate and assemble, run, set attributes. If it raises, nothing has changed.

        `first` are attributes to begin with in the first call.
        """
        before, limit = dict(vars(self)), None if incremental else getattr(self, "max_seconds", None)
        try:
            vars(self).update(first)
            if not incremental:  # which continues the schedules of the last fit
                vars(self).pop("_epochs_in_time", None)
            if limit is not None:
                limit = self._plan(limit, X, y, sample_weight, held_out)
            trainer = self._assemble(X, y, sample_weight, held_out, incremental)
            if limit is not None:
                trainer = replace(trainer, callbacks=(*trainer.callbacks, limit))
            self._finish(trainer.run(), trainer, incremental)
        except BaseException:
            attributes = vars(self)
            attributes.clear()
            attributes.update(before)
            raise
        return self

    def _plan(self, seconds: float, X: Any, y: Any, sample_weight: Any, held_out: tuple) -> TimeLimit:
        """Choose as many epochs as there is time for, at most `max_iter`; the limit that guards them."""
        began = time.monotonic()
        trial: Any = clone(self)
        trial.set_params(callbacks=None, verbose=False, progress=False, checkpoint=None)
        trial.resume = False
        trainer = trial._assemble(X, y, sample_weight, held_out)
        assembled, pace = time.monotonic() - began, Pace(measuring(seconds))
        replace(trainer, callbacks=(*trainer.callbacks, pace)).run()
        left = max(seconds - (time.monotonic() - began) - assembled, measuring(seconds))
        self._epochs_in_time = epochs_in(left, pace, trainer.epochs)
        return TimeLimit(left)

    def _epochs(self, n: int) -> int:
        """Epochs of a fit to n samples."""
        epochs = recipes.epochs(n, self.n_ensemble) if self.max_iter == "auto" else int(self.max_iter)
        return min(epochs, vars(self).get("_epochs_in_time", epochs))

    def _assemble(
        self, X: Any, y: Any, sample_weight: Any, held_out: tuple = (None,) * 3, incremental: bool = False
    ) -> Trainer:
        """The fit, with every argument checked."""
        self._check_arguments(incremental)
        begun = "network_" in vars(self)
        fresh = not ((begun or "coefs_" in vars(self)) and (self.warm_start or incremental))
        X, y, dtype = self._read(X, y, reset=fresh)
        y = self._targets(y, fresh, incremental)
        if sample_weight is not None:
            sample_weight = _as_weights(sample_weight, X)
        sample_weight, loss, outputs = self._problem(y, sample_weight, incremental)
        self._check_output(loss)
        if sample_weight is not None:
            errors.weights(type(self).__name__, sample_weight, X.shape[0])
        if fresh:
            self._learn_table(X, sample_weight)
        if fresh or not begun:
            self._fit_scalers(X, y, sample_weight)
        if not (incremental and begun):
            parameters.warn_of_unused(self, self.early_stopping or held_out[0] is not None)
        steps = self._steps(X, sample_weight, held_out)
        network, earlier = self._start(fresh, self._width(X), outputs, loss, dtype, steps)
        data, validation, held_out = self._data(X, y, sample_weight, held_out, loss, network.dtype)
        by_data = isinstance(self.init, str) and self.init == "data"
        if earlier is None and (self.coefs_init is None if by_data else architecture.has_radial(self)):
            network.initialize_from_data(data.x if data.whole else data.x[data.samples])
        score = self._score(loss, held_out) if validation else None
        return self._trainer(network, data, validation, score, earlier, incremental)

    def _trainer(
        self,
        network: Network,
        data: Data,
        validation: Data | None,
        score: EpochScorer | None,
        earlier: Snapshot | None,
        incremental: bool,
    ) -> Trainer:
        """How these data are trained on, after an earlier call or none."""
        rate, n = self._prepare(data), len(data.samples)
        size = self._batch_size(n)
        if isinstance(self.batch_size, (int, np.integer)) and size == n < self.batch_size:
            errors.warn(
                f"Got `batch_size` {self.batch_size}, larger than the number of samples to train on, {n}. It is going "
                "to be clipped."
            )
        network.penalty = optimizer.penalty(self.alpha, self.l1, data, as_sizes(size), self._epochs(n))
        epochs, step, seen = (
            (earlier.facts["epoch"], earlier.facts["step"], self.t_) if earlier else (0, 0, 0)
        )
        solver = optimizer.solver(self)
        rule = solver or optimizer.choose(self, rate, n, size, step, seen)
        if solver is not None and earlier is not None:  # limits are of each call
            used = {"optimizer.evaluations": np.zeros(1, np.int64), "optimizer.seconds": np.zeros(1)}
            earlier = replace(earlier, arrays=earlier.arrays | used)
        rates = as_factors("rate_factors", self.rate_factors, network)
        decays = as_factors("decay_factors", self.decay_factors, network)
        clip_norm = self.clip_norm
        if self.n_ensemble > 1 and self.ensemble == "independent":
            rule, rates, decays, clip_norm = ensemble.like_one(network, rule, rates, decays, clip_norm)
        column = "train_loss"
        if validation is not None:
            column = "validation_loss" if self.scoring == "loss" else "validation_score"
        watched = column if self.early_stopping else "train_loss"
        if not self.early_stopping and (isinstance(solver, LBFGS) or (solver and not solver.monotone)):
            watched = None  # the solver stops itself
        engine = select(self.engine, network, rule)
        check_precision(self.precision, engine, network.dtype)
        return Trainer(
            network,
            data,
            validation,
            rule,
            engine,
            epochs=epochs + (1 if incremental else self._epochs(n)),
            batch_size=size,
            key=seeds.order_key(self._seed),
            sampler=self._sampler(whole=size == n),
            checkpoint=None
            if incremental or self.checkpoint is None
            else as_checkpoint(self.checkpoint, False),
            callbacks=self._callbacks(watched, earlier, self._members_validated(network, validation)),
            monitor=column,
            score=score,
            layer_stats=bool(self.diagnostics),  # they take longer than an epoch of a small network
            clip_norm=clip_norm,
            rate_factors=rates,
            decay_factors=decays,
            threads=self.threads,
            precision=self.precision,
            resume=bool(self.resume) and not incremental,
            earlier=earlier,
            history=self.history_ if earlier else None,
        )

    def _check_arguments(self, incremental: bool) -> None:
        name = type(self).__name__
        if incremental and self.early_stopping:
            raise ValueError(
                "partial_fit does not support early_stopping=True: a call is one epoch, and there is nothing to stop."
            )
        if incremental and self.momentum_plateau is not None:
            raise ValueError(
                "partial_fit does not support momentum_plateau: a call is one epoch, and nothing settles; use fit."
            )
        if self.resume and not isinstance(self.random_state, (int, np.integer)):
            raise ValueError(
                f"{name}: resume=True with random_state={errors.short(self.random_state)}, expected an integer, "
                "so that the order of the samples is the same."
            )
        bagged = self.n_ensemble > 1 and self.ensemble == "independent" and self.early_stopping
        if bagged and isinstance(optimizer.solver(self), (GaussNewton, LevenbergMarquardt)):
            raise ValueError(
                f"{name}: solver={errors.short(self.solver)} with early_stopping and n_ensemble={self.n_ensemble}, "
                "whose members have samples of their own; use early_stopping=False or another solver."
            )
        if optimizer.solver(self) is not None and np.any(np.asarray(self.dropout) != 0):
            raise ValueError(
                f"{name}: dropout={errors.short(self.dropout)} with solver={errors.short(self.solver)}, which needs "
                "the same function at every evaluation; use dropout=0 or a stochastic solver."
            )

    def _check_output(self, loss: Loss) -> None:
        """Refuse an output activation before the output map of a loss."""
        identity = isinstance(architecture.activation_function(self.output_activation), Identity)
        if not identity and loss.output_map != "identity":
            raise ValueError(
                f"{type(self).__name__}: output_activation={errors.short(self.output_activation)} with the loss "
                f"{loss}, whose outputs pass through {loss.output_map}; use loss='squared_error', or leave it out."
            )

    def _read(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any, np.dtype]:
        """X and y checked, X sparse as CSR, and the dtype to compute in."""
        if (self.preprocessing if reset else self._table) is not None:
            X = tables.read(self, X, reset)
            if y is None:
                raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
            y = _check_y(y, multi_output=True, y_numeric=self._y_numeric, estimator=self)
            check_consistent_length(X, y)
            return X, _one_column(y), np.dtype(self.dtype or np.float32)
        options = {"accept_sparse": ["csr", "csc"], "multi_output": True, "dtype": "numeric"}
        X, y = validate_data(self, X, y, y_numeric=self._y_numeric, reset=reset, **options)
        dtype = np.dtype(self.dtype or (np.float32 if X.dtype == np.float32 else np.float64))
        return as_numbers(X), _one_column(y), dtype

    def _start(
        self, fresh: bool, n_features: int, outputs: int, loss: Loss, dtype: np.dtype, steps: int
    ) -> tuple[Network, Snapshot | None]:
        """Where training begins: a new network, or a copy of the fitted one with the newest weights, and its state."""
        layers, self._ends = architecture.build(self, outputs, n_features, steps)
        loss = ensemble.as_loss(loss, self.n_ensemble)
        if not fresh and "network_" in vars(self):
            network = self._synced().astype(dtype)
            before, now = map(architecture.without_schedules, (network.config, layers))
            if (before, network.loss) != (now, loss):
                raise ValueError(
                    f"{type(self).__name__}: the arguments describe another network than the fitted one (layers or "
                    "loss differ); keep them, or refit with warm_start=False."
                )
            put_newest(self._earlier, network, self.network_)
            return network, self._earlier
        random = check_random_state(self.random_state)
        like_sklearn = isinstance(self.init, str) and self.init == "sklearn"
        before = random.get_state(legacy=False) if like_sklearn else None
        self._seed = int(random.randint(2**31 - 1))
        if before is not None:  # the weights come first in scikit-learn's stream
            random.set_state(before)
        init = (
            partial(architecture.draw_like_scikit_learn, random, self._seed, self.activation)
            if like_sklearn
            else None
        )
        network = Network(layers, n_features, loss, seed=self._seed, dtype=dtype, init=init)
        for name, parameter in (("coefs_init", "w"), ("intercepts_init", "b")):
            arrays = getattr(self, name)
            if not fresh:  # weights were assigned to the attributes before the first call
                arrays = vars(self).get(name.removesuffix("init"), arrays)
            if arrays is not None:
                architecture.set_weights(type(self).__name__, name, network.layers, parameter, arrays)
        return network, None

    def _learn_table(self, X: Any, sample_weight: np.ndarray | None) -> None:
        """Learn what is done to each column, in the first call only, where it is asked for."""
        self.preprocessing_ = None
        if self.preprocessing is not None:
            self.preprocessing_ = tables.learn(type(self).__name__, X, self.preprocessing, sample_weight)

    def _fit_scalers(self, X: Any, y: Any, sample_weight: np.ndarray | None) -> None:
        """Learn the scaling of the inputs, in the first call only: later ones must not move under the weights."""
        self.input_scaler_ = None
        if self._table is None and self.scale_inputs == "decorrelate":
            self.input_scaler_ = decorrelator(type(self).__name__, X, sample_weight)
        elif self._table is None and self._scales(self.scale_inputs):
            self.input_scaler_ = input_scaler(X, sample_weight, each=self.scale_inputs != "auto")

    def _width(self, X: Any) -> int:
        """The number of the network's inputs."""
        if self._table is not None:
            return len(self._table.names)
        scaler = self.input_scaler_
        return len(scaler.components_) if isinstance(scaler, Decorrelator) else X.shape[1]

    def _scales(self, asked: Any) -> bool:
        """Whether to scale inputs or targets; if nothing was asked for, for solvers that scikit-learn does not have."""
        if asked is None:
            return self.solver != "lbfgs" and optimizer.solver(self) is not None
        return bool(asked)

    def _data(self, X, y, sample_weight, held_out, loss, dtype) -> tuple[Data, Data | None, tuple]:
        """Training and validation data as the network takes them; the latter also as scorers take them.

        That is as the user gave them, but for tables, which are not transformed again after each epoch.
        """
        t = self._encode(y, loss, dtype)
        samples = np.arange(len(t)) if sample_weight is None else np.flatnonzero(sample_weight)
        data = Data(self._scaled(X, dtype), t, sample_weight, samples)
        X_val, y_val, weight_val = held_out
        if (X_val is None) != (y_val is None):
            raise ValueError(f"{type(self).__name__}: X_val and y_val belong together; give both or neither.")
        if X_val is not None:
            X_val, y_val, _ = self._read(X_val, y_val, reset=False)
            y_val = self._targets(y_val, fresh=False, incremental=True)
            t_val = self._encode(y_val, loss, dtype)
            if weight_val is not None:
                weight_val = _as_weights(weight_val, X_val)
            x_val = self._scaled(X_val, dtype)
            validation = Data(x_val, t_val, weight_val, np.arange(len(t_val)))
            return data, validation, (X_val if self._table is None else x_val, y_val, weight_val)
        if not self.early_stopping:
            return data, None, held_out
        classes = self._stratify(t[samples])
        if self.n_ensemble > 1 and self.ensemble == "independent":
            if self.scoring not in (None, "loss"):
                raise ValueError(
                    f"{type(self).__name__}: scoring={errors.short(self.scoring)} with early_stopping of "
                    f"{self.n_ensemble} members, each with validation samples of its own; use scoring='loss' or None, "
                    "or give X_val and y_val."
                )
            fraction = self.validation_fraction
            return *ensemble.bags(data, self.n_ensemble, fraction, classes, self._seed), held_out
        n = len(samples)
        if not 0 < ceil(self.validation_fraction * n) < n:
            raise ValueError(
                f"{type(self).__name__}: validation_fraction={self.validation_fraction} of {n} samples, expected "
                "some for training and some for validation; change it, or set early_stopping=False."
            )
        train, rest = train_test_split(
            samples, test_size=self.validation_fraction, random_state=self._seed, stratify=classes
        )
        if len(rest) < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of your dataset, or give "
                "X_val and y_val to fit."
            )
        train, rest = np.sort(train), np.sort(rest)
        weight_val = None if sample_weight is None else sample_weight[rest]
        rest_of_x = data.x[rest] if self._table is not None else X[rest]
        return replace(data, samples=train), replace(data, samples=rest), (rest_of_x, y[rest], weight_val)

    def _steps(self, X: Any, sample_weight: np.ndarray | None, held_out: tuple) -> int:
        """Steps of a whole fit, which schedules by name span."""
        n = X.shape[0] if sample_weight is None else int(np.count_nonzero(sample_weight))
        if self.early_stopping and held_out[0] is None:
            n -= ceil(self.validation_fraction * n)
        n = max(n, 1)
        return as_sizes(self._batch_size(n)).steps(n, self._epochs(n))

    def _batch_size(self, n: int) -> int | GrowingBatchSize:
        """Samples per step, of n: all of them for full-batch solvers, min(200, n) by default, or equal batches."""
        rule = OPTIMIZERS.get(self.solver) if isinstance(self.solver, str) else self.solver
        if rule is None or rule.full_batch:  # None: a solver by name
            return n
        if self.batch_size == "auto":
            return min(200, n)
        if self.batch_size == "equal":
            return recipes.batch_size(n)
        if isinstance(self.batch_size, GrowingBatchSize):
            return self.batch_size
        return min(int(self.batch_size), n)

    def _sampler(self, whole: bool) -> Sampler:
        """What chooses the samples of an epoch; `whole`: it is one step, a sum that has no order."""
        value = self.sampler if optimizer.solver(self) is None else None
        return as_sampler(type(self).__name__, value, bool(self.shuffle) and not (whole and value is None))

    def _members_validated(self, network: Network, validation: Data | None) -> int:
        """The number of members that have validation samples of their own, and weights of their own to restore."""
        bagged = validation is not None and validation.by_member
        return self.n_ensemble if bagged and ensemble.are_separate(network) else 0

    def _callbacks(self, column: str | None, earlier: Snapshot | None, members: int) -> tuple[Callback, ...]:
        """Every callback; the stopping rule watches that column, and continues the count of an earlier call.

        `members` is how many have a best epoch of their own.
        """
        found: list[Callback] = [Verbose()] if self.verbose else []
        if column is not None:
            adaptive = self.solver == "sgd" and self.learning_rate == "adaptive"
            patience = getattr(self, "n_iter_no_change", np.inf)
            relative = column == "train_loss" and optimizer.solver(self) is not None
            rule = NoImprovement(
                *(
                    column,
                    self.tol,
                    patience,
                    adaptive,
                    relative,
                    self.best_epoch,
                    bool(self.verbose),
                    members,
                )
            )
            if earlier is not None and self._stopping is not None and self._stopping.column == column:
                rule.restore(self._stopping.state())
            found.append(rule)
        if optimizer.solver(self) is None:
            found += monitors(type(self).__name__, momentum_plateau=self.momentum_plateau)
            found += rate_callbacks(type(self).__name__, self.adapt_rate)
        if self.callbacks:
            found += as_callbacks(type(self).__name__, self.callbacks)
        if self.progress:
            found += as_progress(self.progress)
        return tuple([c.fresh() for c in found])

    def _score(self, loss: Loss, held_out: tuple) -> EpochScorer | None:
        """The score of an epoch, or None for the loss's own."""
        if self.scoring == "loss" or (self.scoring is None and (loss.classification or is_regressor(self))):
            return None
        from sklearn.metrics import check_scoring

        return EpochScorer(self.scoring, check_scoring(self, self.scoring), self, held_out)

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
        if optimizer.solver(self) is not None:
            raise ValueError(
                f"{type(self).__name__}: lr_find with solver={errors.short(self.solver)}, which has no learning rate."
            )
        other: Any = clone(self)
        fit = other._assemble(X, y, sample_weight)
        size = as_sizes(fit.batch_size).size(0, len(fit.data.samples))
        found = {"optimizer": fit.optimizer, "batch_size": size, "engine": self.engine}
        found |= {"sample_weight": fit.data.sample_weight, "threads": self.threads}
        return lr_find(fit.network, fit.data.x, fit.data.t, **found | options)

    # -- what training leaves ----

    def _finish(self, run: Run, trainer: Trainer, incremental: bool) -> None:
        """Refuse or warn of what went wrong, then set every fitted attribute."""
        history, first = run.history, trainer.earlier.facts["epoch"] if trainer.earlier else 0
        done = int(history.last.get("epoch", first)) - first
        network = run.network
        self.network_, self.history_ = network, history
        self._calibrate(run)
        seen, losses, scores = 0, [], []
        if trainer.earlier:
            seen, losses, scores = self.t_, self.loss_curve_, self.validation_scores_ or []
        self.t_ = seen + done * len(run.data.samples)
        self.n_iter_ = done
        self.loss_curve_ = losses + history.newest("train_loss", done)
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else np.nan
        self.best_loss_ = None if self.early_stopping else min(self.loss_curve_, default=np.inf)
        self.validation_scores_ = self.best_validation_score_ = None
        if run.validation is not None:
            column, sign = ("validation_loss", -1) if self.scoring == "loss" else ("validation_score", 1)
            self.validation_scores_ = scores + [sign * value for value in history.newest(column, done)]
            if run.status == "diverged":
                self.validation_scores_.append(float("nan"))
            finite = [score for score in self.validation_scores_ if np.isfinite(score)]
            self.best_validation_score_ = max(finite, default=float("nan"))
        self._judge(run, incremental, exploded=done > run.epoch - first)
        self.n_outputs_ = network.outputs // network.loss.members
        self.n_layers_ = len(self._ends) + 2
        function = architecture.activation_function(self.output_activation)
        name = (
            network.loss.output_map
            if isinstance(function, Identity)
            else getattr(function, "operation", type(function).__name__)
        )
        self.out_activation_ = name.replace("sigmoid", "logistic")
        self._stopping = next((c for c in run.callbacks if isinstance(c, NoImprovement)), None)
        self._no_improvement_count = 0 if self._stopping is None else self._stopping.count
        # the memory of L-BFGS is twenty times the network: kept only where it will be used
        keep = optimizer.solver(self) is None or self.warm_start
        self._earlier = remembered(run, optimizer_state=keep)
        self._show()
        self._score_out_of_bag(run)

    def _calibrate(self, run: Run) -> None:
        """Learn from the validation data how sure predictions should be, where a derived class does so."""

    def _score_out_of_bag(self, run: Run) -> None:
        """Set what the members predict of the samples that they have left out, as scikit-learn's ensembles do."""
        data, loss = run.validation, run.network.loss
        names = "oob_score_", "oob_prediction_", "oob_decision_function_"
        for name in names:
            vars(self).pop(name, None)
        if not isinstance(loss, MemberLoss) or data is None or not data.by_member:
            return
        weight = cast(np.ndarray, data.sample_weight)[data.samples]
        z = run.network.evaluator.forward(data.x, data.samples)
        self.oob_score_ = loss.score(z, data.t[data.samples], weight)
        predicted = self._predictions(loss.average(z, weight))
        predictions = np.full((len(data.t), *predicted.shape[1:]), np.nan, predicted.dtype)
        predictions[data.samples] = predicted
        vars(self)[names[1] if is_regressor(self) else names[2]] = predictions

    def _judge(self, run: Run, incremental: bool, exploded: bool) -> None:
        """Warn, or raise, if training did not end well."""
        if run.status == "diverged":
            if run.best is None and not exploded:
                raise ValueError(
                    "Solver produced non-finite parameter weights. The input data may contain large values and need to "
                    f"be preprocessed. {run.message}"
                )
            errors.warn(run.message, ConvergenceWarning)
        elif run.status == "interrupted":
            errors.warn(f"Training interrupted by user. {run.message}")
        elif run.status in ("max_fun", "stalled", "time_limit"):
            name = self.solver if isinstance(self.solver, str) else type(self.solver).__name__
            errors.warn(f"{name} did not converge: {run.message}", ConvergenceWarning)
        elif run.status == "completed" and not incremental and (words := self._unfinished(run)):
            errors.warn(words, ConvergenceWarning)

    def _unfinished(self, run: Run) -> str:
        """What to say when `max_iter` is reached: nothing where a schedule of that length was asked for."""
        if self.learning_rate not in ("constant", "invscaling", "adaptive"):
            return ""
        return (
            f"Maximum iterations ({run.epochs}) reached and the optimization hasn't converged yet: the training "
            f"loss is {self.loss_:.4g}. Raise max_iter or tol (now {self.tol:g})."
        )


def _one_column(y: Any) -> Any:
    """Targets, (n,) where there is one column."""
    single = y.ndim == 2 and y.shape[1] == 1 and not is_sparse(y)
    return column_or_1d(y, warn=True) if single else y


def remembered(run: Run, optimizer_state: bool) -> Snapshot:
    """What the next call continues from."""
    arrays: dict[str, np.ndarray] = {}
    if optimizer_state:
        arrays = {f"optimizer.{name}": np.array(value) for name, value in run.engine.state.items()}
    if run.best is not None:
        arrays |= {"best_theta": run.best.theta, "best_buffers": run.best.buffers}
    if run.losses is not None:
        arrays["losses"] = run.losses
    if run.best is not None:  # other weights are shown than the newest
        arrays |= {"theta": run.good.theta, "buffers": run.good.buffers}
    names = "epoch", "step", "rate_scale", "momentum", "best_epoch"
    return Snapshot(arrays, {name: getattr(run, name) for name in names})


def put_newest(earlier: Snapshot, network: Network, shown: Network) -> None:
    """Put the newest weights into a copy of the shown network, unless someone has changed what is shown."""
    newest = earlier.arrays.get("theta")
    if newest is None or newest.dtype != network.dtype:
        return
    best = earlier.arrays.get("best_theta", newest)
    if np.array_equal(shown.theta, best.astype(shown.dtype)):
        network.theta[:], network.buffers[:] = newest, earlier.arrays["buffers"]
