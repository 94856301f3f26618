"""What the lessons' claims measure of a run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deltaprop.playground.lessons import truths
from deltaprop.playground.run import Run


def at(place: Callable[..., float], x: float, y: float) -> Callable[[Run], float]:
    return lambda run: place(run, x, y)


def train_loss(run: Run) -> float:
    return run.losses()[0]


def held_out_loss(run: Run) -> float:
    return run.losses()[1]


def train_score(run: Run) -> float:
    return run.losses()[2]


def held_out_score(run: Run) -> float:
    return run.losses()[3]


def norm(run: Run) -> float:
    return float(np.linalg.norm(run.network.theta))


def weight(index: int) -> Callable[[Run], float]:
    return lambda run: float(run.network.theta[index])


def movement(run: Run) -> float:
    """How far any weight moves in the next 40 steps."""
    later, far = run.fork(), []
    for _ in range(40):
        later.fit.advance(1)
        far.append(np.abs(later.network.theta - run.network.theta).max())
    return max(far)


def best_score(steps: int) -> Callable[[Run], float]:
    """The best training score in the next steps."""

    def best(run: Run) -> float:
        scores = []
        for _ in range(steps):
            run.fit.advance(1)
            scores.append(train_score(run))
        return max(scores)

    return best


def seeds_that_learn(run: Run) -> float:
    """Of ten seeds, how many lead to a loss below 0.01 within 1000 steps."""
    learned = 0
    for seed in range(10):
        other = Run.start(run.settings.model_copy(update={"seed": seed}), run.points)
        other.fit.advance(1000)
        learned += train_loss(other) < 0.01
    return learned


def layer_gradients(run: Run) -> list[float]:
    """The norm of the gradient of each layer's weights."""
    data, network = run.fit.trainer.data, run.network
    gradient = network.gradient(data.x[data.samples], data.t[data.samples])[1]
    return [float(np.linalg.norm(view.w)) for view in network.views(gradient) if hasattr(view, "w")]


def first_to_last(run: Run) -> float:
    norms = layer_gradients(run)
    return norms[0] / norms[-1]


def saturated(run: Run) -> float:
    """The share of the hidden activations whose slope is below 0.05."""
    trace = run.network.trace(run.problem.inputs, run.fit.trainer.data.t)
    return float(np.mean(trace.layers[0].f_prime < 0.05))


def difference(run: Run) -> float:
    """How far the weights of hidden units differ."""
    return float(np.ptp(run.network.layers[0].w, axis=0).max())


def hidden(run: Run, x: float, y: float) -> list[float]:
    """The activations of the first hidden layer at the nearest sample."""
    return truths.trace(run, x, y).layers[0].a[0].tolist()


def z_hidden(run: Run, x: float, y: float) -> float:
    return float(truths.trace(run, x, y).layers[0].z[0, 0])


def scores(run: Run, epochs: int) -> list[float]:
    """The training score after each of the next epochs."""
    found = []
    for _ in range(epochs):
        run.fit.advance(run.steps_per_epoch)
        found.append(train_score(run))
    return found
