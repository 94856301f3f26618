"""The other end of a connection, and the watch over it: who is silent for too long is lost."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic

from . import frames


@dataclass(eq=False)
class Peer:
    """A process at the other end of a connection, and when it was last heard of."""

    number: int
    host: str
    reader: StreamReader
    writer: StreamWriter
    seen: float = field(default_factory=monotonic)

    def __str__(self) -> str:
        return f"process {self.number} ({self.host})"

    def send(self, kind: bytes, body: bytes = b"") -> None:
        """Send a frame, without waiting; a connection that is lost is noticed where it is read."""
        if not self.writer.is_closing():
            self.writer.write(frames.pack(kind, body))

    async def receive(self, longest: int) -> tuple[bytes, bytes]:
        """The next frame; any is a sign of life."""
        frame = await frames.read(self.reader, longest)
        self.seen = monotonic()
        return frame


async def watch(peers: Callable[[], Iterable[Peer]], silence: float, lost: Callable[[Peer], object]) -> None:
    """Give each peer signs of life, and call `lost` with one that gave none for `silence` seconds."""
    pause, then = silence / 10, monotonic()
    while True:
        await asyncio.sleep(pause)
        now = monotonic()
        late, then = now - then - pause, now
        if late > pause:  # this process itself stood still, and first reads what others sent meanwhile
            for peer in peers():
                peer.seen += late
            continue
        for peer in list(peers()):
            peer.send(frames.BEAT)
            if now - peer.seen > silence:
                lost(peer)
