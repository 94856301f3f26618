"""`load`: what was built in the playground, in Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import number, short
from ..network import Network
from ..optimizers import Optimizer
from . import share
from .complaints import Complaint
from .messages import MAX_TEXT
from .run import Run
from .settings import Settings

SHORTEST_LINK = 300  # characters after #, less than any state needs


class Loaded:
    """A run of the playground, as `load` returns it.

    Attributes
    ----------
    settings : Settings
        Everything that was set.
    network : Network
        With the weights and running statistics of the page, to the last bit; `fit` trains it.
    x, t : ndarray
        Inputs, (n, inputs), and targets, as the network takes them, of the training part.
    x_test, t_test : ndarray
        The same of the test part, which may be empty.

    Examples
    --------
    >>> from deltaprop.playground.run import Run
    >>> from deltaprop.playground.share import to_json
    >>> saved = load(to_json(Run.start(Settings(data={"name": "moons"}))))
    >>> saved.settings.data.name, saved.x_test.shape, saved.step
    ('moons', (250, 2), 0)
    >>> saved.fit(100); saved.step
    100
    """

    def __init__(self, run: Run):
        self._run = run
        self.settings: Settings = run.settings
        self.network: Network = run.network
        data, test = run.fit.trainer.data, np.flatnonzero(run.points.test)
        self.x, self.t = data.x[data.samples], data.t[data.samples]
        self.x_test, self.t_test = data.x[test], data.t[test]

    @property
    def optimizer(self) -> Optimizer:
        """The rule of training, with its schedule."""
        return self._run.fit.trainer.optimizer  # type: ignore[return-value]

    @property
    def step(self) -> int:
        """Steps done."""
        return self._run.step

    def fit(self, steps: int) -> None:
        """Train on as the page would, by that many steps; to the same bits.

        Raises
        ------
        InputError
            If `steps` is not an integer ≥ 0, or if training diverges; the network then has the last finite weights.
        """
        number("Loaded.fit", "steps", steps, low=0, integer=True)
        self._run.advance(steps)
        if self._run.trouble is not None:
            raise self._run.trouble

    def __repr__(self) -> str:
        return f"Loaded(step={self.step}, network={self.network})"


def load(source: str | Path) -> Loaded:
    """Read what was saved in the playground.

    Parameters
    ----------
    source : str or Path
        A JSON file, its text, a link, or the part of a link after ``#``.

    Returns
    -------
    Loaded
        Its ``network`` is a `deltaprop.Network`.

    Raises
    ------
    InputError
        If it is no saved state, or a damaged one, in one line that names the remedy.

    Examples
    --------
    >>> from deltaprop.playground.run import Run
    >>> from deltaprop.playground.share import to_json
    >>> run = Run.start(Settings())
    >>> run.advance(200)
    >>> loaded = load(to_json(run))                     # the text of a file that the page saved
    >>> loaded.step, loaded.x.shape, loaded.network.score(loaded.x, loaded.t) > 0.5
    (200, (250, 2), True)
    >>> loaded.fit(100); run.advance(100)               # it goes on as the page does
    >>> bool((loaded.network.theta == run.network.theta).all())
    True
    """
    return Loaded(open_run(source))


def open_run(source: str | Path) -> Run:
    """The run of a saved state, which `source` gives as it does for `load`."""
    return share.read(_text(source))


def _text(source: str | Path) -> str:
    """The text of a saved state: given, or in the file of that name."""
    if not isinstance(source, (str, Path)):
        raise Complaint("no_state_file", got=type(source).__name__)
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return source
    try:
        with open(source, encoding="utf-8") as file:
            return file.read(MAX_TEXT + 1)
    except UnicodeDecodeError:
        raise Complaint("state_unreadable") from None
    except (OSError, ValueError):
        if isinstance(source, str) and ("#" in source or len(source) > SHORTEST_LINK):
            return source
        raise Complaint("no_state_file", got=short(source)) from None
