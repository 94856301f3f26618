"""What is measured of a run: losses and scores of both parts, and the state of each layer."""

from __future__ import annotations

import numpy as np

from ..batching import take
from ..layers import Activation, Dense
from ..network import Network
from ..training import sampling
from ..training.stepwise import Stepwise
from .problem import Problem


def losses(fit: Stepwise, problem: Problem) -> tuple[float, float, float, float]:
    """Loss (penalty included) of training and test part, then their scores; NaN without a test part."""
    (train, train_score), (test, test_score) = [
        _loss_and_score(fit, problem, part)
        for part in (fit.trainer.data.samples, np.flatnonzero(problem.points.test))
    ]
    return train, test, train_score, test_score


def _loss_and_score(fit: Stepwise, problem: Problem, samples: np.ndarray) -> tuple[float, float]:
    if not len(samples):
        return np.nan, np.nan
    network, t = fit.trainer.network, fit.trainer.data.t[samples]
    z = fit.engine.outputs(fit.trainer.data.x, samples)
    with np.errstate(all="ignore"):
        loss = float(network.mean_loss(z, t))
        if not problem.classes:
            return loss, float(network.loss.score(z, t, None))
    labels = z[:, 0] > 0 if z.shape[1] == 1 else z.argmax(axis=1)
    return loss, float(np.mean(labels == problem.targets[samples]))


def width(network: Network) -> int:
    """Number of columns of a `row`."""
    return 6 + 4 * sum(isinstance(node.layer, Dense) for node in network.nodes)


def row(fit: Stepwise, problem: Problem) -> np.ndarray:
    """The row of `Records` for the present weights and the steps that ``fit.total`` has summed."""
    engine, steps = fit.engine, fit.total.vector[2]
    layers = len(engine.layers)
    seen = np.zeros(layers + 2 * len(engine.activations))
    probe = sampling.probe(fit.trainer.data.samples, fit.trainer.key)
    engine.layer_stats(take(fit.trainer.data.x, probe, fit.trainer.network.dtype), seen)
    norm, units = np.sqrt(seen[:layers]), seen[layers:].reshape(-1, 2)
    with np.errstate(all="ignore"):
        gradient, update = np.sqrt(fit.total.gradient2 / steps), np.sqrt(fit.total.update2 / steps)
        ratio = update / norm
    found = [float(fit.step), float(fit.epoch), *losses(fit, problem)]
    for layer, activation in _dense_layers(fit):
        dead, saturated = (np.nan, np.nan) if activation is None else units[activation]
        found += [gradient[layer], ratio[layer], dead, saturated]
    return np.array(found)


def _dense_layers(fit: Stepwise) -> list[tuple[int, int | None]]:
    """For each dense layer its place among the layers with parameters, and its activation's among those."""
    layers, activations = list(fit.engine.layers), 0
    found: list[tuple[int, int | None]] = []
    for node in fit.trainer.network.nodes:
        if isinstance(node.layer, Dense):
            found.append((layers.index(node.name), None))
        elif isinstance(node.layer, Activation):
            found[-1] = found[-1][0], activations
            activations += 1
    return found
