"""Requests of the page and their replies, without a socket."""

import json
import typing

import numpy as np
import pytest

from deltaprop.playground import handlers, lessons, session
from deltaprop.playground import messages as m
from deltaprop.playground.handlers import Job, answer
from deltaprop.playground.run import Run
from deltaprop.playground.session import Session
from deltaprop.playground.settings import Data, HiddenLayer, Rule, Settings

SMALL = Settings(data=Data(name="moons", samples=40), layers=(HiddenLayer(units=3),))
TABLE = "u,v,kind\n" + "".join(f"{i % 7}.5,{i % 5},{'ab'[i % 2]}\n" for i in range(20))


@pytest.fixture
def page() -> Session:
    """A session whose page knows everything already."""
    made = Session(Run.start(SMALL))
    made.updates()
    return made


def ask(page: Session, kind: str, **fields) -> list:
    return answer(
        page, json.dumps({"kind": kind, **fields}, default=lambda value: value.model_dump(mode="json"))
    )


def kinds(replies: list) -> list[str]:
    return [reply.about if isinstance(reply, Job) else reply.kind for reply in replies]


def trouble(replies: list) -> str:
    """The line of the only reply, a trouble."""
    (reply,) = replies
    assert isinstance(reply, m.Trouble)
    assert "\n" not in reply.text
    assert "Traceback" not in reply.text
    return reply.text


def bits(run: Run) -> bytes:
    return b"".join(array.tobytes() for array in run.state()["arrays"].values())


def changed(**fields) -> Settings:
    return SMALL.model_copy(update=fields)


def test_every_kind_of_request_has_a_handler():
    declared = {
        kind
        for request in typing.get_args(typing.get_args(m.Request)[0])
        for kind in typing.get_args(request.model_fields["kind"].annotation)
    }
    assert set(handlers.HANDLERS) == declared


class TestReplies:
    def test_hello_tells_everything(self, page):
        replies = ask(page, "hello", language="zh")
        assert kinds(replies) == ["options", "session", "run"]
        assert replies[0].options["defaults"] == Settings().model_dump(mode="json")
        assert replies[1].session == page.name
        assert replies[2].settings == SMALL
        assert page.language == "zh"

    def test_only_what_has_changed_is_told(self, page):
        assert ask(page, "frame") == []
        assert kinds(ask(page, "play", playing=True)) == ["session"]
        assert ask(page, "play", playing=True) == []
        page.train(0.001)
        assert page.updates() == []  # steps and weights go by frames
        assert kinds(ask(page, "settings", settings=changed(l2=0.1))) == ["session", "run"]
        assert kinds(ask(page, "settings", settings=changed(l2=0.2))) == ["run"]
        assert kinds(ask(page, "weight", index=0, value=1)) == ["run"]  # a new mark on the time line
        assert kinds(ask(page, "fork")) == ["session", "run"]

    def test_the_page_learns_of_settings_that_a_replay_passes(self, page):
        ask(page, "step", unit="batch", count=5)
        ask(page, "settings", settings=changed(l2=0.1))
        ask(page, "step", unit="batch", count=5)
        (state,) = ask(page, "go", step=3)
        assert state.settings == SMALL
        (state,) = ask(page, "step", unit="batch", count=4)
        assert state.settings.l2 == 0.1

    def test_a_frame_is_sent_when_there_is_something_new(self, page):
        assert page.frame() is None  # not asked for
        ask(page, "frame")
        assert page.frame() is not None
        ask(page, "frame")
        assert page.frame() is None
        ask(page, "frame", large="1.0")  # another unit large
        assert page.frame() is not None
        ask(page, "frame", large="1.0")
        ask(page, "weight", index=0, value=2)
        assert page.frame() is not None
        ask(page, "frame", large="1.0")
        ask(page, "step", unit="batch")
        frame = page.frame()
        assert frame is not None
        header = json.loads(frame[4 : 4 + int.from_bytes(frame[:4], "little")])
        assert header["runs"][0]["step"] == 1

    def test_a_page_that_comes_back_gets_all_rows_of_the_curves(self, page):
        for _ in range(2):
            ask(page, "step", unit="epoch", count=3)
            ask(page, "hello", session=page.name)
            ask(page, "frame")
            frame = page.frame()
            assert frame is not None
            header = json.loads(frame[4 : 4 + int.from_bytes(frame[:4], "little")])
            assert header["runs"][0]["curves_from"] == 0


class TestTraining:
    def test_two_runs_take_the_same_steps(self, page):
        ask(page, "step", unit="batch", count=7)
        ask(page, "fork")
        assert bits(page.runs[0]) == bits(page.runs[1])
        ask(page, "settings", run=1, settings=changed(l2=0.5))
        ask(page, "play", playing=True)
        for _ in range(3):
            page.train(0.002)
        assert page.runs[0].step == page.runs[1].step > 7
        assert bits(page.runs[0]) != bits(page.runs[1])
        alone = Run.start(SMALL)
        alone.advance(page.runs[0].step)
        assert bits(alone) == bits(page.runs[0])

    def test_one_run_goes_on_where_the_other_cannot(self, page):
        ask(page, "fork")
        wild = Rule(name="sgd", learning_rate=100.0)
        ask(page, "settings", run=1, settings=changed(optimizer=wild, loss="squared_error"))
        page.language = "zh"
        ask(page, "play", playing=True)
        page.train(0.05)
        assert page.runs[1].trouble is not None
        before = page.runs[0].step
        page.train(0.002)
        assert page.runs[0].step > before
        assert page.playing
        (state,) = [reply for reply in page.updates() if isinstance(reply, m.Session)]
        assert state.message == page.runs[1].trouble.text("zh")
        ask(page, "fork", keep=1)
        page.train(0.002)
        assert not page.playing

    def test_the_speed_is_in_steps_a_second(self, page, monkeypatch):
        now = 1000.0
        monkeypatch.setattr(session.time, "monotonic", lambda: now)
        ask(page, "play", playing=True, speed=5)
        pauses = []
        for _ in range(20):
            now += 0.1
            pauses.append(page.train(0.02))
        assert page.runs[0].step == 10
        assert pauses[0] == pytest.approx(0.1)  # until the first step is due
        now += 3600  # a page that was away for an hour does not catch up
        page.train(0.0)
        assert page.runs[0].step < 18_000

    def test_epochs_end_where_they_end(self, page):
        run, whole = page.runs[0], page.runs[0].steps_per_epoch
        assert whole == 2
        for unit, count, step in [
            ("batch", 3, 3),
            ("epoch", 1, 4),
            ("epoch", 2, 8),
            ("epoch", -1, 6),
            ("batch", 1, 7),
            ("epoch", -1, 6),
            ("batch", -5, 1),
            ("epoch", -3, 0),
            ("epoch", 0, 0),
        ]:
            ask(page, "step", unit=unit, count=count)
            assert run.step == step
            assert not page.playing

    def test_a_moment_is_reached_exactly(self, page):
        ask(page, "step", unit="batch", count=20)
        ask(page, "go", step=13)
        alone = Run.start(SMALL)
        alone.advance(13)
        assert bits(page.runs[0]) == bits(alone)


class TestUndo:
    def test_gives_back_the_very_run_and_redo_the_other(self, page):
        ask(page, "step", unit="batch", count=9)
        before = bits(page.runs[0])
        ask(page, "settings", settings=changed(layers=()))
        assert page.runs[0].step == 0
        ask(page, "step", unit="batch", count=4)
        after = bits(page.runs[0])
        replies = ask(page, "undo")
        assert kinds(replies) == ["session", "run"]
        assert (replies[0].undo, replies[0].redo) == (False, True)
        assert (page.runs[0].settings, page.runs[0].step, bits(page.runs[0])) == (SMALL, 9, before)
        ask(page, "redo")
        assert (page.runs[0].step, bits(page.runs[0])) == (4, after)

    @pytest.mark.parametrize(
        ("kind", "fields"),
        [
            ("settings", {"settings": SMALL.model_copy(update={"l1": 0.1})}),
            ("settings", {"settings": SMALL.model_copy(update={"seed": 1})}),
            ("weight", {"index": 2, "value": 3}),
            ("point", {"action": "add", "x": 1, "y": 1, "target": 1}),
            ("point", {"action": "move", "index": 3, "x": 0, "y": 0}),
            ("point", {"action": "remove", "index": 3}),
            ("reset", {"seed": 5}),
            ("fork", {}),
            ("table", {"name": "t.csv", "text": TABLE}),
        ],
    )
    def test_of_every_change(self, page, kind, fields):
        ask(page, "step", unit="batch", count=3)
        before, points = bits(page.runs[0]), page.runs[0].points
        ask(page, kind, **fields)
        assert page.updates() == []
        assert page._told.undo
        ask(page, "undo")
        assert len(page.runs) == 1
        assert page.table is None
        assert (page.runs[0].settings, page.runs[0].step, bits(page.runs[0])) == (SMALL, 3, before)
        np.testing.assert_array_equal(page.runs[0].points.x, points.x)
        page.runs[0].advance(50)
        alone = Run.start(SMALL)
        alone.advance(53)
        assert bits(page.runs[0]) == bits(alone)

    def test_a_slider_is_undone_at_once(self, page, monkeypatch):
        monkeypatch.setattr(session, "TOGETHER", 60.0)
        for l2 in (0.1, 0.2, 0.3):
            ask(page, "settings", settings=changed(l2=l2))
        for l1 in (0.1, 0.2):
            ask(page, "settings", settings=changed(l2=0.3, l1=l1))
        ask(page, "undo")
        assert (page.runs[0].settings.l1, page.runs[0].settings.l2) == (0.0, 0.3)
        ask(page, "undo")
        assert page.runs[0].settings == SMALL
        assert ask(page, "undo") == []
        monkeypatch.setattr(session, "TOGETHER", 0.0)
        for l2 in (0.1, 0.2):
            ask(page, "settings", settings=changed(l2=l2))
        ask(page, "undo")
        assert page.runs[0].settings.l2 == 0.1

    def test_a_new_change_ends_what_could_be_redone(self, page):
        ask(page, "settings", settings=changed(l2=0.1))
        ask(page, "undo")
        ask(page, "settings", settings=changed(l1=0.1))
        assert ask(page, "redo") == []
        assert page.runs[0].settings.l1 == 0.1

    def test_a_change_that_fails_leaves_nothing_behind(self, page, monkeypatch, caplog):
        def half(run, index, value):
            run.network.theta[:] = 7
            raise RuntimeError("secret /path")

        before = bits(page.runs[0])
        monkeypatch.setattr(Run, "set_weight", half)
        replies = ask(page, "weight", index=0, value=1)
        assert "secret" not in replies[0].text
        assert "secret /path" in caplog.text  # and the traceback
        assert "Traceback" in caplog.text
        assert bits(page.runs[0]) == before
        assert not page._undo

    def test_is_bounded_in_number_and_memory(self, page, monkeypatch):
        monkeypatch.setattr(session, "TOGETHER", 0.0)
        monkeypatch.setattr(session, "MAX_UNDO", 5)
        for i in range(9):
            ask(page, "weight", index=0, value=i)
        assert len(page._undo) == 5
        one, all_of_them = session._size(page._undo[-1:]), session._size(page._undo)
        assert one < all_of_them < 5 * one  # what they share counts once
        ask(page, "table", name="t.csv", text=TABLE)
        ask(page, "table", name="t.csv", text=TABLE)
        assert session._size(page._undo) > session.TABLE_BYTES * len(TABLE)
        monkeypatch.setattr(session, "MAX_BYTES", 0)
        ask(page, "weight", index=0, value=10)
        assert len(page._undo) == 1


class TestPoints:
    def test_added_moved_removed_and_restored(self, page):
        drawn = page.runs[0].points
        ask(page, "point", action="add", x=1.5, y=-2.5, target=1, test=True)
        points = page.runs[0].points
        assert (points.x[-1].tolist(), points.t[-1], points.test[-1]) == ([1.5, -2.5], 1, True)
        (state,) = ask(page, "point", action="move", index=40, x=0.5, y=0.25)
        assert state.points_edited
        assert state.points[40] == m.Point(x=0.5, y=0.25, target=1, test=True)
        ask(page, "point", action="remove", index=0)
        assert len(page.runs[0].points.t) == 40
        np.testing.assert_array_equal(page.runs[0].points.x[:39], drawn.x[1:])
        ask(page, "point", action="restore")
        np.testing.assert_array_equal(page.runs[0].points.x, drawn.x)
        assert not page.runs[0].problem.edited

    def test_are_kept_where_the_data_are_the_same(self, page):
        ask(page, "point", action="add", x=1, y=1, target=0)
        ask(page, "settings", settings=changed(seed=3))
        assert len(page.runs[0].points.t) == 41
        ask(page, "reset")
        assert len(page.runs[0].points.t) == 41
        ask(page, "settings", settings=changed(data=Data(name="moons", samples=40, noise=0.5)))
        assert len(page.runs[0].points.t) == 40

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"action": "move", "index": 40}, "no sample 40; choose one from 0 to 39"),
            ({"action": "remove"}, "no sample None"),
            ({"action": "add", "target": 2}, "class"),
            ({"action": "add", "target": 0.5}, "class"),
            ({"action": "add", "x": 101}, "x is 101, expected a number of at most 100"),
        ],
    )
    def test_that_cannot_be_are_refused(self, page, fields, text):
        before = bits(page.runs[0])
        assert text in trouble(ask(page, "point", **fields))
        assert bits(page.runs[0]) == before

    def test_at_most_as_many_as_the_page_shows(self, page, monkeypatch):
        monkeypatch.setattr("deltaprop.playground.data.MAX_SAMPLES", 40)
        assert "40 samples" in trouble(ask(page, "point", action="add"))


class TestTrouble:
    @pytest.mark.parametrize(
        ("text", "en", "zh"),
        [
            ("{", "message is '{', expected JSON", "message 为 '{'，应为：JSON"),
            ('{"kind": "go", "step": -1}', "step is -1, expected a number of at least 0", "不小于 0 的数"),
            ('{"kind": "undo", "x": 1}', "x is 1, expected only fields that exist", "已有的字段"),
            ('{"kind": "go"}', "step is missing, expected a value", "step 为 空"),
            ('{"kind": "fork", "keep": 1}', "There is one run only", "只有一次运行"),
            ('{"kind": "weight", "index": 99, "value": 0}', "no weight 99", "99"),
            (
                '{"kind": "settings", "settings": {"layers": [{"units": 99}]}}',
                "settings.layers.0.units is 99, expected a number of at most 16",
                "settings.layers.0.units 为 99，应为：不大于 16 的数",
            ),
        ],
    )
    def test_is_one_line_in_the_language_of_the_page(self, page, text, en, zh):
        assert en in trouble(answer(page, text))
        page.language = "zh"
        assert zh in trouble(answer(page, text))

    @pytest.mark.parametrize("error", [RuntimeError("secret"), MemoryError("secret"), KeyError("secret")])
    def test_of_the_program_is_told_to_the_log_alone(self, page, monkeypatch, caplog, error):
        def broken(page, request):
            raise error

        monkeypatch.setitem(handlers.HANDLERS, "play", broken)
        assert "secret" not in trouble(ask(page, "play", playing=True))
        assert "secret" in caplog.text

    def test_a_second_fork_is_refused(self, page):
        ask(page, "fork")
        assert "two runs" in trouble(ask(page, "fork"))


def test_a_look_inside_is_a_job_that_the_run_goes_on_without(page):
    ask(page, "step", unit="batch", count=3)
    (job,) = ask(page, "curvature")
    ask(page, "step", unit="batch", count=3)
    reply = job.make()
    assert (reply.kind, reply.step) == ("curvature", 3)
    assert kinds(ask(page, "ask", sample=2)) == ["numbers"]
    assert kinds(ask(page, "chain", sample=2, weight=1)) == ["chain"]


class TestLessons:
    def test_hello_begins_with_one_and_lists_all(self, page):
        replies = ask(page, "hello", lesson="xor", language="zh")
        assert kinds(replies) == ["options", "session", "run", "lesson"]
        assert [entry["name"] for entry in replies[0].options["lessons"]] == list(lessons.ORDER)
        assert replies[1].lesson == "xor"
        assert replies[3] == lessons.describe("xor", "zh")
        assert replies[2].settings == page.runs[0].settings == lessons.start("xor")[1].settings
        ask(page, "step", unit="batch")
        ask(page, "hello", lesson="xor", session=page.name)  # the page was loaded again: it goes on
        assert page.runs[0].step == 1

    def test_the_text_follows_language_and_undo(self, page):
        ask(page, "lesson", name="xor")
        ask(page, "lesson", name="linear")
        assert ask(page, "language", language="zh") == [lessons.describe("linear", "zh")]
        replies = ask(page, "undo")
        assert kinds(replies) == ["session", "run", "lesson"]
        assert replies[-1] == lessons.describe("xor", "zh")
        ask(page, "undo")
        assert page.lesson is None

    def test_answers_are_checked(self, page):
        assert "No lesson" in trouble(ask(page, "answer", text="1"))
        ask(page, "lesson", name="xor")
        (verdict,) = ask(page, "answer", text="1")
        assert verdict == lessons.check("xor", "1", page.runs[0])

    def test_an_unknown_one_is_refused(self, page):
        assert "xor-hidden" in trouble(ask(page, "lesson", name="xyz"))
        replies = ask(page, "hello", lesson="xyz")
        assert kinds(replies) == ["options", "trouble", "session", "run"]


class TestStates:
    def test_a_new_session_begins_with_what_the_page_kept(self, page):
        ask(page, "step", unit="batch", count=5)
        ask(page, "point", action="add", x=1, y=1, target=1)
        (saved,) = ask(page, "save", form="json")
        for kind in ("hello", "open"):
            other = Session()
            other.updates()
            replies = ask(other, kind, **{"state" if kind == "hello" else "text": saved.text})
            assert kinds(replies) == (["options"] if kind == "hello" else []) + ["session", "run"]
            assert replies[-1].settings == SMALL
            assert (other.runs[0].step, bits(other.runs[0])) == (5, bits(page.runs[0]))
            for run in (other.runs[0], page.runs[0].fork()):
                run.advance(100)
            assert len(other.runs[0].points.t) == 41

    def test_two_runs_come_back_to_a_new_server(self, page):
        ask(page, "fork")
        ask(page, "weight", run=1, index=0, value=2.5)
        states = [ask(page, "save", run=run, form="json")[0].text for run in (0, 1)]
        other = Session()
        replies = ask(
            other, "hello", state=states[0], second=states[1], kept_lesson="xor", speed=20, language="zh"
        )
        assert (other.lesson, other.speed) == ("xor", 20)
        assert replies[-1] == lessons.describe("xor", "zh")
        for run, again in zip(page.runs, other.runs, strict=True):
            np.testing.assert_array_equal(again.network.theta, run.network.theta)
        assert other.runs[1].network.theta[0] == 2.5 != other.runs[0].network.theta[0]

    def test_a_damaged_one_is_said_and_the_page_works(self, page):
        before = page.runs[0]
        assert kinds(ask(page, "hello", state="{}")) == ["options", "trouble", "session", "run"]
        assert trouble(ask(page, "open", text="nonsense"))
        assert page.runs == [before]
        assert not page._undo
