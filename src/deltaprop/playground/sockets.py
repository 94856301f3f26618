"""The WebSockets of a server: each talks to one page, within bounds of size and rate."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time

from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from . import messages
from .complaints import Complaint
from .conversation import Turns
from .pages import Pages
from .run import Run

PATIENCE = 10.0  # seconds within which the first message has to come
RATE, BURST = 200.0, 400.0  # messages a second in the long run, and at once
SWEEP = 30.0  # seconds

#: Codes with which a socket is closed: another page has taken the session, or the reason given refuses this one.
TAKEN, REFUSED = 4001, 4003


class Sockets:
    """The pages of a server, and what they say to it.

    Parameters
    ----------
    first : Run, optional
        What a new page begins with.
    """

    def __init__(self, first: Run | None = None):
        self.pages = Pages(first)
        self._turns = Turns(max(1, (os.cpu_count() or 2) - 1))  # a core is left to the browser

    async def sweep(self) -> None:
        """Let go what is no longer used, again and again."""
        while True:
            await asyncio.sleep(SWEEP)
            await self.pages.sweep()

    async def talk(self, socket: WebSocket) -> None:
        """Talk to one page until it goes."""
        language = "en"

        async def send(message: str | bytes) -> None:
            with contextlib.suppress(
                RuntimeError, WebSocketDisconnect
            ):  # the page has gone: the reader will notice
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
