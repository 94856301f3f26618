"""The estimators with scikit-learn's interface: its own, and deltaprop's on either engine, the same arguments."""

from __future__ import annotations

import warnings
from statistics import median
from time import perf_counter

import numpy as np

from ..workloads import WIDE

#: Seconds of a round at least: short fits are repeated, and their median counts.
ROUND = 0.5

CLASSIFIER, REGRESSOR = "MLPClassifier", "MLPRegressor"

#: Name → class, data and their number type, arguments.
TASKS = {
    "tiny: 100 x 4, 20 epochs": (
        CLASSIFIER,
        "tiny",
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


def prepare(task: str, variant: str, threads: int):
    """See `benchmarks.contenders`; the variants are scikit-learn, numpy and native. `extra` is the time of predict."""
    kind, name, dtype, arguments = TASKS[task]
    x, t = _data(name)
    x = np.ascontiguousarray(x, dtype)
    same = {"random_state": 0, "n_iter_no_change": 1000} | arguments
    warnings.simplefilter("ignore")
    if variant == "scikit-learn":
        from sklearn import neural_network

        make = lambda: getattr(neural_network, kind)(**same)  # noqa: E731
    else:
        import deltaprop

        make = lambda: getattr(deltaprop, kind)(**same, engine=variant)  # noqa: E731

    def once():
        model = make()
        began = perf_counter()
        model.fit(x, t)
        between = perf_counter()
        model.predict(x)
        return between - began, perf_counter() - between

    def run(_):
        began, times = perf_counter(), [once()]
        while perf_counter() - began < ROUND:
            times.append(once())
        fit, predict = (median(column) for column in zip(*times, strict=True))
        return fit, {"predict": predict}

    make().fit(x[:500], t[:500])
    return run


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
    from sklearn.datasets import load_digits

    x, t = load_digits(return_X_y=True)
    if name == "scaled digits":
        return x / 16, t
    return (x, t) if name == "digits" else (x[:100, 20:24], t[:100])
