"""A process's connection to the hub: it takes part in exchanges, and ends when the hub says so or is gone."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from time import monotonic
from typing import Any, NoReturn

from ..errors import InputError
from . import frames
from .hub import GREETING
from .peer import Peer, watch

RETRY = 0.1  # seconds between two attempts to reach process 0


class Member:
    """One process among others; its coroutines run on the event loop of a thread, which the public methods call."""

    def __init__(self, loop: asyncio.AbstractEventLoop, number: int, processes: int, silence: float) -> None:
        self.loop, self.number, self.processes, self.silence = loop, number, processes, silence
        self.pending: deque[Future[list[bytes]]] = deque()
        self.ended: Future[None] = Future()
        self.leaving = False

    async def join(self, host: str, port: int, timeout: float) -> dict[str, Any]:
        """Come to the hub; the facts that it tells when all processes have come."""
        reader, writer = await self._connect(host, port, timeout)
        self.address, self.hub_address = (writer.get_extra_info(name)[0] for name in ("sockname", "peername"))
        self.hub = Peer(0, host, reader, writer)
        try:
            facts = await self._introduce(
                f"{host}:{port}", 2 * timeout
            )  # process 0 may have begun to wait later
        except BaseException:
            writer.close()
            raise
        self.hub.host = facts["hosts"][0]
        self.tasks = [
            asyncio.ensure_future(self._listen()),
            asyncio.ensure_future(watch(lambda: [self.hub], self.silence, self._lost)),
        ]
        return facts

    async def _introduce(self, place: str, patience: float) -> dict[str, Any]:
        """Say who this is; the hub answers when all have come, or its own time is over."""
        hello = {"greeting": GREETING, "process": self.number, "processes": self.processes}
        self.hub.send(frames.HELLO, json.dumps(hello | {"host": socket.gethostname()}).encode())
        try:
            kind, body = await asyncio.wait_for(self.hub.receive(frames.LARGEST), patience)
        except (frames.Closed, TimeoutError) as error:
            got = "ended the connection" if isinstance(error, frames.Closed) else "did not answer"
            raise InputError(
                f"start: process 0 at {place} {got} before all {self.processes} processes had come; see what "
                "it says, and start all again."
            ) from None
        if kind != frames.WELCOME:
            raise InputError(frames.text(body))
        return json.loads(body)

    async def _connect(
        self, host: str, port: int, timeout: float
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        deadline, why = monotonic() + timeout, "it does not answer"
        while (left := deadline - monotonic()) > 0:
            try:
                return await asyncio.wait_for(asyncio.open_connection(host, port), left)
            except TimeoutError:
                break
            except OSError as error:  # it does not listen yet, or its name is not known yet
                why = reason(error)
                await asyncio.sleep(RETRY)
        raise InputError(
            f"start: process 0 at {host}:{port} did not answer within {timeout:g} s ({why}), expected it to listen; "
            "start it, and check that its machine can be reached from this one."
        )

    async def _listen(self) -> None:
        """Read what the hub sends, until it says goodbye."""
        try:
            while True:
                kind, body = await self.hub.receive(self.processes * (frames.LARGEST + 8))
                if kind == frames.RESULT:
                    self.pending.popleft().set_result(frames.split(body))
                elif kind == frames.VERDICT:
                    end(frames.text(body))
                elif kind == frames.BYE:
                    self.leaving = True
                    break
        except frames.Closed:
            if not self.leaving:
                end(f"{self.hub} died: its connection ended.")
        self.hub.writer.close()
        self.ended.set_result(None)

    def _lost(self, hub: Peer) -> None:
        if not self.leaving:
            end(f"{hub} does not answer: no sign of life for {self.silence:g} s.")

    def exchange(self, purpose: bytes, data: bytes = b"") -> list[bytes]:
        """The data of all processes, when all have called this."""
        result: Future[list[bytes]] = Future()

        def offer() -> None:
            self.pending.append(result)
            self.hub.send(frames.OFFER, purpose + data)

        self.loop.call_soon_threadsafe(offer)
        return [part[1:] for part in result.result()]

    def leave(self, kind: bytes, body: bytes = b"", timeout: float | None = None) -> None:
        """Say goodbye, or why this process fails, and wait until the hub has told the others."""

        def say() -> None:
            self.leaving = kind == frames.FAILURE
            self.hub.send(kind, body)

        self.loop.call_soon_threadsafe(say)
        with suppress(TimeoutError):
            self.ended.result(timeout)


def reason(error: OSError) -> str:
    """What the system says, without what Python adds."""
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return (error.strerror or str(error)).lower()


def end(line: str) -> NoReturn:
    """End this process at once with one line, whatever its main thread is waiting for."""
    with suppress(OSError):
        os.write(2, f"deltaprop: {line}\n".encode())
    flush = threading.Thread(target=_flush, daemon=True)
    flush.start()
    flush.join(1.0)  # the main thread may hold the lock of the stream
    os._exit(1)


def _flush() -> None:
    with suppress(Exception):
        sys.stdout.flush()
