"""The pages that are open: each with its session, which outlives a reload."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from . import messages
from .complaints import Complaint
from .conversation import Conversation, Turns
from .run import Run
from .session import Session

MAX_PAGES = 16
AWAY = 900.0  # seconds for which a session waits for its page to come back
IDLE = 14_400.0  # seconds after which a page that asks for nothing is let go

#: Takes a message for the page; ends its connection and says why.
Send = Callable[[str | bytes], Awaitable[None]]
Close = Callable[[Complaint], Awaitable[None]]


class Page:
    """A session and the connection to its page, one at a time."""

    def __init__(self, session: Session):
        self.session = session
        self.left = time.monotonic()  # when the last connection ended
        self.expected = False  # whether a connection is about to come
        self._conversation: Conversation | None = None
        self._close: Close | None = None
        self._changing = asyncio.Lock()

    @property
    def is_away(self) -> bool:
        return self._conversation is None

    async def connect(self, send: Send, close: Close, turns: Turns) -> Conversation:
        """Go on over a new connection, which takes the place of an older one."""
        self.expected = False
        async with self._changing:
            if self._conversation and self._close:
                await self._conversation.stop()
                with contextlib.suppress(TimeoutError):  # a page that does not read is not waited for
                    await asyncio.wait_for(self._close(Complaint("taken")), 1.0)
            self._conversation, self._close = Conversation(self.session, send, turns), close
            self._conversation.start()
            return self._conversation

    async def disconnect(self, conversation: Conversation) -> None:
        """That connection has ended; the session rests until its page comes back."""
        async with self._changing:
            await conversation.stop()
            if conversation is self._conversation:
                self._conversation = self._close = None
                self.left = time.monotonic()

    async def let_go(self) -> None:
        """End the connection of a page that has not asked for anything for long."""
        if self._conversation and self._close and self._conversation.heard < time.monotonic() - IDLE:
            await self._close(Complaint("idle"))


class Pages:
    """All pages of a server, at most `MAX_PAGES`.

    Parameters
    ----------
    first : Run, optional
        What a new page begins with.
    """

    def __init__(self, first: Run | None = None):
        self._first = first
        self._pages: dict[str, Page] = {}
        self._opening = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._pages)

    async def open(self, hello: messages.Hello) -> Page:
        """The page that comes back, or a new one; Complaint if there are too many."""
        async with self._opening:  # one after the other, so that they are counted
            page = self._pages.get(hello.session or "")
            if page is None:
                self._make_room()
                page = Page(await asyncio.to_thread(self._session))
                self._pages[page.session.name] = page
            page.expected, page.left = True, time.monotonic()
            return page

    async def sweep(self) -> None:
        """Forget sessions whose page has not come back, and let idle pages go."""
        for name, page in list(self._pages.items()):
            if page.is_away and page.left < time.monotonic() - AWAY:
                del self._pages[name]
            await page.let_go()

    def _session(self) -> Session:
        return Session(self._first and self._first.fork())

    def _make_room(self) -> None:
        away = [name for name, page in self._pages.items() if page.is_away and not page.expected]
        if len(self._pages) >= MAX_PAGES and away:
            del self._pages[min(away, key=lambda name: self._pages[name].left)]
        if len(self._pages) >= MAX_PAGES:
            raise Complaint("too_many_pages", most=MAX_PAGES)
