"""Sessions of a notebook: they pause when their page has gone, and may train a network of the kernel."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from ..network import Network
from .adoption import Adopted
from .data import Points
from .run import Run
from .session import Session

AWAY = 5.0  # seconds of training without a frame after which the page counts as gone
LONGEST_TURN = 0.5  # what one turn adds to them: while a cell of the kernel runs, no page is heard

#: What makes another network or other samples; the other settings say how it is trained.
PROBLEM = ("data", "features", "layers", "loss")

Weights = tuple[np.ndarray, np.ndarray]  # theta and buffers


class NotebookSession(Session):
    """A session that pauses when its page takes no more frames: a widget is not told when its page has gone."""

    def play(self, playing: bool, speed: float | None) -> None:
        super().play(playing, speed)
        self._alone, self._turn = 0.0, time.monotonic()

    def train(self, seconds: float) -> float:
        now = time.monotonic()
        self._alone, self._turn = self._alone + min(now - self._turn, LONGEST_TURN), now
        if self._alone > AWAY:
            self.play(False, self.speed)
            return seconds
        return super().train(seconds)

    def frame(self) -> bytes | None:
        frame = super().frame()
        if frame is not None:
            self._alone = 0.0
        return frame

    def exchange(self) -> None:
        """Exchange weights with the kernel; called where no cell is running."""

    def release(self) -> None:
        """Leave the kernel's network alone from now on."""


class Watched(NotebookSession):
    """A session that trains a network of the kernel.

    What the page has learned is copied to the network while the first run trains this network on its samples. Weights
    that the network has got elsewhere, from ``net.fit`` or by hand, are never overwritten: they begin a new run.

    Training and requests run in threads, so they only leave weights here; `exchange` reads and writes the network.

    Attributes
    ----------
    post : callable
        Has a function called in the kernel's own thread.
    """

    def __init__(self, adopted: Adopted):
        super().__init__(adopted.run)
        self.post: Callable[[Callable[[], None]], Any] = lambda call: call()
        self._network: Network | None = adopted.network
        self._settings, self._run = adopted.settings, adopted.run
        self._samples: WeakValueDictionary[int, Points] = (
            WeakValueDictionary()
        )  # the network's, edited or not
        self._known = _weights(adopted.network)  # in the network, when last read or written
        self._learned: Weights | None = None  # in the page, for the network
        self._found: Weights | None = None  # in the network, for the page

    def exchange(self) -> None:
        if self._network is None:
            return
        now = _weights(self._network)
        if not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(now, self._known, strict=True)):
            self._known = self._found = now
        elif self._learned is not None and self._found is None:
            _set_weights(self._network, self._learned)
            self._known = self._learned
        self._learned = None

    def release(self) -> None:
        self._network = None

    def refresh(self) -> None:
        """Begin a new run with weights that the network has got elsewhere."""
        if self._found is None or not all(np.isfinite(a).all() for a in self._found) or not self._is_shown():
            return
        found, self._found = self._found, None
        run = self.runs[0]
        network = run.network.copy()
        _set_weights(network, found)
        with self.change("network"):
            self.runs[0] = Run(run.settings, run.problem, network, run.table)

    def train(self, seconds: float) -> float:
        self.refresh()
        pause = super().train(seconds)
        self._offer()
        return pause

    def updates(self) -> list:
        self.refresh()
        self._offer()
        return super().updates()

    def _offer(self) -> None:
        if self._is_shown():
            self._learned = _weights(self.runs[0].network)
        self.post(self.exchange)

    def _is_shown(self) -> bool:
        """Whether the first run descends from the one that began with the network, and still trains it."""
        run = self.runs[0]
        if any(getattr(run.settings, name) != getattr(self._settings, name) for name in PROBLEM):
            return False
        if run is self._run and run.problem.edited:  # the samples may have been edited in the page
            self._samples[id(run.points)] = run.points
        if self._samples.get(id(run.points)) is not run.points:
            return False
        self._run = run
        return True


def _weights(network: Network) -> Weights:
    return network.theta.copy(), network.buffers.copy()


def _set_weights(network: Network, weights: Weights) -> None:
    network.theta, network.buffers[...] = weights
