"""The estimators with scikit-learn's interface: its own, and deltaprop's on either engine, the same arguments."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from ..workloads import WIDE

#: Seconds of a round at least: short fits are repeated, and their median counts.
ROUND = 0.5

CLASSIFIER, REGRESSOR = "MLPClassifier", "MLPRegressor"

#: Tasks of fit, followed by predict: name → class, data and their number type, arguments.
FITS = {
    "iris: 150 x 4, 10 hidden units, 20 epochs": (
        CLASSIFIER,
        "iris",
        "float64",
        {"hidden_layer_sizes": (10,), "max_iter": 20},
    ),
    "iris: 150 x 4, 100 hidden units, 20 epochs": (CLASSIFIER, "iris", "float64", {"max_iter": 20}),
    "iris, its classes as values, 10 hidden units, 20 epochs": (
        REGRESSOR,
        "iris",
        "float64",
        {"hidden_layer_sizes": (10,), "max_iter": 20},
    ),
    "digits, 20 epochs": (CLASSIFIER, "digits", "float64", {"max_iter": 20}),
    "digits, 200 epochs": (CLASSIFIER, "digits", "float64", {"max_iter": 200}),
    "digits, float32, 20 epochs": (CLASSIFIER, "digits", "float32", {"max_iter": 20}),
    "wide table: 100352 x 50, 512-256, float32, 1 epoch": (
        REGRESSOR,
        "wide",
        "float32",
        {"hidden_layer_sizes": (512, 256), "batch_size": 1024, "max_iter": 1},
    ),
    "MNIST, 784-256-128-10, float32, 1 epoch": (
        CLASSIFIER,
        "mnist",
        "float32",
        {"hidden_layer_sizes": (256, 128), "batch_size": 128, "max_iter": 1},
    ),
    "MNIST, defaults, float32, 1 epoch": (CLASSIFIER, "mnist", "float32", {"max_iter": 1}),
    "digits, L-BFGS to the end": (CLASSIFIER, "scaled digits", "float64", {"solver": "lbfgs"}),
    "table: 20000 x 50, 128-64, L-BFGS, 30 iterations": (
        REGRESSOR,
        "table",
        "float64",
        {"hidden_layer_sizes": (128, 64), "solver": "lbfgs", "max_iter": 30},
    ),
}
#: Tasks of predict alone, by 784-256-128-10: name → rows, number type of the inputs and the network.
PREDICTIONS = {
    f"predict {rows} x 784, {dtype}": (rows, dtype)
    for dtype in ("float32", "float64")
    for rows in (1, 10, 1000)
}
TASKS = (*FITS, *PREDICTIONS)


def prepare(task: str, variant: str, threads: int):
    """See `benchmarks.contenders`; variants: scikit-learn, numpy, native. `extra` is the time of each method."""
    warnings.simplefilter("ignore")
    return _prepare_fit(task, variant) if task in FITS else _prepare_predict(task, variant)


def _prepare_fit(task: str, variant: str):
    kind, name, dtype, arguments = FITS[task]
    x, t = _data(name)
    x = np.ascontiguousarray(x, dtype)
    make = partial(_estimator, kind, variant, **{"n_iter_no_change": 1000} | arguments)

    def once():
        model = make()
        began = perf_counter()
        model.fit(x, t)
        between = perf_counter()
        model.predict(x)
        return {"fit": between - began, "predict": perf_counter() - between}

    make().fit(x[:500], t[:500])
    return partial(_round, once)


def _prepare_predict(task: str, variant: str):
    rows, dtype = PREDICTIONS[task]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2000, 784)).astype(dtype)
    model = _estimator(CLASSIFIER, variant, hidden_layer_sizes=(256, 128), max_iter=1)
    model.fit(x, rng.integers(10, size=len(x)))
    x = x[:rows].copy()

    def once():
        began = perf_counter()
        model.predict(x)
        between = perf_counter()
        model.predict_proba(x)
        return {"predict": between - began, "predict_proba": perf_counter() - between}

    return partial(_round, once)


def _estimator(kind: str, variant: str, **arguments: Any):
    if variant == "scikit-learn":
        from sklearn import neural_network

        return getattr(neural_network, kind)(random_state=0, **arguments)
    import deltaprop

    return getattr(deltaprop, kind)(random_state=0, engine=variant, **arguments)


def _round(once: Callable[[], dict[str, float]], number: int) -> tuple[float, dict[str, float]]:
    """The median times of each method, repeated for `ROUND` seconds."""
    began, times = perf_counter(), [once()]
    while perf_counter() - began < ROUND:
        times.append(once())
    medians = {method: median(row[method] for row in times) for method in times[0]}
    return sum(medians.values()), medians


def _data(name: str) -> tuple[np.ndarray, np.ndarray]:
    if name == "wide":
        return WIDE.data()
    if name == "table":
        from sklearn.datasets import make_regression

        x, t = make_regression(20_000, 50, n_informative=30, noise=5, random_state=0)
        return (x - x.mean(axis=0)) / x.std(axis=0), (t - t.mean()) / t.std()
    if name == "mnist":
        from deltaprop.data import load

        mnist = load("mnist")
        return np.asarray(mnist.x, np.float32).reshape(len(mnist.x), -1) / 255, np.asarray(mnist.t)
    from sklearn.datasets import load_digits, load_iris

    if name == "iris":
        return load_iris(return_X_y=True)
    x, t = load_digits(return_X_y=True)
    if name == "scaled digits":
        return x / 16, t
    return x, t
