"""The widget of a notebook: what its page says and hears, and the network that it trains, without a browser."""

import asyncio
import json

import numpy as np
import pytest

from deltaprop import BatchNorm, Dense, Dropout, InputError, Network
from deltaprop.optimizers import Adam
from deltaprop.playground import Playground, watch
from deltaprop.playground.adoption import Adopted
from deltaprop.playground.settings import Settings

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
        (network(Dense(3), Dense(3), loss="softmax_cross_entropy", dtype="float64"), Y),
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
        (network(Dense(3, bias=False), Dense(1)), X, Y, "the page cannot show"),
        (network(Dense(2)), X, X, "the page cannot show"),
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
