"""The server: the files of the page, and a WebSocket for each page that is open.

It answers for the files at once, while what trains is still being imported.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from .files import Files
from .security import Guard

if TYPE_CHECKING:
    from .run import Run
    from .sockets import Sockets

MAX_BYTES = 16_010_000  # of one message: four bytes for each character of the longest text, and some
THREADS = 32


class Server:
    """The application of one server.

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
        self.sockets: Sockets | None = None  # once it has been imported
        self._first = first
        routes = [WebSocketRoute("/socket", self._socket), Mount("/", Files())]
        self.app = Guard(Starlette(routes=routes, lifespan=self._lifespan), token, host)

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        threads = ThreadPoolExecutor(THREADS)
        asyncio.get_running_loop().set_default_executor(threads)
        self._loading = asyncio.create_task(asyncio.to_thread(self._load))
        sweeping = asyncio.create_task(self._sweep())
        yield
        sweeping.cancel()
        threads.shutdown(wait=False, cancel_futures=True)

    def _load(self) -> Sockets:
        from .sockets import Sockets

        self.sockets = Sockets(self._first)
        return self.sockets

    async def _sweep(self) -> None:
        await (await self._loading).sweep()

    async def _socket(self, socket: WebSocket) -> None:
        await (await self._loading).talk(socket)


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
