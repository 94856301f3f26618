"""A relay between JAX's client of its coordination service and the service in process 0.

When the service is gone, JAX ends the process at once, with pages of its own log. Behind the relay its client notices
nothing before its heartbeats time out, and who is gone is said in one line before that.
"""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress


async def relay(host: str, port: int) -> int:
    """The loopback port on which connections to `port` of `host` are now accepted."""

    async def connect(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            their_reader, their_writer = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()  # the client tries again
            return
        with suppress(asyncio.CancelledError):  # at the end; asyncio would report it
            await asyncio.gather(_copy(reader, their_writer), _copy(their_reader, writer))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    return server.sockets[0].getsockname()[1]


async def _copy(reader: StreamReader, writer: StreamWriter) -> None:
    """Pass on what comes, until it ends; the other side is not told."""
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
