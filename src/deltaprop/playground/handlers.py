"""What is done for each request of the page: plain functions ``(session, request) -> replies``.

What is asked for seldom is imported when it is, so that the first picture comes soon.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from ..errors import InputError
from . import lessons, saving, share, table
from . import messages as m
from .complaints import Complaint
from .data import Points
from .invalid import Invalid
from .run import Run
from .session import Session
from .settings import Settings, begins_anew, options

log = logging.getLogger(__name__)


class Job(NamedTuple):
    """A reply that takes long to make: the session goes on meanwhile."""

    about: str
    make: Callable[[], m.Message]


Reply = m.Message | Job
Replies = Sequence[Reply]


def answer(session: Session, text: str) -> list[Reply]:
    """The replies to a message of the page: results, then what has changed. Whatever goes wrong is a `Trouble`."""
    about = "message"
    try:
        session.refresh()
        request = m.REQUEST.validate_json(text)
        about = request.kind
        replies = HANDLERS[about](session, request)
    except Exception as error:
        replies = [trouble(session, about, error)]
    return [*replies, *session.updates()]


def trouble(session: Session, about: str, error: Exception) -> m.Trouble:
    """What the page is told of an error. One that was not foreseen is told in full to the server's log alone."""
    if isinstance(error, ValidationError):
        error = Invalid(error, about, skip=1)
        about = str(next(iter(error.place), about))
    elif not isinstance(error, InputError):
        log.error("%s failed", about, exc_info=error)
        error = Complaint("no_memory" if isinstance(error, MemoryError) else "failed")
    if isinstance(error, Complaint):
        return m.Trouble(about=error.control or about, text=error.text(session.language))
    return m.Trouble(about=about, text=str(error))


# -- the page ----


def hello(session: Session, request: m.Hello) -> Replies:
    """Everything that the page must know; to a new session also what it shall begin with."""
    session.language = request.language
    session.forget_page()
    replies: list[Reply] = [m.Options(options=options() | {"lessons": lessons.titles()})]
    if request.session != session.name:
        session.play(False, request.speed)
        try:
            if request.state:
                session.runs = [share.read(text) for text in (request.state, request.second) if text]
                session.table = session.runs[0].table
                if request.kept_lesson in lessons.ORDER:
                    session.lesson = request.kept_lesson
            if request.lesson:
                start_lesson(session, m.StartLesson(name=request.lesson))
        except Exception as error:
            replies.append(trouble(session, "hello", error))
    return replies


def language(session: Session, request: m.SetLanguage) -> Replies:
    session.language = request.language
    return []


def frame(session: Session, request: m.Frame) -> Replies:
    session.wanted = request
    return []


# -- training ----


def play(session: Session, request: m.Play) -> Replies:
    session.play(request.playing, request.speed)
    return []


def step(session: Session, request: m.Step) -> Replies:
    session.play(False, session.speed)
    session.move(request.unit, request.count)
    return []


def go_to(session: Session, request: m.GoTo) -> Replies:
    session.go_to(request.step)
    return []


# -- changes ----


def settings(session: Session, request: m.Change) -> Replies:
    run = session.run(request.run)
    with session.change("settings", request.run, _differing(run.settings, request.settings)):
        if begins_anew(run.settings, request.settings):
            same_data = run.problem.edited and request.settings.data == run.settings.data
            points = run.points if same_data else None
            session.runs[request.run] = Run.start(request.settings, points, session.table)
        else:
            run.change(request.settings)
    return []


def _differing(before: Settings, after: Settings) -> tuple[str, ...]:
    """The names of what differs."""
    return tuple(name for name in type(before).model_fields if getattr(before, name) != getattr(after, name))


def undo(session: Session, request: m.Undo) -> Replies:
    session.undo()
    return []


def redo(session: Session, request: m.Undo) -> Replies:
    session.redo()
    return []


def reset(session: Session, request: m.Reset) -> Replies:
    run = session.run(request.run)
    with session.change():
        session.runs[request.run] = run.restarted(request.seed)
    return []


def point(session: Session, request: m.EditPoint) -> Replies:
    run = session.run(request.run)
    with session.change("point", request.run, request.action, request.index):
        run.edit_points(_edited(run.points, request))
    return []


def _edited(points: Points, request: m.EditPoint) -> Points | None:
    """The samples with one added, moved or removed; None: those of the settings again."""
    match request.action:
        case "add":
            return points.add(request.x, request.y, request.target, request.test)
        case "move":
            return points.move(request.index, request.x, request.y)
        case "remove":
            return points.remove(request.index)
    return None


def weight(session: Session, request: m.SetWeight) -> Replies:
    with session.change("weight", request.run, request.index):
        session.run(request.run).set_weight(request.index, request.value)
    return []


def load_table(session: Session, request: m.LoadTable) -> Replies:
    """The table, and all runs anew with it."""
    read = table.read(request.name, request.text)
    data = {"data": read.suggested, "loss": "auto"}
    runs = [Run.start(run.settings.model_copy(update=data), table=read) for run in session.runs]
    with session.change():
        session.runs, session.table = runs, read
    return []


def fork(session: Session, request: m.Fork) -> Replies:
    """A second run; or one of the two alone."""
    if request.keep is None and len(session.runs) == 2:
        raise Complaint("two_runs")
    kept = None if request.keep is None else session.run(request.keep)
    with session.change():
        session.runs = [session.runs[0], session.runs[0].fork()] if kept is None else [kept]
    return []


# -- a look inside ----


def ask(session: Session, request: m.Ask) -> Replies:
    from . import inspection

    return [inspection.numbers(session.run(request.run), request)]


def chain(session: Session, request: m.AskChain) -> Replies:
    from . import inspection

    return [inspection.chain(session.run(request.run), request)]


def spectrum(session: Session, request: m.AskCurvature) -> Replies:
    from . import curvature

    return [Job(request.kind, curvature.Landscape.of(session.run(request.run), request.run).spectrum)]


def slice_of_loss(session: Session, request: m.AskCurvature) -> Replies:
    from . import curvature

    return [Job(request.kind, curvature.Landscape.of(session.run(request.run), request.run).slice)]


# -- lessons ----


def start_lesson(session: Session, request: m.StartLesson) -> Replies:
    _, run = lessons.start(request.name)
    session.play(False, session.speed)
    with session.change():
        session.runs, session.lesson = [run], request.name
    return []


def check_answer(session: Session, request: m.Answer) -> Replies:
    if session.lesson is None:
        raise Complaint("no_lesson")
    return [lessons.check(session.lesson, request.text, session.runs[0], session.language)]


# -- to take home ----


def save(session: Session, request: m.Save) -> Replies:
    return [saving.save(session.run(request.run), request.form)]


def open_state(session: Session, request: m.Open) -> Replies:
    """A saved state in the place of what there is."""
    run = share.read(request.text)
    session.play(False, session.speed)
    with session.change():
        session.runs, session.table, session.lesson = [run], run.table or session.table, None
    return []


HANDLERS: dict[str, Callable[[Session, Any], Replies]] = {
    "hello": hello,
    "language": language,
    "frame": frame,
    "play": play,
    "step": step,
    "go": go_to,
    "settings": settings,
    "undo": undo,
    "redo": redo,
    "reset": reset,
    "point": point,
    "weight": weight,
    "table": load_table,
    "fork": fork,
    "ask": ask,
    "chain": chain,
    "curvature": spectrum,
    "slice": slice_of_loss,
    "lesson": start_lesson,
    "answer": check_answer,
    "save": save,
    "open": open_state,
}
