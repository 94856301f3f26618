"""The largest eigenvalue of the Hessian, estimated while a network trains."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import seeds
from ..bounds import Bounded, Count, Positive, UnitInterval
from .callbacks import Callback

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..network import Network


@dataclass
class LargestEigenvalue(Bounded, Callback):
    """After each epoch, λ_max of the Hessian of E at the weights of that moment, by an on-line power method.

    A vector ψ, which the epochs hand on, is moved by each of `updates` mini-batches drawn at random::

        ψ ← (1 − γ) ψ + γ H ψ / ‖ψ‖

    H is the Hessian of the mini-batch, so ψ turns towards the first eigenvector of the mean Hessian and ‖ψ‖ tends to
    λ_max. The weights change little meanwhile: the estimate lags by about 1/γ mini-batches. It fluctuates with the
    mini-batches; larger ones and smaller γ make it smoother. Dropout and batch normalization behave as in inference.
    Training itself is not changed.

    Parameters
    ----------
    updates : int
        Mini-batches after each epoch, 5 times as many after the first one, where ψ is random.
    batch_size : int
        Samples of a mini-batch; all where there are fewer.
    rate : float
        γ in [0, 1].
    alpha : float, optional
        If given, the product is a difference of gradients, (∂E/∂theta(theta + α ψ/‖ψ‖) − ∂E/∂theta(theta)) / α, as in
        the original, for layers of your own without second derivatives. By default it is exact.

    Attributes
    ----------
    epochs, values : list
        The numbers of the epochs, and λ_max after each.

    Source: LeCun, Simard, Pearlmutter, *Automatic learning rate maximization by on-line estimation of the Hessian's
    eigenvectors* (1993); LeCun, Bottou, Orr, Müller, *Efficient BackProp*, §9.2.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> x = np.random.default_rng(0).standard_normal((200, 3)) * [1, 2, 3]
    >>> watch = LargestEigenvalue()
    >>> history = Network([Dense(1)], inputs=3).fit(x, x[:, 0], epochs=3, callbacks=[watch])
    >>> exact = np.linalg.eigvalsh(np.cov(x.T, bias=True)).max()
    >>> bool(abs(watch.values[-1] / exact - 1) < 0.2)
    True
    """

    updates: Count = 20
    batch_size: Count = 128
    rate: UnitInterval = 0.1
    alpha: Positive | None = None

    def __post_init__(self):
        super().__post_init__()
        self._reset()

    @property
    def max_rates(self) -> list[float]:
        """2 / λ_max: with a larger learning rate, gradient descent diverges along the first eigenvector."""
        return [2 / value if value > 0 else np.inf for value in self.values]

    @property
    def best_rates(self) -> list[float]:
        """1 / λ_max: the learning rate of gradient descent that is best along the first eigenvector."""
        return [rate / 2 for rate in self.max_rates]

    def on_start(self, run):
        self._reset()

    def on_epoch(self, run):
        network, data = run.network, run.data
        rng = np.random.default_rng([run.epoch, *seeds.stream(network.seed, "curvature").generate_state(4)])
        if self.alpha is not None:
            network = network.copy()  # whose weights are moved
        size = min(self.batch_size, len(data.samples))
        for _ in range(self.updates if self.epochs else 5 * self.updates):
            rows = np.sort(rng.choice(data.samples, size, replace=False))
            weight = None if data.sample_weight is None else data.sample_weight[rows]
            length = np.linalg.norm(self._psi)
            if length == 0:  # at the start, or where E has no curvature at all
                self._psi = rng.standard_normal(network.theta.size)
                self._psi /= np.linalg.norm(self._psi)
                length = 1.0
            product = self._product(network, self._psi / length, data.x[rows], data.t[rows], weight)
            self._psi = (1 - self.rate) * self._psi + self.rate * product
        self.epochs.append(run.epoch)
        self.values.append(float(np.linalg.norm(self._psi)))

    def plot(self, ax: Axes | None = None) -> Axes:
        """λ_max over the epochs, on `ax` or a new figure."""
        from ..plots import curves  # imported on use: matplotlib takes its time

        ax = curves(self.epochs, {"λ_max": self.values}, "λ_max", ax=ax)
        ax.set_ylim(bottom=0)
        return ax

    def state(self):
        psi = base64.b64encode(self._psi.tobytes()).decode()
        return {"epochs": list(self.epochs), "values": list(self.values), "psi": psi}

    def restore(self, state):
        self.epochs, self.values = list(map(int, state["epochs"])), list(map(float, state["values"]))
        self._psi = np.frombuffer(base64.b64decode(state["psi"]))

    def _product(
        self, network: Network, direction: np.ndarray, x: Any, t: np.ndarray, weight: np.ndarray | None
    ) -> np.ndarray:
        """The Hessian of E on a mini-batch, times a direction."""
        evaluator, direction = network.evaluator, direction.astype(network.dtype)
        if self.alpha is None:
            return evaluator.hvp(x, t, direction, weight)
        theta = network.theta.copy()
        here = evaluator.gradient(x, t, weight)[1]
        network.theta[:] += self.alpha * direction
        there = evaluator.gradient(x, t, weight)[1]
        network.theta[:] = theta
        return (there - here) / self.alpha

    def _reset(self) -> None:
        self.epochs: list[int] = []
        self.values: list[float] = []
        self._psi = np.zeros(0)
