"""The playground as a widget of a notebook: the same page, driven by the kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from pydantic import ValidationError

from ..errors import InputError
from ..network import Network
from .adoption import Adopted
from .conversation import Conversation
from .files import PAGE, read_files
from .invalid import Invalid
from .run import Run
from .session import Session
from .settings import Settings

try:
    import anywidget
    import traitlets
except ModuleNotFoundError as error:
    raise InputError(
        f"Playground: {error.name} is not installed; pip install 'deltaprop[notebook]'."
    ) from error

HEIGHT = 820  # pixels


class PageWidget(anywidget.AnyWidget):
    """The page of a session. It trains while the kernel is idle, and waits while a cell runs.

    Attributes
    ----------
    network : Network
        That of the first run in the page, at its present step.
    settings : Settings
        Of that run.
    """

    _esm = (PAGE / "widget.js").read_text(encoding="utf-8")
    files = traitlets.Dict().tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    _conversation: Conversation | None = None

    def __init__(self, session: Session, height: int):
        super().__init__(files=read_files(), height=height)
        self._session = session
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_msg(self._receive)

    @property
    def network(self) -> Network:
        return self._session.runs[0].network

    @property
    def settings(self) -> Settings:
        return self._session.runs[0].settings

    def _receive(self, widget: Any, content: dict[str, Any], buffers: Any) -> None:
        """Take a message of the page, within the event loop of the kernel."""
        if self._conversation is None:
            self._conversation = Conversation(self._session, self._transmit)
            self._conversation.start()
        self._begin(self._conversation.receive(content["text"]))

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
            self._begin(self._conversation.stop())
            self._conversation = None
        super().close()


class Playground(PageWidget):
    """The page of ``deltaprop playground`` in a notebook.

    Parameters
    ----------
    height : int
        Of the page, in pixels.
    **settings
        As in `deltaprop.playground.settings.Settings`, for example ``data={"name": "xor"}, layers=[{"units": 4}]``.

    Attributes
    ----------
    network : Network
        That of the first run in the page, at its present step.
    settings : Settings
        Of that run.

    Raises
    ------
    InputError
        If anywidget is not installed, or the settings do not fit together.
    """

    def __init__(self, height: int = HEIGHT, **settings: Any):
        try:
            chosen = Settings.model_validate(settings)
        except ValidationError as error:
            raise Invalid(error, "settings") from error
        super().__init__(Session(Run.start(chosen)), height)


class Watched(Session):
    """A session that hands what it learns to a network of one's own."""

    def __init__(self, adopted: Adopted):
        super().__init__(adopted.run)
        self._adopted = adopted

    def train(self, seconds: float) -> float:
        pause = super().train(seconds)
        self._adopted.hand_over(self.runs[0])
        return pause

    def updates(self) -> list:
        self._adopted.hand_over(self.runs[0])
        return super().updates()


def watch(network: Network, x: Any, t: Any, height: int = HEIGHT, **training: Any) -> PageWidget:
    """Show a network while it trains in the playground, in a notebook; what it learns is in ``network.theta``.

    Parameters
    ----------
    network : Network
        Two inputs; hidden layers of `Dense`, normalization, activation and `Dropout`, as the page offers them.
    x : array of shape (n, 2)
        Samples within the plane from −6 to 6.
    t : array of shape (n,) or (n, outputs)
        Values, or labels of at most four classes.
    height : int
        Of the page, in pixels.
    **training
        `batch_size`, `optimizer`, `clip_norm` and so on, as in `deltaprop.playground.settings.Settings`; they can be
        changed in the page.

    Raises
    ------
    InputError
        If the page cannot show the network or the samples.
    """
    return PageWidget(Watched(Adopted(network, x, t, training)), height)
