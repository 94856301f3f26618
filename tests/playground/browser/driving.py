"""A server in a thread of this process, and pages in Chromium that are watched for errors."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from deltaprop.playground.command import listen
from deltaprop.playground.server import Server, runner
from deltaprop.playground.session import Session

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
TOKEN = "0123456789abcdef0123456789abcdef"
WAIT = 30_000  # milliseconds; nothing takes that long unless it is broken
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
READY = "#playground[data-ready]"


class Serving:
    """The server of ``deltaprop playground`` in a thread."""

    def __init__(self, port: int = 0):
        self.listening = listen("127.0.0.1", port)
        self.port = self.listening.getsockname()[1]
        self.server = Server(TOKEN, "127.0.0.1")
        self._runner = runner(self.server.app)
        self._thread = threading.Thread(
            target=self._runner.run, kwargs={"sockets": [self.listening]}, daemon=True
        )
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/{TOKEN}/"

    def session(self, page: Page) -> Session:
        """The session of a page."""
        return self.server.sockets.pages._pages[page.evaluate("playground.session.session")].session

    def stop(self) -> None:
        self._runner.should_exit = True
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
            self.watched: dict[Page, Watch] = {}
            self.shared: Page | None = None
        return self

    def open(self, address: str | None = None, **options: Any) -> Page:
        """A page of the playground."""
        page = self.bare(**options)
        page.goto(address or self.serving.address)
        page.wait_for_selector(READY)
        return page

    def bare(self, **options: Any) -> Page:
        """An empty page with a context of its own; `options` are Playwright's."""
        context = self.browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(WAIT)
        page = context.new_page()
        self.watched[page] = Watch(page)
        return page

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
        self.allowed: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._add(f"exception: {error.stack}"))
        page.on("requestfailed", lambda request: self._add(f"failed: {request.url}"))
        page.on("response", lambda r: self._add(f"{r.status}: {r.url}") if r.status >= 400 else None)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self._add(f"{message.type}: {message.text}")

    def _add(self, line: str) -> None:
        if not any(words in line for words in self.allowed):
            self.wrong.append(line)

    def check(self) -> None:
        assert not self.wrong, self.wrong


def eventually(page: Page, condition: Callable[[], Any], what: Any = "it") -> Any:
    """Wait, with the page alive, until the condition is true in this process; its value."""
    for _ in range(WAIT // 20):
        if found := condition():
            return found
        page.wait_for_timeout(20)
    raise AssertionError(f"{what} did not become true")


def start_over(page: Page) -> None:
    """The page as it is at first, but for what can be undone."""
    page.evaluate(
        """() => {
             document.querySelectorAll("dialog[open]").forEach(dialog => dialog.close());
             document.activeElement.blur();
             sessionStorage.removeItem("deltaprop-lessons-done");
             playground.open(null);
             playground.select({run: 0, unit: null, weight: null, sample: null, place: null});
             playground.select({inBatch: null, pass: null, target: null});
             playground.send({kind: "play", playing: false});
             if (playground.runs.length > 1) playground.send({kind: "fork", keep: 0});
             if (playground.runs[0].state.points_edited) playground.send({kind: "point", action: "restore"});
             playground.send({kind: "settings", settings: playground.options.defaults});
             playground.send({kind: "reset"});
             const marked = structuredClone(playground.options.defaults);
             marked.optimizer.learning_rate = 0.123;
             playground.send({kind: "settings", settings: marked});
           }"""
    )
    marked = "() => playground.runs[0].state.settings.optimizer.learning_rate === 0.123"
    eventually(page, lambda: page.evaluate(marked), "all that was asked for is done")
    page.evaluate("playground.send({kind: 'settings', settings: playground.options.defaults})")
    first = """() => playground.runs.length === 1 && playground.runs[0].frame?.newest === 0 &&
      JSON.stringify(playground.runs[0].state.settings) === JSON.stringify(playground.options.defaults)"""
    eventually(page, lambda: page.evaluate(first), "the first state")
    # now that all replies have come, among them complaints
    page.evaluate("document.querySelectorAll(':popover-open').forEach(popover => popover.hidePopover())")
