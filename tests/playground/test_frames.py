"""Frames hold what the library's own network computes."""

import json

import numpy as np
import pytest

from deltaprop.playground.data import Points
from deltaprop.playground.describe import run_state
from deltaprop.playground.frames import Frames, grid
from deltaprop.playground.run import Run
from deltaprop.playground.settings import Data, HiddenLayer, Settings

LAYERS = (HiddenLayer(units=5, dropout=0.2, normalization="batch"), HiddenLayer(units=4, activation="relu"))
SMALL = Settings(data=Data(name="moons", samples=60), layers=LAYERS, batch_size=7)


def decode(frame: bytes) -> dict:
    """The header, with each run's arrays in place of their descriptions."""
    size = int.from_bytes(frame[:4], "little")
    header, body = json.loads(frame[4 : 4 + size]), frame[4 + size :]
    assert (4 + size) % 8 == 0
    for run in header["runs"]:
        for name, (dtype, shape, offset) in run["arrays"].items():
            assert offset % 8 == 0
            count = int(np.prod(shape))
            run["arrays"][name] = np.frombuffer(body, dtype, count, offset).reshape(shape)
    return header


def test_the_grid_begins_at_the_top_left():
    places = grid(6.0, 4)
    np.testing.assert_array_equal(places[[0, 3, 12]], [[-4.5, 4.5], [4.5, 4.5], [-4.5, -4.5]])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (Data(name="moons", samples=60), lambda p, problem: p[:, :1]),
        (Data(name="blobs", classes=4, samples=60), lambda p, problem: p),
        (
            Data(name="sine", samples=60),
            lambda p, problem: (p - problem.target_range[0]) / np.ptp(problem.target_range),
        ),
    ],
)
def test_the_output_map_is_what_the_network_predicts(data, expected):
    run = Run.start(SMALL.model_copy(update={"data": data}))
    run.advance(50)
    [shown] = decode(Frames().build([run], playing=True))["runs"]
    inputs = run.problem.from_plane(grid(run.problem.extent, 80))
    wanted = np.clip(expected(run.network.predict(inputs), run.problem), 0, 1)
    output = shown["arrays"]["output"].reshape(wanted.shape[1], -1).T / 255
    np.testing.assert_allclose(output, wanted, atol=0.5 / 255 + 1e-6)
    assert shown["step"] == 50
    assert np.array_equal(shown["arrays"]["theta"], run.network.theta)
    np.testing.assert_allclose(shown["loss"] + shown["score"], run.losses())


def test_each_picture_is_its_unit_over_the_plane():
    run = Run.start(SMALL)
    run.advance(50)
    [shown] = decode(Frames().build([run], playing=False, large="1.3"))["runs"]
    pictures, scales = shown["arrays"]["pictures"], shown["scales"]
    assert pictures.shape == (2 + 5 + 4 + 1, 32, 32)
    x = run.problem.from_plane(grid(run.problem.extent, 32))
    dense, norm, _, _, second, _, last = run.network.layers
    z = x @ dense.w.T + dense.b
    first = np.tanh((z - norm.mean) / np.sqrt(norm.variance + norm.layer.epsilon) * norm.gain + norm.shift)
    hidden = np.maximum(0, first @ second.w.T + second.b)
    y = 2 / (1 + np.exp(-(hidden @ last.w.T + last.b))) - 1
    answers = np.concatenate([x, first, hidden, y], axis=1).T.reshape(-1, 32, 32)
    for picture, answer, scale in zip(pictures, answers, scales, strict=True):
        assert scale == pytest.approx(max(1.0, np.abs(answer).max()), rel=1e-4)
        np.testing.assert_allclose((picture - 128.0) / 127 * scale, answer, atol=scale / 200)
    # four pixels of the large picture lie around the centre of the plane, as do four of the small one
    large = shown["arrays"]["large"][0].astype(float)
    assert large[39:41, 39:41].mean() == pytest.approx(pictures[2 + 3, 15:17, 15:17].mean(), abs=3)


def test_curves_are_sent_once_and_anew_after_a_change():
    run, frames, page = Run.start(SMALL), Frames(), np.empty((0, 5))

    def update():
        nonlocal page
        [shown] = decode(frames.build([run], playing=True))["runs"]
        arrays = shown["arrays"]
        assert arrays["curves"].shape[0] == arrays["diagnostics"].shape[0]
        assert arrays["diagnostics"].shape[1] == 1 + 4 * len(shown["rows"])
        page = np.concatenate([page[: shown["curves_from"]], arrays["curves"]])
        expected = np.delete(run.records.table()[:, :6], 1, axis=1).astype(np.float32)
        np.testing.assert_array_equal(page, expected)
        return len(arrays["curves"])

    assert update() == 1
    run.advance(10 * run.steps_per_epoch)
    assert update() == 10
    assert update() == 0
    run.go_to(3 * run.steps_per_epoch)
    assert update() == 0
    run.change(SMALL.model_copy(update={"l2": 0.1}))
    update()
    run.advance(1000 * run.steps_per_epoch)
    update()


def test_another_run_in_its_place_sends_all_its_curves():
    run, frames = Run.start(SMALL), Frames()
    run.advance(10 * run.steps_per_epoch)
    frames.build([run], playing=True)
    other = Run.start(SMALL.model_copy(update={"seed": 1}))
    other.advance(12 * run.steps_per_epoch)
    [shown] = decode(frames.build([other], playing=True))["runs"]
    assert (shown["curves_from"], len(shown["arrays"]["curves"])) == (0, 13)


def test_a_run_without_a_test_part_and_with_infinite_losses_makes_frames():
    run = Run.start(SMALL.model_copy(update={"data": Data(name="plane", samples=30, test_share=0.0)}))
    run.network.theta[:] = 3e38
    [shown] = decode(Frames().build([run], playing=True, large="9.9"))["runs"]
    assert shown["loss"] == [None, None]
    assert "large" not in shown["arrays"]


def test_the_state_of_a_run_names_the_places_in_theta():
    run = Run.start(SMALL)
    state = run_state(run, 0)
    assert [column.kind for column in state.columns] == ["inputs", "hidden", "hidden", "outputs"]
    for column, view in zip(state.columns[1:], run.network.layers[::4], strict=False):
        units = len(column.units)
        start = column.weights
        block = run.network.theta[start : start + view.w.size].reshape(units, -1)
        np.testing.assert_array_equal(block, view.w)
    run.network.theta[:] = np.arange(run.network.theta.size)
    last = run.network.layers[-1]
    assert [unit.bias for unit in state.columns[-1].units] == last.b.tolist()
    run.set_weight(0, 1.0)
    points = run.points
    run.edit_points(Points(points.x[1:], points.t[1:], points.test[1:]))
    state = run_state(run, 1)
    assert state.points_edited
    assert len(state.points) == 59
    assert [event.kind for event in state.events] == ["points"]  # at the same step, the newer stands for both
