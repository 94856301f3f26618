"""scikit-learn's multilayer perceptron. It draws its own first weights; of two classes it makes one output."""

from __future__ import annotations

import warnings
from time import perf_counter

from sklearn.neural_network import MLPClassifier, MLPRegressor

from ..workloads import Workload
from . import training
from .deltaprop_ import calls


def prepare(workload: Workload, variant: str, threads: int):
    """See `benchmarks.contenders`."""
    if workload.task in ("accurate", "lm"):
        return None
    x, t = workload.data()
    if workload.task == "many":
        return _many(workload, x, t, threads)
    if workload.task == "predict":
        model = _fitted(workload, x[:1280], t[:1280], workload.epochs)
        one = x[:1]
        return calls(lambda: model.predict_proba(one), 1000)

    def train(_, epochs):
        began = perf_counter()
        model = _fitted(workload, x, t, epochs)
        return perf_counter() - began, model.coefs_[0].T

    return training(workload, train)


def _fitted(workload: Workload, x, t, epochs: int, seed: int = 0):
    kind = MLPClassifier if workload.loss == "softmax_cross_entropy" else MLPRegressor
    model = kind(
        hidden_layer_sizes=workload.sizes[1:-1],
        solver="sgd" if workload.optimizer == "momentum" else "adam",
        learning_rate_init=workload.rate,
        momentum=0.9,
        nesterovs_momentum=False,
        batch_size=workload.batch,
        max_iter=epochs,
        alpha=0.0,
        tol=0.0,
        n_iter_no_change=1_000_000,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(x, t)


def _one_fit(workload: Workload, x, t, seed: int) -> float:
    return _fitted(workload, x, t, workload.epochs, seed).loss_


def _many(workload: Workload, x, t, threads: int):
    from joblib import Parallel, delayed

    fits = 200  # a fifth, for the sake of whoever waits; the time of a fit is the same
    pool = Parallel(n_jobs=threads, batch_size=10)

    def run(_):
        began = perf_counter()
        pool(delayed(_one_fit)(workload, x, t, seed) for seed in range(fits))
        return (perf_counter() - began) / fits, {}

    pool(delayed(_one_fit)(workload, x, t, seed) for seed in range(2 * threads))
    return run
