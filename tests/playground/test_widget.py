"""The widget of a notebook: what its page says and hears, and the network that it trains, without a browser."""

import asyncio
import json

import numpy as np
import pytest

from deltaprop import BatchNorm, Dense, Dropout, InputError, Network
from deltaprop.functions import Cosine
from deltaprop.optimizers import Adam, Momentum
from deltaprop.playground import Playground, Settings, handlers, share, watch, watching
from deltaprop.playground.adoption import Adopted
from deltaprop.playground.run import Run
from deltaprop.playground.watching import NotebookSession, Watched

RNG = np.random.default_rng(0)
X = RNG.uniform(-3, 3, (60, 2))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)


def network(*layers, **options):
    return Network([*(layers or (Dense(4), "tanh", Dense(1)))], inputs=2, **options)


class Front:
    """The page's side of a widget: sends requests, keeps what is sent back."""

    def __init__(self, widget, monkeypatch):
        self.widget, self.texts, self.frames = widget, [], []
        monkeypatch.setattr(widget, "send", self._take)

    def _take(self, content, buffers=()):
        self.texts += [json.loads(content["text"])] if content else []
        self.frames += buffers

    def ask(self, **request):
        self.widget._handle_custom_msg({"text": json.dumps(request)}, [])

    async def until(self, condition):
        for _ in range(2000):
            if condition():
                return
            await asyncio.sleep(0.005)
        raise AssertionError("it did not become true")


def kinds(front):
    return [message["kind"] for message in front.texts]


def test_the_page_is_told_everything_and_trains_the_network_of_the_kernel(monkeypatch):
    net = network(loss="sigmoid_cross_entropy", seed=3)
    expected = net.copy()
    widget = net.watch(X, Y, batch_size=20, optimizer={"name": "adam", "learning_rate": 0.01})
    front = Front(widget, monkeypatch)

    async def talk():
        front.ask(kind="hello")
        front.ask(kind="frame")
        await front.until(lambda: front.frames)
        assert {"options", "session", "run"} <= {*kinds(front)}
        front.ask(kind="step", unit="batch", count=30)
        await front.until(lambda: widget._session.runs[0].step == 30)
        front.ask(kind="frame")
        await front.until(lambda: len(front.frames) == 2)
        widget.close()
        await front.until(lambda: not widget._tasks)

    asyncio.run(talk())
    expected.fit(X, Y, epochs=10, batch_size=20, optimizer=Adam(0.01), threads=1)
    np.testing.assert_array_equal(net.theta, expected.theta)


def test_the_network_follows_undo_and_going_back_but_no_other_layers(monkeypatch):
    net = network(loss="sigmoid_cross_entropy")
    first = net.theta.copy()
    widget = watch(net, X, Y)
    front = Front(widget, monkeypatch)

    async def talk():
        front.ask(kind="hello")
        front.ask(kind="weight", index=0, value=5.0)
        await front.until(lambda: net.theta[0] == 5)
        front.ask(kind="undo")
        await front.until(lambda: net.theta[0] != 5)
        np.testing.assert_array_equal(net.theta, first)
        settings = Settings(layers=({"units": 5},), data={"name": "blobs"}).model_dump(mode="json")
        front.ask(kind="settings", settings=settings)
        await front.until(lambda: widget.network.theta.size == 21)
        np.testing.assert_array_equal(net.theta, first)
        widget.close()
        await front.until(lambda: not widget._tasks)

    asyncio.run(talk())


def test_a_widget_begins_with_settings():
    widget = Playground(data={"name": "xor"}, layers=[{"units": 3}], height=500)
    assert widget.settings.data.name == "xor"
    assert widget.network.theta.size == 13
    assert widget.height == 500
    with pytest.raises(InputError, match="units is 99"):
        Playground(layers=[{"units": 99}])


@pytest.mark.parametrize(
    ("net", "t"),
    [
        (network(loss="sigmoid_cross_entropy"), Y),
        (network(Dense(5, init="he_normal"), BatchNorm(), "relu", Dropout(0.2), Dense(3)), np.eye(3)[Y]),
        (network(Dense(3), Dense(3), loss="softmax_cross_entropy"), Y),
        (network(Dense(3), "gelu", Dense(1)), X[:, 0]),
        (network(Dense(1), loss="hinge"), 2 * Y - 1),
    ],
)
def test_a_network_is_shown_with_its_weights_and_loss(net, t):
    if net.outputs == 3:
        net.loss = "softmax_cross_entropy"
    run = Adopted(net, X, t, {}).run
    np.testing.assert_allclose(run.network.predict(X), net.predict(X), rtol=1e-5, atol=1e-6)
    assert run.losses()[0] == pytest.approx(net.value(X, t), rel=1e-5)


@pytest.mark.parametrize(
    ("net", "x", "t", "words"),
    [
        (Network([Dense(1)], inputs=3), np.zeros((5, 3)), np.zeros(5), "has 3 inputs, expected 2"),
        (network(Dense(17), "tanh", Dense(1)), X, Y, "units is 17"),
        (network("tanh", Dense(1)), X, Y, "has the layer Activation"),
        (network(Dense(3, bias=False), Dense(1)), X, Y, r"bias=False\) where the page has Dense"),
        (network(Dense(2)), X, X, r"Dense\(units=2\) where the page has Dense\(units=1\)"),
        (network(Dense(3), BatchNorm(momentum=0.5), Dense(1)), X, Y, r"BatchNorm\(momentum=0.5"),
        (network(Dense(3), BatchNorm(epsilon=1e-4), Dense(1)), X, Y, "epsilon=0.0001"),
        (network(Dense(3), Dropout(0.1), "tanh", Dense(1)), X, Y, r"has Dropout\(rate=0.1\) where"),
        (network(Dense(3), "tanh"), X, Y, "where the page has Dense"),
        (network(dtype="float64"), X, Y, "has dtype float64, expected float32"),
        (network(seed=2**32), X, Y, "has seed 4294967296, expected at most"),
        (
            network(Dense(2), loss="softmax_cross_entropy"),
            X,
            np.full((60, 2), 0.5),
            "one class for each sample",
        ),
        (network(Dense(5), loss="softmax_cross_entropy"), X, Y, "there are 5 classes, expected at most 4"),
        (network(), 10 * X, Y, "expected at most 6, the edge"),
        (network(), np.zeros((5001, 2)), np.zeros(5001), "expected at most 5000"),
        (network(), X, Y[1:], "60"),
    ],
)
def test_what_the_page_cannot_show_is_refused_in_one_line(net, x, t, words):
    with pytest.raises(InputError, match=words) as refusal:
        watch(net, x, t)
    assert "\n" not in str(refusal.value)


def test_training_that_cannot_be_set_is_refused():
    with pytest.raises(InputError, match="batch is 3"):
        watch(network(), X, Y, batch=3)
    with pytest.raises(InputError, match="layers is given, but follows from the network"):
        watch(network(), X, Y, layers=[])
    with pytest.raises(InputError, match=r"optimizer\.name is 'lion', expected one of 'sgd'"):
        watch(network(), X, Y, optimizer="lion")
    with pytest.raises(InputError, match="learning_rate is a Schedule, expected a number"):
        watch(network(), X, Y, optimizer=Adam(Cosine(0.1, 50)))


@pytest.mark.parametrize("rule", ["adam", Adam(0.02, beta1=0.5), Momentum(0.1)])
def test_the_optimizer_may_be_what_fit_takes(rule):
    net, expected = network(loss="sigmoid_cross_entropy"), network(loss="sigmoid_cross_entropy")
    run = Adopted(net, X, Y, {"optimizer": rule, "batch_size": 20}).run
    run.advance(9)
    expected.fit(X, Y, epochs=3, batch_size=20, optimizer=rule, threads=1)
    np.testing.assert_array_equal(run.network.theta, expected.theta)


class Watching:
    """A network that is watched by a session without a page, and requests to it."""

    def __init__(self):
        self.net = network(loss="sigmoid_cross_entropy")
        self.session = Watched(Adopted(self.net, X, Y, {"batch_size": 20}))

    def ask(self, kind, **request):
        replies = handlers.answer(self.session, json.dumps({"kind": kind, **request}))
        assert not [reply for reply in replies if reply.kind == "trouble"]

    def settings(self, **changes):
        settings = self.session.runs[0].settings.model_dump(mode="json") | changes
        self.ask("settings", run=0, settings=settings)

    def follows(self):
        return np.array_equal(self.net.theta, self.session.runs[0].network.theta)


def test_what_the_kernel_trains_is_never_lost():
    watched = Watching()
    net, session = watched.net, watched.session
    watched.ask("step", unit="epoch", count=2)
    assert watched.follows()
    trained = net.theta.copy()
    net.fit(X, Y, epochs=3)
    fitted = net.theta.copy()
    session.updates()
    np.testing.assert_array_equal(net.theta, fitted)
    watched.ask("step", unit="batch", count=2)
    expected = network(loss="sigmoid_cross_entropy")
    expected.theta = fitted
    run = Adopted(expected, X, Y, {"batch_size": 20}).run
    run.advance(2)
    np.testing.assert_array_equal(net.theta, run.network.theta)
    assert session.runs[0].step == 2
    watched.ask("undo")
    np.testing.assert_array_equal(net.theta, trained)


def test_steps_that_were_under_way_while_the_kernel_trained_are_dropped():
    watched = Watching()
    net, session = watched.net, watched.session
    calls = []
    session.post = calls.append  # the kernel is busy
    session.play(True, None)
    session.train(0.001)
    net.theta = np.ones_like(net.theta)
    for call in calls:
        call()
    np.testing.assert_array_equal(net.theta, 1)
    session._offer()  # of a slice that has ended after a message of the page
    calls[-1]()
    np.testing.assert_array_equal(net.theta, 1)
    calls.clear()
    session.updates()
    np.testing.assert_array_equal(session.runs[0].network.theta, 1)


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w.settings(data={"name": "blobs", "noise": 0.1}),
        lambda w: w.settings(loss="hinge"),
        lambda w: w.ask("lesson", name="xor"),
        lambda w: w.ask("open", text=share.to_json(Run.start(w.session.runs[0].settings))),
        lambda w: w.ask("open", text=share.to_json(w.session.runs[0])),
        lambda w: w.ask("point", run=0, action="restore"),
    ],
)
def test_another_problem_in_the_page_leaves_the_network_alone(change):
    watched = Watching()
    watched.ask("step", unit="epoch", count=2)
    before = watched.net.theta.copy()
    change(watched)
    watched.ask("step", unit="epoch", count=2)
    np.testing.assert_array_equal(watched.net.theta, before)
    watched.ask("undo")
    watched.ask("step", unit="batch", count=1)
    assert watched.follows()
    assert not np.array_equal(watched.net.theta, before)


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w.settings(batch_size=5),
        lambda w: w.ask("point", run=0, action="add", x=1, y=1, target=1),
        lambda w: (w.ask("point", run=0, action="remove", index=0), w.ask("reset", run=0, seed=4)),
        lambda w: (w.ask("fork"), w.ask("fork", keep=1)),
    ],
)
def test_the_network_follows_changes_of_its_own_problem(change):
    watched = Watching()
    change(watched)
    watched.ask("step", unit="epoch", count=1)
    assert watched.session.runs[0].step > 0
    assert watched.follows()


def test_training_pauses_where_no_page_takes_frames(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(watching.time, "monotonic", lambda: now[0])
    session = NotebookSession()
    session.play(True, 100.0)

    def train(seconds, frames):
        for _ in range(int(seconds / 0.1)):
            now[0] += 0.1
            session.train(0.02)
            if frames:
                handlers.answer(session, '{"kind": "frame"}')
                assert session.frame() is not None

    train(20, frames=True)
    now[0] += 100  # a cell runs
    train(4, frames=False)
    assert session.playing
    train(2, frames=False)
    assert not session.playing


def test_a_network_has_one_widget_and_a_page_that_has_gone_pauses_it(monkeypatch):
    net = network(loss="sigmoid_cross_entropy")

    async def talk():
        first = net.watch(X, Y)
        front = Front(first, monkeypatch)
        front.ask(kind="hello")
        front.ask(kind="play", playing=True, speed=None)
        await front.until(lambda: first._session.runs[0].step > 0)
        first._handle_custom_msg({}, [])  # the page has gone
        await front.until(lambda: not first._session.playing)
        front.ask(kind="play", playing=True, speed=None)
        await front.until(lambda: first._session.playing)
        second = net.watch(X, Y)
        await front.until(lambda: not first._tasks)
        step, theta = first._session.runs[0].step, net.theta.copy()
        await asyncio.sleep(0.05)
        assert first._session.runs[0].step == step
        np.testing.assert_array_equal(net.theta, theta)
        np.testing.assert_array_equal(second.network.theta, theta)

    asyncio.run(talk())
