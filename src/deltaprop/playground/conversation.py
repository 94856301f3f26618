"""A page and its session: requests are answered, training goes on, frames are sent when the page is ready for them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from .handlers import Job, Reply, answer, trouble
from .session import Session

log = logging.getLogger(__name__)

SLICE = 0.02  # seconds of training at a time, of one session alone


class Turns:
    """Sessions train in turns, `slots` at a time; the more there are, the shorter is each turn."""

    def __init__(self, slots: int = 1):
        self._slots, self._count, self._waiting = asyncio.Semaphore(slots), slots, 0

    async def __aenter__(self) -> float:
        """Wait for a turn; returns its length in seconds."""
        self._waiting += 1
        await self._slots.acquire()
        return SLICE * min(1.0, self._count / self._waiting)

    async def __aexit__(self, *error: object) -> None:
        self._waiting -= 1
        self._slots.release()


class Conversation:
    """Drives a session for one page, over any connection.

    What takes time runs in threads, one at a time for a session. Nothing piles up: the next request is read when the
    page has taken the replies to the last, and a frame is made when the page has asked for one and is not still
    receiving. Training does not wait for the page.

    Parameters
    ----------
    session : Session
    send : coroutine function
        Takes a message for the page: text, or the bytes of a frame.
    turns : Turns, optional
        With other sessions.
    """

    def __init__(
        self,
        session: Session,
        send: Callable[[str | bytes], Awaitable[None]],
        turns: Turns | None = None,
    ):
        self.session = session
        self.heard = time.monotonic()  # when the page last asked for something
        self._send, self._turns = send, turns or Turns()
        self._lock = asyncio.Lock()
        self._news = asyncio.Event()
        self._stopped = False
        self._outbox: deque[str | bytes] = deque()
        self._jobs: dict[str, Job] = {}
        self._sending: asyncio.Task[None] | None = None
        self._computing: asyncio.Task[None] | None = None
        self._playing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to train and to send frames; within a running event loop."""
        self._playing = asyncio.create_task(self._play())

    async def stop(self) -> None:
        """End; the session is then at rest and can be continued by another conversation."""
        self._stopped = True
        self._news.set()
        self._jobs.clear()
        if self._playing:
            await self._playing
        async with self._lock:
            pass

    async def receive(self, text: str) -> None:
        """Answer a message of the page; returns when the page has taken the replies."""
        self.heard = time.monotonic()
        async with self._lock:
            if self._stopped:
                return
            self._put(await asyncio.to_thread(answer, self.session, text))
        self._news.set()
        if self._sending:
            await self._sending

    async def _play(self) -> None:
        """Show what is new, and train in turns with other sessions."""
        while not self._stopped:
            self._news.clear()
            pause = None
            if self.session.playing or self.session.wanted:
                async with self._lock:
                    if self._sending is None:
                        self._put(await asyncio.to_thread(self._show))
            if self.session.playing:
                async with (
                    self._lock,
                    self._turns as seconds,
                ):  # what a request takes keeps no turn from other sessions
                    pause = await self._train(seconds)
            if pause != 0.0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), pause)

    async def _train(self, seconds: float) -> float | None:
        """Train for so long; returns for how long there is nothing to do, None: until the page asks for something."""
        session = self.session
        if not session.playing:
            return None
        try:
            return await asyncio.to_thread(session.train, seconds)
        except Exception as error:
            session.playing = False
            self._put([trouble(session, "play", error), *session.updates()])
            return None

    def _show(self) -> list[Reply | bytes]:
        """What has changed, and a frame if the page waits for one."""
        session = self.session
        try:
            frame = session.frame()
        except Exception as error:
            frame, session.wanted = None, None
            return [trouble(session, "frame", error)]
        return [*session.updates(), *([frame] if frame else [])]

    def _put(self, messages: Sequence[Reply | bytes]) -> None:
        for message in messages:
            if isinstance(message, Job):
                self._jobs[message.about] = message  # a newer one takes the place of one that has not begun
            else:
                self._outbox.append(message if isinstance(message, bytes) else message.model_dump_json())
        if self._jobs and self._computing is None:
            self._computing = asyncio.create_task(self._compute())
        if self._outbox and self._sending is None:
            self._sending = asyncio.create_task(self._drain())

    async def _compute(self) -> None:
        while self._jobs:
            job = self._jobs.pop(next(iter(self._jobs)))
            try:
                reply = await asyncio.to_thread(job.make)
            except Exception as error:
                reply = trouble(self.session, job.about, error)
            self._put([reply])
        self._computing = None

    async def _drain(self) -> None:
        try:
            while self._outbox:
                await self._send(self._outbox.popleft())
        except Exception:
            log.exception("the page could not be sent to")
        self._outbox.clear()
        self._sending = None
        self._news.set()
