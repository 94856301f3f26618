"""The server: the files of the page, and a WebSocket for each page that is open."""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
import os
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from . import messages
from .complaints import Complaint
from .conversation import Turns
from .pages import MAX_PAGES, Pages
from .run import Run
from .security import Guard

FILES = Path(__file__).parent / "page"
MAX_BYTES = 4 * messages.MAX_TEXT + 10_000  # of one message
PATIENCE = 10.0  # seconds within which the first message has to come
RATE, BURST = 200.0, 400.0  # messages a second in the long run, and at once
SWEEP = 30.0  # seconds

#: Codes with which a socket is closed: another page has taken the session, or the reason given refuses this one.
TAKEN, REFUSED = 4001, 4003


class Server:
    """The application of one server, and the sessions of its pages.

    Parameters
    ----------
    token : str
        First part of every address.
    host : str, optional
        Another name than those of loopback under which it is reached.
    first : Run, optional
        What a new page begins with.
    """

    def __init__(self, token: str, host: str | None = None, first: Run | None = None):
        self.pages = Pages(first)
        mimetypes.add_type("text/javascript", ".js")  # on Windows the registry may have another
        routes = [
            WebSocketRoute("/socket", self._socket),
            Mount("/", StaticFiles(directory=FILES, html=True)),
        ]
        self.app = Guard(Starlette(routes=routes, lifespan=self._lifespan), token, host)

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        self._turns = Turns(max(1, (os.cpu_count() or 2) - 1))  # a core is left to the browser
        with ThreadPoolExecutor(2 * MAX_PAGES) as threads:
            asyncio.get_running_loop().set_default_executor(threads)
            sweeping = asyncio.create_task(self._sweep())
            yield
            sweeping.cancel()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            await self.pages.sweep()

    async def _socket(self, socket: WebSocket) -> None:
        """Talk to one page until it goes."""
        language = "en"

        async def send(message: str | bytes) -> None:
            await (socket.send_text(message) if isinstance(message, str) else socket.send_bytes(message))

        async def close(why: Complaint) -> None:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it has been closed already
                await socket.close(TAKEN if why.key == "taken" else REFUSED, why.text(language))

        await socket.accept()
        budget = Budget()
        try:
            text = await asyncio.wait_for(_receive(socket), PATIENCE)
            hello = _hello(text)
            language = hello.language
            page = await self.pages.open(hello)
            conversation = await page.connect(send, close, self._turns)
            try:
                while True:
                    await conversation.receive(text)
                    text = await _receive(socket)
                    budget.take()
            finally:
                await page.disconnect(conversation)
        except Complaint as complaint:
            await close(complaint)
        except TimeoutError:
            await close(Complaint("no_hello"))
        except WebSocketDisconnect:
            pass


def runner(app: ASGIApp) -> uvicorn.Server:
    """What answers for the application at a socket, until a signal ends it."""
    config = uvicorn.Config(
        app,
        log_config=None,  # warnings go to the terminal
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=MAX_BYTES,
        ws_per_message_deflate=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


async def _receive(socket: WebSocket) -> str:
    """The next message."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    if message.get("text") is None:
        raise Complaint("no_text")
    return message["text"]


def _hello(text: str) -> messages.Hello:
    """The first message."""
    try:
        return messages.Hello.model_validate_json(text)
    except ValidationError:
        raise Complaint("no_hello") from None


class Budget:
    """How many messages may come: `BURST` at once, and `RATE` a second in the long run."""

    def __init__(self):
        self._left, self._since = BURST, time.monotonic()

    def take(self) -> None:
        """One more has come; Complaint if it is one too many."""
        now = time.monotonic()
        self._left, self._since = min(BURST, self._left + (now - self._since) * RATE) - 1, now
        if self._left < 0:
            raise Complaint("too_fast")
