"""The numbers of a pass: those of `Network.trace`, and those by which the next step moves the weights."""

import numpy as np
import pytest

from deltaprop.playground.complaints import Complaint
from deltaprop.playground.inspection import chain, numbers
from deltaprop.playground.messages import Ask, AskChain
from deltaprop.playground.run import Run
from deltaprop.playground.settings import Data, HiddenLayer, Rule, Settings

PLAIN = (HiddenLayer(units=4), HiddenLayer(units=3, activation="relu"))
NOISY = (HiddenLayer(units=4, normalization="batch", dropout=0.3), HiddenLayer(units=3))


def run_of(steps=30, **settings):
    run = Run.start(Settings(**{"layers": PLAIN, "l2": 0.01} | settings))
    run.advance(steps)
    return run


def unchecked(fields):
    """A question whose numbers the message has not checked."""
    return Ask().model_copy(update=fields)


def check(shown, traced, row):
    """Each number of the message is that of the trace."""
    stages = [r for r in traced.layers if "Activation" not in type(r.layer).__name__]
    assert len(shown.layers) == len(stages)
    for layer, record in zip(shown.layers, stages, strict=True):
        for name in ("x", "z", "a", "f_prime", "delta"):
            assert getattr(layer, name) == getattr(record, name)[row].tolist()
        if "w" in record.gradient:
            assert (layer.w, layer.b) == (record.view.w.tolist(), record.view.b.tolist())
            assert (layer.d_w, layer.d_b) == (record.d_w.tolist(), record.d_b.tolist())
        else:
            assert (layer.w, layer.b, layer.d_w, layer.d_b) == ([], [], [], [])
    assert shown.prediction == traced.y[row].tolist()
    assert shown.value == traced.value
    assert shown.text == traced.show(row)


@pytest.mark.parametrize("layers", [PLAIN, NOISY], ids=["plain", "noisy"])
@pytest.mark.parametrize("data", ["spirals", "blobs", "sine"])
def test_sample(data, layers):
    """A sample of the data, test part included, is traced alone, as in prediction."""
    run = run_of(data=Data(name=data, classes=3), layers=layers)
    for sample in (0, 7, len(run.points) - 1):
        shown = numbers(run, Ask(sample=sample))
        x, t = run.problem.inputs[[sample]], run.problem.targets[[sample]]
        check(shown, run.network.trace(x, t), 0)
        assert (shown.sample, shown.in_batch, shown.step, shown.training) == (sample, None, 30, False)
        assert [shown.x, shown.y, shown.target] == [*run.points.x[sample], run.points.t[sample]]
        plain = run.network.copy()
        plain.penalty = None
        assert shown.loss == pytest.approx(plain.value(x, t), rel=1e-5)
        assert shown.prediction == pytest.approx(run.network.predict(x)[0], rel=1e-5)


def test_columns():
    """Each layer belongs to its column of the picture; normalization and dropout have rows of their own."""
    shown = numbers(run_of(layers=NOISY), Ask(sample=0))
    assert [(layer.column, layer.title) for layer in shown.layers] == [
        (1, "Dense"),
        (1, "BatchNorm · Tanh"),
        (1, "Dropout"),
        (2, "Dense · Tanh"),
        (3, "Dense"),
    ]


@pytest.mark.parametrize("layers", [PLAIN, NOISY], ids=["plain", "noisy"])
def test_batch(layers):
    """The gradients shown for a sample of the batch are those that the next step takes: same masks, same statistics."""
    run = run_of(31, layers=layers, optimizer=Rule(name="sgd", learning_rate=0.5))
    batch, step = run.batch(), run.step
    shown = numbers(run, Ask(in_batch=2))
    t = run.problem.targets[batch]
    check(shown, run.network.trace(run.problem.inputs[batch], t, training=True, step=step), 2)
    assert (shown.batch, shown.training, shown.target) == (len(batch), True, t[2])
    before = run.network.layers[0].w.copy()
    run.advance(1)
    np.testing.assert_allclose(
        run.network.layers[0].w, before - 0.5 * np.array(shown.layers[0].d_w), atol=1e-6
    )


def test_place():
    """A place takes the target of its nearest sample, or the one that is given."""
    run = run_of()
    x, y = run.points.x[5]
    near = numbers(run, Ask(x=x, y=y))
    assert near.layers == numbers(run, Ask(sample=5)).layers
    assert near.sample is None
    for target in (0.0, 1.0):
        shown = numbers(run, Ask(x=1.0, y=-2.0, target=target))
        check(shown, run.network.trace([[1.0, -2.0]], [int(target)]), 0)
        assert (shown.x, shown.y, shown.target) == (1.0, -2.0, target)
    values = run_of(data=Data(name="plane"))
    check(numbers(values, Ask(x=1.0, y=0.5, target=0.3)), values.network.trace([[1.0, 0.5]], [0.3]), 0)


@pytest.mark.parametrize("layers", [PLAIN, NOISY], ids=["plain", "noisy"])
@pytest.mark.parametrize("ask", [{"sample": 3}, {"in_batch": 1}, {"x": 0.5, "y": 2.0}], ids=str)
def test_chain(layers, ask):
    """The three factors of every weight and bias multiply to its gradient, which is the network's own."""
    run = run_of(layers=layers)
    x, t = run.problem.from_plane(np.array([[0.5, 2.0]])), [int(numbers(run, Ask(**ask)).target)]
    training = "in_batch" in ask
    if not ask.get("x"):
        rows = run.batch() if training else [ask["sample"]]
        x, t = run.problem.inputs[rows], run.problem.targets[rows]
    gradient = run.network.gradient(x, t, training=training, step=run.step)[1]
    for block in run.network.layout:
        for index in range(block.start, block.slice.stop):
            if block.parameter in ("gain", "shift"):
                with pytest.raises(Complaint, match=f"A {block.parameter} has no chain"):
                    chain(run, AskChain(**ask, weight=index))
                continue
            shown = chain(run, AskChain(**ask, weight=index))
            assert shown.gradient == pytest.approx(gradient[index], rel=1e-4, abs=1e-7)
            assert shown.difference == pytest.approx(gradient[index], rel=1e-3, abs=1e-6)
            assert shown.value == run.network.theta[index]
            assert shown.samples == len(t)
            if block.parameter == "b":
                assert shown.x == 1
            if not training:
                product = shown.d_a * shown.f_prime * shown.x
                assert product + shown.penalty == pytest.approx(gradient[index], rel=1e-4, abs=1e-7)
                assert (shown.penalty != 0) == (block.parameter == "w")


def test_chain_of_one_sample_in_the_batch():
    """The factors are the sample's own, as the trace of the batch has them; the text is that of the library."""
    run = run_of(layers=NOISY)
    batch, layer = run.batch(), run.network.layers[4]
    traced = run.network.trace(
        run.problem.inputs[batch], run.problem.targets[batch], training=True, step=run.step
    )
    start = next(b.start for b in run.network.layout if b.name == "4.w")
    shown = chain(run, AskChain(in_batch=3, weight=start + 2 * layer.w.shape[1] + 1))
    expected = traced.responsibility(4, 2, 1)
    assert (shown.d_a, shown.f_prime, shown.x) == (expected.d_a[3], expected.f_prime[3], expected.x[3])
    assert shown.text == str(expected)
    run.advance(1)
    assert shown.after == run.network.theta[shown.weight] != shown.value
    bias = next(b.start for b in run.network.layout if b.name == "4.b")
    assert "∂E/∂b[1] = mean of ∂e/∂a_1" in chain(run, AskChain(in_batch=3, weight=bias + 1)).text


def test_why():
    """Each of the three factors can be what makes a weight slow."""
    run = run_of(0, layers=(HiddenLayer(units=1, activation="sigmoid"),), l2=0)

    def why(theta, place):
        run.network.theta[:] = theta  # w 2, b, w of the output, its b
        return chain(run, AskChain(x=place[0], y=place[1], target=0.0, weight=0)).why

    assert why([0, 0, 0, 1, 0], (1.0, 1.0)) == []
    assert why([0, 0, 0, 1, 0], (0.0, 1.0)) == ["input"]
    assert why([9, 0, 0, 1, 0], (1.0, 1.0)) == ["slope"]
    assert why([0, 0, 0, 1, -20], (1.0, 1.0)) == ["delta"]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ({}, "of one sample"),
        ({"sample": 1, "in_batch": 1}, "of one sample"),
        ({"sample": 1, "x": 0.0, "y": 0.0}, "of one sample"),
        ({"x": 1.0}, "of one sample"),
        ({"y": 1.0}, "of one sample"),
        ({"sample": 500}, "There is no sample 500; choose one from 0 to 499"),
        ({"in_batch": 10}, "no sample 10 in the batch; choose one from 0 to 9"),
        ({"x": 7.0, "y": 0.0}, "outside of the plane; choose one within ±6"),
        ({"x": np.nan, "y": 0.0}, "outside of the plane"),
        ({"x": 0.0, "y": -np.inf}, "outside of the plane"),
        ({"x": 0.0, "y": 0.0, "target": 2.0}, "the classes of the samples are 0, 1"),
        ({"x": 0.0, "y": 0.0, "target": np.nan}, "the classes of the samples are 0, 1"),
    ],
    ids=str,
)
def test_bad_question(ask, said):
    run = run_of(0)
    with pytest.raises(Complaint, match=said):
        numbers(run, unchecked(ask))


def test_bad_target_and_weight():
    run = run_of(0, data=Data(name="plane"))
    with pytest.raises(Complaint, match="The target is nan; give a finite number"):
        numbers(run, unchecked({"x": 0.0, "y": 0.0, "target": np.nan}))
    last = run.network.theta.size - 1
    with pytest.raises(Complaint, match=f"There is no weight {last + 1}; choose one from 0 to {last}"):
        chain(run, AskChain(sample=0, weight=last + 1))


def test_not_finite():
    """Weights that have grown too large are said, not shown."""
    run = run_of(0)
    run.network.theta[:] = 1e38
    with pytest.raises(Complaint, match="grown beyond all bounds"):
        numbers(run, Ask(sample=0))
