"""The distribution of the activations of each layer, recorded while a network trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..bounds import Bounded, Count
from ..engines.diagnostics import activations
from ..errors import InputError, short
from .callbacks import Callback

QUANTILES = 201


@dataclass
class RecordActivations(Bounded, Callback):
    """Quantiles of the activations of every activation layer, before training and after every `every` epochs.

    Parameters
    ----------
    x : array of shape (n, inputs)
        The samples that pass through the network; some hundred are enough.
    every : int
        Epochs from one record to the next.

    Attributes
    ----------
    epochs : list of int
        The epochs after which the activations were recorded; 0 is before training.
    quantiles : dict of str to list of ndarray of shape (201,)
        For each layer and epoch the quantiles at 0, 0.005, …, 1.

    Source: Glorot, Bengio, *Understanding the difficulty of training deep feedforward neural networks* (2010), §3.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> x = np.random.default_rng(0).standard_normal((200, 3))
    >>> record = RecordActivations(x)
    >>> net = Network([Dense(8), "tanh", Dense(1)], inputs=3)
    >>> history = net.fit(x, x[:, 0], epochs=2, callbacks=[record])
    >>> record.epochs, list(record.quantiles)
    ([0, 1, 2], ['layer 1, Tanh'])
    """

    x: Any
    every: Count = 1

    def __post_init__(self):
        super().__post_init__()
        self._reset()

    def on_start(self, run):
        self._reset()
        self._record(run)

    def on_epoch(self, run):
        if run.epoch % self.every == 0:
            self._record(run)

    def layer(self, name: str) -> dict[str, np.ndarray]:
        """The quantiles of one layer by epoch, as `plots.activation_histograms` draws them."""
        if name not in self.quantiles:
            wanted = f"one of {', '.join(self.quantiles) or 'none, before a fit'}"
            raise InputError(
                f"RecordActivations: name is {short(name)}, expected {wanted}; choose one of them."
            )
        return {f"epoch {n}": each for n, each in zip(self.epochs, self.quantiles[name], strict=True)}

    def state(self):
        quantiles = {name: [each.tolist() for each in rows] for name, rows in self.quantiles.items()}
        return {"epochs": list(self.epochs), "quantiles": quantiles}

    def restore(self, state):
        self.epochs = list(map(int, state["epochs"]))
        self.quantiles = {name: list(np.array(rows, float)) for name, rows in state["quantiles"].items()}

    def _record(self, run) -> None:
        self.epochs.append(run.epoch)
        for name, a in activations(run.network, self.x).items():
            self.quantiles.setdefault(name, []).append(np.quantile(a, np.linspace(0, 1, QUANTILES)))

    def _reset(self) -> None:
        self.epochs: list[int] = []
        self.quantiles: dict[str, list[np.ndarray]] = {}
