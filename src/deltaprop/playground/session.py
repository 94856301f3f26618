"""One page: its runs, what may be undone, and whether it trains; no socket and no thread."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from .. import __version__
from ..errors import InputError
from . import lessons, messages
from .complaints import Complaint
from .describe import run_state
from .frames import Frames
from .run import Run, advance_for
from .settings import Settings
from .table import Table

MAX_UNDO = 50
MAX_BYTES = 100_000_000  # of what can be undone
TABLE_BYTES = 10  # that a table takes for a character of its file
TOGETHER = 1.0  # seconds within which changes of the same thing are undone as one
LONGEST = 5.0  # seconds of training that one request may ask for


class Undoable(NamedTuple):
    """What is undone or redone at once."""

    runs: tuple[Run, ...]
    table: Table | None
    lesson: str | None


class Session:
    """The state of one page.

    Attributes
    ----------
    name : str
        Known to the page alone.
    runs : list of Run
        One, or two that train side by side.
    table : Table or None
        A table of one's own.
    lesson : str or None
        Name of the present lesson.
    playing : bool
        Whether it trains.
    speed : float or None
        Steps a second; None: as fast as possible.
    language : "en" or "zh"
    wanted : messages.Frame or None
        The page's request for a frame, until there is something new for it.
    """

    def __init__(self, run: Run | None = None):
        self.name = secrets.token_urlsafe(12)
        self.runs = [run or Run.start(Settings())]
        self.table, self.lesson = self.runs[0].table, None
        self.language: messages.Language = "en"
        self._described: tuple[Table | None, Any] = (None, None)
        self.play(False, messages.SPEED)
        self._undo: list[Undoable] = []
        self._redo: list[Undoable] = []
        self._latest: tuple[Any, float] = (None, 0.0)  # what was changed last, and when
        self.forget_page()

    def refresh(self) -> None:
        """Take over what has changed outside of the page, before a request is answered; here nothing does."""

    # -- training ----

    def play(self, playing: bool, speed: float | None) -> None:
        self.playing, self.speed = playing, speed
        self._due, self._clock = 0.0, time.monotonic()  # steps that the speed allows, up to when

    def train(self, seconds: float) -> float:
        """Train for about that long at most; returns for how many seconds there is nothing to do."""
        if self.speed is None:
            self._advance(seconds)
            return 0.0
        now = time.monotonic()
        self._due, self._clock = self._due + (now - self._clock) * self.speed, now
        steps = int(self._due)
        self._due -= steps  # steps for which there is no time are left out, not caught up
        if steps:
            self._advance(seconds, steps)
        return max(seconds, (1 - self._due) / self.speed)

    def _advance(self, seconds: float, most: int | None = None) -> None:
        """Let all runs take the same number of steps, as many as the time allows; stop where none can go on."""
        advance_for(self.runs, seconds, most)
        self.playing = self.playing and any(run.trouble is None for run in self.runs)

    def move(self, unit: str, count: int) -> None:
        """By steps, or to the next end of an epoch and further by epochs; negative: back."""
        if unit == "epoch" and count:
            fit, whole = self.runs[0].fit, self.runs[0].steps_per_epoch
            left = fit.to_epoch_end()
            count = (count - 1) * whole + left if count > 0 else count * whole + left % whole
        if count > 0:
            self._advance(LONGEST, count)
        elif count < 0:
            for run in self.runs:
                run.go_to(run.step + count)

    def go_to(self, step: int) -> None:
        for run in self.runs:
            run.go_to(step)

    # -- changes, and back ----

    def run(self, index: int) -> Run:
        if index >= len(self.runs):
            raise Complaint("one_run")
        return self.runs[index]

    @contextmanager
    def change(self, *what: Any) -> Iterator[None]:
        """A change that can be undone.

        An `InputError` is raised before anything has changed; after any other error the state before is restored.
        Changes of the same thing, `what`, that follow each other quickly, as those of a slider, are undone as one.
        """
        now, (latest, then) = time.monotonic(), self._latest
        together = bool(what) and what == latest and now - then < TOGETHER
        before = self._undoable()
        try:
            yield
        except InputError:
            raise
        except BaseException:
            self._restore(before)
            raise
        self._latest = (what, now)
        self._redo.clear()
        if not together:
            _remember(self._undo, before)

    def undo(self) -> None:
        self._swap(self._undo, self._redo)

    def redo(self) -> None:
        self._swap(self._redo, self._undo)

    def _swap(self, source: list[Undoable], target: list[Undoable]) -> None:
        if source:
            _remember(target, Undoable(tuple(self.runs), self.table, self.lesson))
            self._restore(source.pop())
            self._latest = (None, 0.0)

    def _undoable(self) -> Undoable:
        return Undoable(tuple(run.fork() for run in self.runs), self.table, self.lesson)

    def _restore(self, before: Undoable) -> None:
        self.runs, self.table, self.lesson = list(before.runs), before.table, before.lesson

    # -- what the page is told ----

    def forget_page(self) -> None:
        """Begin with a page that knows nothing: the next updates and the next frame are complete."""
        self.wanted: messages.Frame | None = None
        self._frames = Frames()
        self._drawn: tuple[Any, ...] | None = None
        self._told: messages.Session | None = None
        self._shown: list[tuple[Any, ...]] = []
        self._taught: tuple[str | None, str] = (None, self.language)  # the lesson that the page has

    def updates(self) -> list[messages.Message]:
        """Session, runs and lesson, as far as they have changed since the page was told."""
        replies: list[messages.Message] = []
        state = self._state()
        if state != self._told:
            replies.append(state)
        shown = [_parts(run) for run in self.runs]
        for i, (run, parts) in enumerate(zip(self.runs, shown, strict=True)):
            if i >= len(self._shown) or not _same(parts, self._shown[i]):
                replies.append(run_state(run, i))
        if self.lesson and (self.lesson, self.language) != self._taught:
            replies.append(lessons.describe(self.lesson, self.language))
        self._told, self._shown, self._taught = state, shown, (self.lesson, self.language)
        return replies

    def frame(self) -> bytes | None:
        """The frame that the page is waiting for, if there is something new in it."""
        if self.wanted is None:
            return None
        large = self.wanted.large
        steps = [(run.step, run.newest) for run in self.runs]
        seen = (self.playing, large, steps, [_parts(run) for run in self.runs])
        known = self._drawn
        if known is not None and seen[:3] == known[:3] and all(map(_same, seen[3], known[3])):
            return None
        self._drawn, self.wanted = seen, None
        return self._frames.build(self.runs, self.playing, large)

    def _state(self) -> messages.Session:
        if self._described[0] is not self.table:
            self._described = self.table, self.table and self.table.describe()
        troubles = [run.trouble.text(self.language) for run in self.runs if run.trouble is not None]
        return messages.Session(
            session=self.name,
            version=__version__,
            runs=len(self.runs),
            playing=self.playing,
            speed=self.speed,
            undo=bool(self._undo),
            redo=bool(self._redo),
            table=self._described[1],
            lesson=self.lesson,
            message=" ".join(dict.fromkeys(troubles)),
        )


def _parts(run: Run) -> tuple[Any, ...]:
    """What the page is shown of a run, besides what changes with every step."""
    return run, run.settings, run.problem, run.timeline.segments[-1]


def _same(some: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    """Whether these are the same objects; arrays in them are not compared."""
    return all(a is b for a, b in zip(some, others, strict=True))


def _remember(stack: list[Undoable], latest: Undoable) -> None:
    """Add what can be undone; the oldest go where they are too many, or take too much memory."""
    stack.append(latest)
    del stack[:-MAX_UNDO]
    while len(stack) > 1 and _size(stack) > MAX_BYTES:
        del stack[0]


def _size(stack: list[Undoable]) -> int:
    """Bytes of the past of all runs in it, with their samples and tables; what they share is counted once."""
    sizes: dict[int, int] = {}
    for run in (run for undoable in stack for run in undoable.runs):
        for segment in run.timeline.segments:
            sizes[id(segment.start)] = segment.start.size
            sizes[id(segment.problem)] = segment.problem.size
        sizes |= {id(m): m.size for m in run.timeline.moments}
    tables = [undoable.table for undoable in stack] + [
        run.table for undoable in stack for run in undoable.runs
    ]
    sizes |= {id(table): TABLE_BYTES * len(table.text) for table in tables if table is not None}
    return sum(sizes.values())
