"""A server in a thread of this process, and pages in Chromium that are watched for errors."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from deltaprop.playground.server import MAX_BYTES, Server
from deltaprop.playground.session import Session

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
TOKEN = "0123456789abcdef0123456789abcdef"
WAIT = 20_000  # milliseconds; no test waits that long unless something is wrong
READY = "#playground[data-ready]"


class Serving:
    """The server of ``deltaprop playground`` in a thread."""

    def __init__(self, port: int = 0, first: Any = None):
        self.listening = socket.create_server(("127.0.0.1", port))
        self.port = self.listening.getsockname()[1]
        self.server = Server(TOKEN, "127.0.0.1", first)
        config = uvicorn.Config(
            self.server.app,
            log_config=None,
            ws="websockets-sansio",
            ws_max_size=MAX_BYTES,
            timeout_graceful_shutdown=1,
        )
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.run(self._uvicorn.serve(sockets=[self.listening]))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/{TOKEN}/"

    def session(self, page: Page) -> Session:
        """The session of a page."""
        return self.server.pages._pages[page.evaluate("playground.session.session")].session

    def stop(self) -> None:
        self._uvicorn.should_exit = True
        self._thread.join(10)
        self.listening.close()


class Machine:
    """One browser and one server for all tests, started when the first needs them."""

    def __init__(self):
        self.playwright: Playwright | None = None

    def start(self) -> Machine:
        if self.playwright is None:
            self.serving = Serving()
            self.playwright = sync_playwright().start()
            self.browser: Browser = self.playwright.chromium.launch(executable_path=PROGRAM, args=OPTIONS)
        return self

    def stop(self) -> None:
        if self.playwright is not None:
            self.browser.close()
            self.playwright.stop()
            self.playwright = None
            self.serving.stop()


class Watch:
    """What went wrong in a page: errors and warnings in its console, exceptions, requests that failed."""

    def __init__(self, page: Page):
        self.wrong: list[str] = []
        self.allowed: tuple[str, ...] = ()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrong.append(f"exception: {error}"))
        page.on("requestfailed", lambda request: self.wrong.append(f"failed: {request.url}"))
        page.on("response", lambda r: self.wrong.append(f"{r.status}: {r.url}") if r.status >= 400 else None)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"{message.type}: {message.text}")

    def check(self) -> None:
        wrong = [line for line in self.wrong if not any(words in line for words in self.allowed)]
        assert not wrong, wrong


def eventually(page: Page, condition: Callable[[], Any]) -> Any:
    """Wait, with the page alive, until the condition is true in this process; its value."""
    for _ in range(WAIT // 20):
        if found := condition():
            return found
        page.wait_for_timeout(20)
    raise AssertionError("it did not become true")
