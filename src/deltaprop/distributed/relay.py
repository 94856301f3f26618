"""A relay between JAX's client of its coordination service and the service in process 0.

When the service is gone, JAX ends the process at once, with pages of its own log. Behind the relay its client notices
nothing before its heartbeats time out, and who is gone is said in one line before that.
"""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter


async def relay(host: str, port: int) -> asyncio.Server:
    """A server on a loopback port of the system's choice that passes connections on to `port` of `host`."""

    async def connect(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            their_reader, their_writer = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()  # the client tries again
            return
        try:
            await asyncio.gather(_copy(reader, their_writer), _copy(their_reader, writer))
        except asyncio.CancelledError:
            pass  # the session ends; asyncio would report it
        finally:
            writer.close()
            their_writer.close()

    return await asyncio.start_server(connect, "127.0.0.1", 0)


async def _copy(reader: StreamReader, writer: StreamWriter) -> None:
    """Pass on what comes, until it ends; the other side is not told."""
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
