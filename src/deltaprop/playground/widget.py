"""The playground as a widget of a notebook: the same page, driven by the kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from weakref import WeakValueDictionary

from pydantic import ValidationError

from ..errors import InputError
from ..network import Network
from .adoption import Adopted
from .conversation import Conversation
from .files import PAGE, read_files
from .invalid import Invalid
from .messages import Play
from .run import Run
from .settings import Settings
from .watching import NotebookSession, Watched

try:
    import anywidget
    import traitlets
except ModuleNotFoundError as error:
    raise InputError(
        f"Playground: {error.name} is not installed; pip install 'deltaprop[notebook]'."
    ) from error

HEIGHT = 820  # pixels

#: The widget of each network that is watched, by the network's id.
_WATCHING: WeakValueDictionary[int, PageWidget] = WeakValueDictionary()


class PageWidget(anywidget.AnyWidget):
    """The page of the playground in a notebook, made by `Playground` or `watch`.

    It trains while the kernel is idle, waits while a cell runs, and pauses when it is removed or out of sight for some
    seconds.
    """

    _esm = (PAGE / "widget.js").read_text(encoding="utf-8")
    files = traitlets.Dict().tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    _conversation: Conversation | None = None

    def __init__(self, session: NotebookSession, height: int):
        super().__init__(files=read_files(), height=height)
        self._session = session
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_msg(self._receive)

    @property
    def network(self) -> Network:
        """The network of the first run in the page, at its present step."""
        return self._session.runs[0].network

    @property
    def settings(self) -> Settings:
        """The settings of that run."""
        return self._session.runs[0].settings

    def _receive(self, widget: Any, content: dict[str, Any], buffers: Any) -> None:
        """Take a message of the page, within the event loop of the kernel."""
        session = self._session
        if self._conversation is None:
            if isinstance(session, Watched):
                session.post = asyncio.get_running_loop().call_soon_threadsafe
            self._conversation = Conversation(session, self._transmit)
            self._conversation.start()
        session.exchange()
        gone = Play(playing=False, speed=session.speed).model_dump_json()
        self._begin(self._conversation.receive(content.get("text", gone)))

    async def _transmit(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self.send({"text": message})
        else:
            self.send({}, buffers=[message])

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Run it in the event loop, which keeps no reference of its own."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """End training, and remove the page."""
        if self._conversation is not None:
            self._session.release()
            self._begin(self._conversation.stop())
            self._conversation = None
        super().close()


class Playground(PageWidget):
    """The page of ``deltaprop playground`` in a notebook. It needs ``pip install 'deltaprop[notebook]'``.

    Parameters
    ----------
    height : int
        Of the page, in pixels.
    **settings
        As of `deltaprop.playground.Settings`.

    Raises
    ------
    InputError
        If anywidget is not installed, or the settings do not fit together.

    Examples
    --------
    The last line of a cell shows the page; other cells have its network:

    >>> page = Playground(data={"name": "xor"}, layers=[{"units": 4}], optimizer="sgd")
    >>> page.settings.data.name, page.network.theta.size
    ('xor', 17)
    """

    def __init__(self, height: int = HEIGHT, **settings: Any):
        try:
            chosen = Settings.model_validate(settings)
        except ValidationError as error:
            raise Invalid(error, "settings") from error
        super().__init__(NotebookSession(Run.start(chosen)), height)


def watch(network: Network, x: Any, t: Any, height: int = HEIGHT, **training: Any) -> PageWidget:
    """Show a network while it trains in the playground, in a notebook; what it learns is in ``network.theta``.

    Weights that the network gets elsewhere, from ``network.fit`` or by hand, are shown as a new run, which can be
    undone. While the page shows something else (other data, layers, features or another loss, a lesson, a saved state),
    the network keeps its weights. Watching a network again closes the widget before.

    Parameters
    ----------
    network : Network
        Two inputs, float32; at most 8 hidden layers of at most 16 units: `Dense`, normalization, activation and
        `Dropout`, in this order. Their initializers play no part: weights for another seed are drawn by the page's.
    x : array of shape (n, 2)
        Samples within the plane from −6 to 6.
    t : array of shape (n,) or (n, outputs)
        Values, or labels of at most four classes.
    height : int
        Of the page, in pixels.
    **training
        `optimizer`, `batch_size`, `order`, `l1`, `l2` and `clip_norm`, as of `deltaprop.playground.Settings`, with its
        defaults; they can be changed in the page.

    Returns
    -------
    PageWidget
        The last line of a cell shows it; ``close()`` ends it.

    Raises
    ------
    InputError
        If the page cannot show exactly this network and these samples.

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Dense, Network
    >>> x = np.random.default_rng(0).uniform(-3, 3, (200, 2))
    >>> net = Network([Dense(8), "tanh", Dense(1)], inputs=2, loss="sigmoid_cross_entropy")
    >>> page = net.watch(x, x[:, 0] * x[:, 1] > 0, optimizer="adam", batch_size=20)
    >>> page.settings.layers
    (HiddenLayer(units=8, activation='tanh', normalization='none', dropout=0.0),)
    """
    adopted = Adopted(network, x, t, training)
    if (before := _WATCHING.get(id(network))) is not None:
        before.close()
    widget = _WATCHING[id(network)] = PageWidget(Watched(adopted), height)
    return widget
