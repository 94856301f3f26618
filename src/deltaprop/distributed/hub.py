"""Process 0's hub: it brings the processes together, passes on what they exchange, and notices who is gone.

Every process, process 0 too, has one connection to it. Once all have come it listens no more.
"""

from __future__ import annotations

import asyncio
import json
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import Any

from . import frames
from .peer import Peer, watch

#: The first frame of a process begins so; another number is another version of the protocol.
GREETING = "deltaprop 1"

#: What an exchange is for: its first byte. Processes that meet in different ones have parted ways.
GATHER, BROADCAST, STOP = b"g", b"b", b"s"
PURPOSES = {GATHER: "a gather", BROADCAST: "a broadcast", STOP: "its end"}

#: Seconds for a first frame.
PATIENCE = 5.0
#: Seconds in which others may fail too, each with a line of its own, as where all were given the same false setting.
TOGETHER = 0.5
#: Seconds for which the hub waits until all others have ended.
LINGER = 2.0


class Hub:
    """The connections of `processes` processes; `facts` is what each is told when all have come."""

    def __init__(self, processes: int, silence: float, facts: Mapping[str, Any]) -> None:
        self.processes, self.silence, self.facts = processes, silence, facts
        self.peers: dict[int, Peer] = {}
        self.offers: dict[int, bytes] = {}
        self.gone: set[Peer] = set()
        self.complete = asyncio.Event()
        self.judged, self.judging = False, asyncio.Lock()

    async def run(self, listener: socket.socket, timeout: float) -> None:
        """Wait for all processes, then watch over them; those that came are told who did not."""
        server = await asyncio.start_server(self._greet, sock=listener)
        try:
            await asyncio.wait_for(self.complete.wait(), timeout)
        except TimeoutError:
            missing = [i for i in range(self.processes) if i not in self.peers]
            line = (
                f"start: of {self.processes} processes {len(missing)} did not come within {timeout:g} s (number "
                f"{', '.join(map(str, missing[:10]))}{', …' if len(missing) > 10 else ''}), expected all; start all "
                "with the same coordinator, and check that their machines reach it."
            )
            self._tell(frames.REFUSAL, line.encode())
            return
        finally:
            server.close()
        hosts = [self.peers[i].host for i in range(self.processes)]
        self._tell(frames.WELCOME, json.dumps({**self.facts, "hosts": hosts}).encode())
        await watch(self._watched, self.silence, self._lost)

    def _tell(self, kind: bytes, body: bytes) -> None:
        for peer in self.peers.values():
            peer.send(kind, body)

    def _watched(self) -> list[Peer]:
        return [peer for peer in self.peers.values() if peer not in self.gone]

    async def _greet(self, reader: StreamReader, writer: StreamWriter) -> None:
        """A new connection: that of a process, if its first frame says so."""
        try:
            kind, body = await asyncio.wait_for(frames.read(reader, frames.SHORT), PATIENCE)
            hello = json.loads(body)
            if kind != frames.HELLO or hello["greeting"] != GREETING:
                raise ValueError(kind)
            peer = Peer(int(hello["process"]), frames.text(str(hello["host"]).encode())[:100], reader, writer)
            processes = int(hello["processes"])
        except Exception:  # a stranger, which may send anything
            writer.close()
            return
        refusal = self._refusal(peer, processes)
        if refusal:
            peer.send(frames.REFUSAL, refusal.encode())
            writer.close()
            return
        self.peers[peer.number] = peer
        if len(self.peers) == self.processes:
            self.complete.set()
        with suppress(asyncio.CancelledError):  # at the end; asyncio would report it
            await self._serve(peer)

    def _refusal(self, peer: Peer, processes: int) -> str | None:
        if processes != self.processes:
            return (
                f"start: processes is {processes} at {peer}, expected {self.processes}, as at process 0; start all "
                "with the same number."
            )
        if peer.number in self.peers or not 0 <= peer.number < processes:
            return (
                f"start: process_id is {peer.number} at {peer.host}, expected one that is not taken, as at "
                f"{self.peers.get(peer.number, 'no process')}; give each process a number of its own."
            )
        return None

    async def _serve(self, peer: Peer) -> None:
        """Read what a process sends, until its connection ends."""
        try:
            while True:
                kind, body = await peer.receive(frames.LARGEST + 1)
                if kind == frames.OFFER:
                    self._offer(peer, body)
                elif kind == frames.FAILURE:
                    await self._judge(f"{peer} ended: {frames.text(body)}", failed=peer)
                elif kind == frames.BYE:
                    self.gone.add(peer)
                    if len(self.gone) == self.processes:
                        self._tell(frames.BYE, b"")
        except frames.Closed:
            if not self.complete.is_set():
                del self.peers[peer.number]  # it may come again
            elif peer not in self.gone:
                self.gone.add(peer)
                await self._judge(f"{peer} died: its connection ended.")
        finally:
            peer.writer.close()

    def _offer(self, peer: Peer, body: bytes) -> None:
        """One process's part of an exchange; the last one's completes it."""
        self.offers[peer.number] = body
        if len(self.offers) < self.processes:
            return
        offers = [self.offers.pop(i) for i in range(self.processes)]
        other = next((i for i in range(self.processes) if offers[i][:1] != offers[0][:1]), None)
        if other is None:
            self._tell(frames.RESULT, frames.join(offers))
            return
        doing = [
            f"{self.peers[i]} is at {PURPOSES.get(offers[i][:1], 'an unknown exchange')}" for i in (0, other)
        ]
        self._end(f"{doing[0]}, but {doing[1]}: the processes do not run the same program.")

    def _lost(self, peer: Peer) -> None:
        self.gone.add(peer)
        line = f"{peer} does not answer: no sign of life for {self.silence:g} s."
        peer.send(frames.VERDICT, line.encode())  # for when it wakes up
        self._end(line)

    def _end(self, line: str) -> None:
        self._ending = asyncio.ensure_future(self._judge(line))  # a reference: tasks are kept weakly

    async def _judge(self, line: str, failed: Peer | None = None) -> None:
        """End all processes with one line; one that failed has its own, and is told when all others know."""
        if failed is not None:
            self.gone.add(failed)
            await asyncio.sleep(TOGETHER)
        async with self.judging:
            if not self.judged:
                self.judged = True
                await self._end_others(line)
        if failed is not None:
            failed.send(frames.BYE)

    async def _end_others(self, line: str) -> None:
        """Process 0 is the last: with it, what is still under way to others would be lost."""
        others = [peer for peer in self._watched() if peer.number]
        for peer in others:
            peer.send(frames.VERDICT, line.encode())
        deadline = monotonic() + LINGER
        while not self.gone.issuperset(others) and monotonic() < deadline:
            await asyncio.sleep(0.01)
        if self.peers[0] not in self.gone:
            self.peers[0].send(frames.VERDICT, line.encode())
