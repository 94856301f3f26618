"""A page that is slow, absent or demanding does not disturb the training, nor other pages."""

import asyncio
import functools
import json
import threading

from deltaprop.playground import conversation, handlers
from deltaprop.playground.conversation import Conversation, Turns
from deltaprop.playground.run import Run
from deltaprop.playground.session import Session
from deltaprop.playground.settings import Data, HiddenLayer, Settings

SMALL = Settings(data=Data(name="moons", samples=40), layers=(HiddenLayer(units=3),))
SECONDS = 60  # until a test that hangs is ended


class Browser:
    """Receives what a conversation sends; stops to do so while `reading` is not set."""

    def __init__(self, session=None, turns=None):
        self.received: list[str | bytes] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self.session = session or Session(Run.start(SMALL))
        self.session.updates()
        self.conversation = Conversation(self.session, self.send, turns)
        self.conversation.start()

    async def send(self, message):
        await self.reading.wait()
        self.received.append(message)

    async def ask(self, kind, **fields):
        await self.conversation.receive(json.dumps({"kind": kind, **fields}))

    @property
    def frames(self):
        return [message for message in self.received if isinstance(message, bytes)]

    @property
    def replies(self):
        return [json.loads(message) for message in self.received if isinstance(message, str)]

    @property
    def run(self):
        return self.session.runs[0]


async def until(condition):
    while not condition():
        await asyncio.sleep(0.002)


def in_a_loop(test):
    """Run the coroutine function with a time limit, so that a deadlock is a failure."""

    @functools.wraps(test)
    def run(**fixtures):
        asyncio.run(asyncio.wait_for(test(**fixtures), SECONDS))

    return run


@in_a_loop
async def test_a_page_that_does_not_read_slows_nothing_and_fills_nothing():
    page = Browser()
    await page.ask("play", playing=True)
    page.reading.clear()
    asking = [asyncio.create_task(page.ask("frame")) for _ in range(50)]
    await until(lambda: page.run.step > 2_000)
    assert len(page.conversation._outbox) <= 2
    page.reading.set()
    await asyncio.gather(*asking)
    await until(lambda: page.frames)
    await page.conversation.stop()
    assert len(page.frames) <= 3  # not one for each request


@in_a_loop
async def test_each_frame_is_the_newest():
    page = Browser()
    await page.ask("play", playing=True)
    for count in range(1, 6):
        await page.ask("frame")
        await until(lambda count=count: len(page.frames) == count)
    await page.conversation.stop()
    headers = [json.loads(f[4 : 4 + int.from_bytes(f[:4], "little")]) for f in page.frames]
    steps = [header["runs"][0]["step"] for header in headers]
    assert steps == sorted(set(steps))
    assert all(header["playing"] for header in headers)


@in_a_loop
async def test_pages_train_in_turns(monkeypatch):
    """Turns come in the order in which they are asked for, and are shorter where many ask."""
    taken: list[tuple[int, float]] = []
    turns = Turns()
    pages = [Browser(turns=turns) for _ in range(4)]
    for i, page in enumerate(pages):
        monkeypatch.setattr(page.session, "train", lambda seconds, i=i: taken.append((i, seconds)) or 0.0)
        await page.ask("play", playing=True)
    first = len(taken)
    await until(lambda: len(taken) > first + 100)
    for page in pages:
        await page.conversation.stop()
    counts = [[i for i, _ in taken[first:]].count(i) for i in range(4)]
    assert max(counts) <= min(counts) + 8
    assert taken[0][1] == conversation.SLICE
    assert conversation.SLICE / 4 <= min(seconds for _, seconds in taken) < conversation.SLICE


@in_a_loop
async def test_a_long_request_of_one_page_does_not_hold_up_another(monkeypatch):
    turns, held = Turns(), threading.Event()
    slow, other = Browser(turns=turns), Browser(turns=turns)
    monkeypatch.setitem(handlers.HANDLERS, "step", lambda session, request: held.wait() and [])
    await slow.ask("play", playing=True)
    await other.ask("play", playing=True)
    waiting = asyncio.create_task(slow.ask("step", unit="epoch"))
    before = other.run.step
    await until(lambda: other.run.step > before + 1000)
    held.set()
    await waiting
    for page in (slow, other):
        await page.conversation.stop()


@in_a_loop
async def test_jobs_run_beside_the_training_and_only_the_newest_waits(monkeypatch):
    page, held, made = Browser(), threading.Event(), []

    def look(session, request):
        def make(number=request.run):
            held.wait()
            made.append(number)
            return handlers.m.Verdict(right=True, text="")

        return [handlers.Job("curvature", make)]

    monkeypatch.setitem(handlers.HANDLERS, "curvature", look)
    await page.ask("play", playing=True)
    for number in (0, 0, 0, 1):
        await page.ask("curvature", run=number)
    before = page.run.step
    await until(lambda: page.run.step > before + 1000)
    held.set()
    await until(lambda: len(made) == 2)
    await page.conversation.stop()
    assert made == [0, 1]


@in_a_loop
async def test_a_job_or_training_that_fails_is_a_trouble(monkeypatch, caplog):
    page = Browser()

    def broken(*arguments):
        raise RuntimeError("secret")

    monkeypatch.setitem(handlers.HANDLERS, "slice", lambda session, request: [handlers.Job("slice", broken)])
    await page.ask("slice")
    await until(lambda: page.replies)
    monkeypatch.setattr(page.session, "train", broken)
    await page.ask("play", playing=True)
    await until(lambda: len(page.replies) == 4)
    monkeypatch.setattr(page.session, "frame", broken)
    await page.ask("frame")
    await until(lambda: len(page.replies) == 5)
    await page.conversation.stop()
    assert [(r["kind"], r.get("about", r.get("playing"))) for r in page.replies] == [
        ("trouble", "slice"),
        ("session", True),
        ("trouble", "play"),
        ("session", False),
        ("trouble", "frame"),
    ]
    assert "secret" not in str(page.replies)
    assert caplog.text.count("RuntimeError: secret") == 3


@in_a_loop
async def test_a_session_rests_when_its_conversation_has_stopped():
    page = Browser()
    await page.ask("play", playing=True)
    await until(lambda: page.run.step > 0)
    await page.conversation.stop()
    step = page.run.step
    await page.ask("step", unit="batch")
    await asyncio.sleep(3 * conversation.SLICE)
    assert page.run.step == step
    again = Browser(page.session)  # and goes on with another
    await until(lambda: page.run.step > step)
    await again.conversation.stop()


@in_a_loop
async def test_a_connection_that_breaks_ends_nothing_else():
    page = Browser()

    async def broken(message):
        raise ConnectionError

    page.conversation._send = broken
    await page.ask("play", playing=True)
    await page.ask("frame")
    await until(lambda: page.run.step > 1000)
    await page.conversation.stop()


@in_a_loop
async def test_what_training_changes_is_told_without_a_request():
    page = Browser()
    page.run.advance(100)
    page.run.change(SMALL.model_copy(update={"l2": 0.1}))
    page.run.advance(100)
    page.run.go_to(50)
    page.session.updates()
    await page.ask("play", playing=True)
    await until(lambda: any(reply["kind"] == "run" for reply in page.replies))
    await page.conversation.stop()
    assert [reply["settings"]["l2"] for reply in page.replies if reply["kind"] == "run"] == [0.1]
