"""deltaprop itself, by its public face."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from deltaprop import engines, optimizers, solvers
from deltaprop.recipes import MNIST_98

from ..workloads import Workload, mnist
from . import training


def prepare(workload: Workload, engine: str, threads: int):
    """See `benchmarks.contenders`."""
    if engine.startswith("jax") and workload.task != "train":
        return None
    if engine == "jax steps":
        return training(workload, _steps(workload))
    if workload.task == "accurate":
        return _accurate(engine) if engine == "native" else None
    if workload.task == "predict":
        return _predict(workload, engine)
    if workload.task == "many":
        return _many(workload, engine, threads)
    x, t = workload.data()
    net = workload.network()
    start = net.theta.copy()
    options = {"optimizer": optimizer(workload), "batch_size": workload.batch, "engine": engine}
    options |= {"threads": threads} if engine == "numpy" else {}

    def train(_, epochs):
        net.theta = start
        began = perf_counter()
        net.fit(x, t, epochs=epochs, **options)
        return perf_counter() - began, net.layers[0].w

    return training(workload, train)


def _steps(workload: Workload):
    """The epochs of a fit by the JAX engine, with the sums for its history, and no more."""
    x, t = workload.data()
    net, rule = workload.network(), optimizer(workload)
    start = net.theta.copy()
    engine = engines.select("jax", net, rule)(net, x, t, None, rule, workload.batch)

    def train(seed, epochs):
        rng = np.random.default_rng(seed)
        engine.fetch()  # afterwards the engine begins with the network's weights
        net.theta = start
        began = perf_counter()
        orders = np.stack([rng.permutation(workload.samples) for _ in range(epochs)])
        engine.run_epochs(orders, 0, 1.0, None)
        seconds = perf_counter() - began
        engine.fetch()
        return seconds, net.layers[0].w

    return train


def optimizer(workload: Workload):
    """The workload's rule, as deltaprop names it."""
    if workload.optimizer == "momentum":
        return optimizers.Momentum(workload.rate, 0.9)
    if workload.task == "lm":
        return solvers.LevenbergMarquardt(acceleration=workload.acceleration)
    return optimizers.Adam(workload.rate)


def _accurate(engine: str):
    x, t, x_test, t_test = mnist()

    def run(seed):
        began = perf_counter()
        net = MNIST_98.fit(x, t, seed=seed, engine=engine)
        return perf_counter() - began, {"accuracy": net.score(x_test, t_test)}

    run(0)
    return run


def _predict(workload: Workload, engine: str):
    net = workload.network()
    one = workload.data()[0][:1]
    if engine == "numpy":
        call = lambda: net.loss.predict(net.run_forward(one))  # noqa: E731
    else:
        call = lambda: net.predict(one)  # noqa: E731
    return calls(call)


def calls(call, count: int = 3000):
    """A run that makes the same call many times."""

    def run(_):
        began = perf_counter()
        for _ in range(count):
            call()
        return (perf_counter() - began) / count, {}

    run(0)
    return run


def _many(workload: Workload, engine: str, threads: int):
    if engine == "numpy":
        return None
    from joblib import Parallel, delayed

    x, t = workload.data()
    fits = 1000
    pool = Parallel(n_jobs=threads, batch_size=25)

    def run(_):
        began = perf_counter()
        pool(delayed(_one_fit)(workload, x, t, seed) for seed in range(fits))
        return (perf_counter() - began) / fits, {}

    pool(delayed(_one_fit)(workload, x, t, seed) for seed in range(2 * threads))
    return run


def _one_fit(workload: Workload, x: np.ndarray, t: np.ndarray, seed: int) -> float:
    net = workload.network(seed)
    history = net.fit(x, t, epochs=workload.epochs, batch_size=workload.batch, optimizer=optimizer(workload))
    return float(history["train_loss"][-1])
