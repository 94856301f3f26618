"""A run takes the steps of `Network.fit`, and shows each moment of its past exactly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaprop.playground import measuring
from deltaprop.playground.build import network_of, optimizer_of
from deltaprop.playground.complaints import Complaint
from deltaprop.playground.data import Points
from deltaprop.playground.run import Run, advance_for
from deltaprop.playground.settings import RULES, Data, HiddenLayer, Rule, Settings

LAYERS = (HiddenLayer(units=6), HiddenLayer(units=5, activation="relu"))
SMALL = Settings(data=Data(name="moons", samples=60, noise=0.2), layers=LAYERS, batch_size=7)

VARIANTS = {
    "adam": SMALL,
    "dropout, batch norm": SMALL.model_copy(
        update={"layers": (HiddenLayer(units=6, dropout=0.3, normalization="batch"), LAYERS[1])}
    ),
    "penalties, momentum, clipping": SMALL.model_copy(
        update={"l1": 1e-3, "l2": 1e-2, "clip_norm": 0.5, "optimizer": Rule(name="momentum")}
    ),
    "schedule": SMALL.model_copy(
        update={"optimizer": Rule(name="rmsprop", schedule="cosine", schedule_steps=40)}
    ),
    "delta-bar-delta": SMALL.model_copy(update={"optimizer": Rule(name="delta_bar_delta")}),
    "fixed order": SMALL.model_copy(update={"order": "fixed"}),
    "four classes": SMALL.model_copy(update={"data": Data(name="blobs", classes=4, samples=40)}),
    "regression": SMALL.model_copy(update={"data": Data(name="plane", samples=50), "loss": "huber"}),
    "targets of ±1": SMALL.model_copy(update={"loss": "squared_error"}),
    "perceptron": SMALL.model_copy(update={"loss": "perceptron", "layers": ()}),
    "another seed": SMALL.model_copy(update={"seed": 5, "layers": (HiddenLayer(units=6, dropout=0.3),)}),
}


def bits(run: Run) -> bytes:
    """The weights, the statistics and the optimizer's state."""
    return b"".join(array.tobytes() for array in run.state()["arrays"].values())


@pytest.mark.parametrize("name", VARIANTS)
def test_a_run_takes_the_steps_of_fit(name):
    chosen = VARIANTS[name]
    run = Run.start(chosen)
    run.advance(3 * run.steps_per_epoch)

    network = network_of(chosen, run.problem)
    train = ~run.problem.points.test
    t = run.problem.targets[train]
    if run.problem.classes == 2:
        t = t[:, np.newaxis] * (2.0 if name == "targets of ±1" else 1.0) - (name == "targets of ±1")
    network.fit(
        run.problem.inputs[train],
        t,
        optimizer=optimizer_of(chosen),
        epochs=3,
        batch_size=chosen.batch_size,
        sampler=chosen.order,
        clip_norm=chosen.clip_norm,
        threads=1,
        seed=chosen.seed,
    )
    assert np.array_equal(run.network.theta, network.theta)
    assert np.array_equal(run.network.buffers, network.buffers)
    assert not np.array_equal(network.theta, network_of(chosen, run.problem).theta)


@pytest.mark.parametrize("name", VARIANTS)
@settings(max_examples=5, deadline=None)
@given(parts=st.lists(st.integers(1, 40), min_size=1, max_size=8), back=st.integers(0, 100))
def test_the_past_is_exact_however_it_was_reached(name, parts, back):
    run = Run.start(VARIANTS[name])
    run.timeline.interval = 0.0  # a moment after every stretch
    seen = {0: bits(run)}
    for part in parts:
        run.advance(part)
        seen[run.step] = bits(run)
    for step in sorted(seen, key=lambda step: (step * 7919 + back) % 97):
        run.go_to(step)
        assert (run.step, bits(run)) == (step, seen[step])


def test_a_replay_goes_on_as_the_run_would_have():
    rng = np.random.default_rng(0)
    straight, scrubbed = Run.start(SMALL), Run.start(SMALL)
    straight.advance(200)
    while scrubbed.newest < 200:
        scrubbed.advance(min(17, 200 - scrubbed.step))
        if rng.random() < 0.5 and scrubbed.newest < 200:
            scrubbed.go_to(int(rng.integers(scrubbed.newest)))
    scrubbed.go_to(200)
    assert bits(scrubbed) == bits(straight)
    assert np.array_equal(scrubbed.records.table(), straight.records.table(), equal_nan=True)


def changed(run: Run) -> list[tuple[int, bytes]]:
    """Make each kind of change in turn, some steps apart; returns what was seen."""
    seen = []

    def look():
        seen.append((run.step, bits(run)))

    run.advance(11)
    look()
    run.change(run.settings.model_copy(update={"optimizer": Rule(learning_rate=0.1), "l2": 0.01}))
    run.advance(9)
    look()
    run.set_weight(3, 1.5)
    assert run.network.theta[3] == 1.5
    run.advance(5)
    look()
    points = run.points
    keep = np.arange(len(points.t)) != 4
    run.edit_points(Points(points.x[keep], points.t[keep], points.test[keep]))
    run.advance(8)
    look()
    run.change(run.settings.model_copy(update={"optimizer": Rule(name="momentum"), "batch_size": 3}))
    run.advance(30)
    look()
    return seen


def test_changes_are_part_of_the_past():
    run = Run.start(SMALL)
    seen = changed(run)
    assert [segment.kind for segment in run.timeline.segments] == [
        *("start", "settings", "weight", "points", "settings")
    ]
    assert "learning_rate 0.003 → 0.1" in run.timeline.segments[1].text
    for step, expected in [*seen[::-1], *seen]:
        run.go_to(step)
        after = {11: 11, 20: 20, 25: 25, 33: 33}  # at these steps the change that came next has been made
        if step not in after:
            assert bits(run) == expected
    run.go_to(0)
    assert run.settings == SMALL
    assert len(run.points.t) == 60
    run.advance(63)
    assert bits(run) == seen[-1][1]
    assert len(run.points.t) == 59


def test_a_change_in_the_past_drops_what_had_come_later():
    run = Run.start(SMALL)
    run.advance(100)
    run.go_to(40)
    run.change(SMALL.model_copy(update={"l1": 0.1}))
    assert run.newest == 40
    assert run.records.table()[-1, 0] <= 40
    run.advance(60)
    other = Run.start(SMALL)
    other.advance(40)
    other.change(SMALL.model_copy(update={"l1": 0.1}))
    other.advance(60)
    assert bits(run) == bits(other)


def test_a_fork_is_independent_and_equal():
    run = Run.start(SMALL)
    run.advance(50)
    fork = run.fork()
    run.advance(50)
    fork.advance(50)
    assert bits(fork) == bits(run)
    fork.set_weight(0, 9.0)
    assert run.network.theta[0] != 9.0
    rows = len(run.records.rows)
    fork.advance(50)
    assert len(run.records.rows) == rows
    fork.go_to(10)
    run.go_to(10)
    assert bits(fork) == bits(run)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_state_goes_on_as_the_run_would_have(name):
    run = Run.start(VARIANTS[name])
    run.advance(37)
    other = Run.from_state(run.state())
    assert bits(other) == bits(run)
    run.advance(100)
    other.advance(100)
    assert (other.step, bits(other)) == (137, bits(run))


def test_a_change_keeps_the_state_of_the_optimizer_and_begins_an_epoch_with_other_samples():
    run = Run.start(SMALL)
    run.advance(12)
    before = {name: value.copy() for name, value in run.fit.engine.state.items()}
    run.change(SMALL.model_copy(update={"optimizer": Rule(learning_rate=0.1)}))
    run.edit_points(run.points.add(1.0, 1.0, 1.0, False))
    for name, value in run.fit.engine.state.items():
        assert np.array_equal(value, before[name])
        assert value.any()
    assert (run.step, run.epoch, run.fit.position) == (12, 3, 0)
    run.change(run.settings.model_copy(update={"optimizer": Rule(name="rmsprop")}))
    assert not any(value.any() for value in run.fit.engine.state.values())


def test_dead_and_saturated_units_are_in_their_columns():
    layers = (HiddenLayer(units=3, activation="relu"), HiddenLayer(units=4, activation="tanh"))
    run = Run.start(SMALL.model_copy(update={"layers": layers}))
    first, _, second, _, _ = run.network.layers
    first.b[:] = [-1e3, -1e3, 1e3]  # two of three are dead
    second.w[:], second.b[:] = 0.0, [5.0, 0.0, 0.0, 0.0]  # one of four is saturated
    row = measuring.row(run.fit, run.problem)
    assert row[6 + 2] == pytest.approx(2 / 3)
    assert (row[6 + 4 + 2], row[6 + 4 + 3]) == (0.0, 0.25)
    assert np.isnan(row[-2:]).all()


def test_losses_and_scores_are_those_of_the_network():
    run = Run.start(SMALL)
    run.advance(100)
    x, t, test = run.problem.inputs, run.problem.targets, run.problem.points.test
    network = run.network
    expected = [f(x[p], t[p, np.newaxis]) for f in (network.value, network.score) for p in (~test, test)]
    np.testing.assert_allclose(run.losses(), expected, rtol=1e-5)


def test_records_are_like_the_history_of_fit_and_ever_fewer():
    run = Run.start(SMALL)
    run.advance(20 * run.steps_per_epoch)
    network = network_of(SMALL, run.problem)
    train = ~run.problem.points.test
    history = network.fit(
        run.problem.inputs[train],
        run.problem.targets[train, np.newaxis],
        optimizer=optimizer_of(SMALL),
        epochs=20,
        batch_size=SMALL.batch_size,
    )
    table = run.records.table()[1:]
    for layer, name in enumerate(("0", "2", "4")):
        for column, what in enumerate(("gradient_norm", "update_ratio")):
            measured = table[:, 6 + 4 * layer + column]
            np.testing.assert_allclose(measured, history[f"{what}_{name}"], rtol=1e-6)
    run.advance(1500 * run.steps_per_epoch)
    epochs = run.records.table()[:, 1]
    assert epochs.tolist() == [
        *range(128),
        *range(128, 256, 2),
        *range(256, 512, 4),
        *range(512, 1024, 8),
        *range(1024, 1521, 16),
    ]


def test_divergence_stops_at_finite_weights_and_says_so():
    chosen = SMALL.model_copy(
        update={
            "data": Data(name="plane", samples=60),
            "optimizer": Rule(name="sgd", learning_rate=100.0),
            "layers": (HiddenLayer(units=6, activation="relu"),) * 3,
        }
    )
    run = Run.start(chosen)
    run.advance(1000)
    assert run.trouble is not None
    assert "diverged" in str(run.trouble)
    assert np.isfinite(run.network.theta).all()
    assert run.newest == run.step < 1000
    stood = run.step
    run.advance(10)
    assert run.step == stood
    run.go_to(0)
    assert run.trouble is None


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ({"loss": "absolute_error"}, "for values"),
        ({"loss": "softmax_cross_entropy", "data": Data(name="plane")}, "for classes"),
        ({"optimizer": Rule(name="adam", numbers={"beta1": 1.5})}, "beta1"),
    ],
)
def test_settings_that_do_not_fit_are_refused_in_one_line(update, words):
    with pytest.raises(ValueError, match=words) as error:
        Run.start(SMALL.model_copy(update=update))
    assert "\n" not in str(error.value)


def test_a_refused_change_changes_nothing():
    run = Run.start(SMALL)
    run.advance(10)
    before = bits(run)
    with pytest.raises(ValueError, match="beta1"):
        run.change(SMALL.model_copy(update={"optimizer": Rule(numbers={"beta1": 1.5})}))
    with pytest.raises(Complaint, match="left to train on"):
        run.edit_points(Points(np.zeros((2, 2)), np.zeros(2), np.ones(2, bool)))
    with pytest.raises(Complaint, match="no weight 10000"):
        run.set_weight(10000, 1.0)
    assert bits(run) == before
    assert run.settings == SMALL
    run.advance(10)
    undisturbed = Run.start(SMALL)
    undisturbed.advance(20)
    assert bits(run) == bits(undisturbed)


def test_the_past_is_bounded(monkeypatch):
    run = Run.start(SMALL)
    monkeypatch.setattr("deltaprop.playground.timeline.MEMORY", 5 * run.problem.size)
    for _ in range(12):
        run.advance(5)
        run.edit_points(run.points.move(0, 1.0, 1.0))
    timeline = run.timeline
    assert len(timeline.segments) == 5
    assert timeline.first == 40
    run.go_to(0)
    assert run.step == 40
    monkeypatch.setattr("deltaprop.playground.timeline.MEMORY", 1_000_000)
    timeline.interval = 0.0
    run.go_to(60)
    before = timeline.first
    run.advance(2000 * run.steps_per_epoch)
    assert sum(moment.size for moment in timeline.moments) < 1_100_000
    assert timeline.interval == 0.0
    assert timeline.first == before


@pytest.mark.parametrize("steps", [60, 50])  # in the middle of an epoch, and at its end
@pytest.mark.parametrize("kind", ["settings", "points", "weight"])
def test_the_curves_do_not_depend_on_scrubbing(kind, steps):
    def change(run: Run) -> None:
        if kind == "settings":
            run.change(run.settings.model_copy(update={"batch_size": 4}))
        elif kind == "points":
            run.edit_points(run.points.add(1.0, 1.0, 1.0, False))
        else:
            run.set_weight(0, 0.5)

    straight, scrubbed = Run.start(SMALL), Run.start(SMALL)
    for run in (straight, scrubbed):
        run.advance(steps)
        change(run)
    scrubbed.go_to(0)
    scrubbed.advance(steps + 140)
    straight.advance(140)
    assert bits(scrubbed) == bits(straight)
    assert np.array_equal(scrubbed.records.table(), straight.records.table(), equal_nan=True)


@pytest.mark.parametrize("rule", RULES)
def test_a_run_that_is_driven_too_hard_can_be_kept(rule):
    chosen = Settings(
        data=Data(name="plane", samples=60),
        layers=(HiddenLayer(units=16, activation="relu"),) * 8,
        optimizer=Rule(name=rule, learning_rate=100.0),
        loss="huber",
    )
    run = Run.start(chosen)
    run.advance(300)
    other = Run.from_state(run.state())
    assert bits(other) == bits(run)
    assert (run.trouble is None) == (run.step == 300)


def test_two_runs_share_the_time_and_take_the_same_steps(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("deltaprop.playground.run.time.perf_counter", lambda: clock[0])
    quick, slow = Run.start(SMALL), Run.start(SMALL)
    for run, cost in ((quick, 1e-5), (slow, 1e-3)):
        advance = run.fit.advance

        def costly(steps, advance=advance, cost=cost):
            clock[0] += cost * steps
            return advance(steps)

        run.fit.advance = costly
    for _ in range(20):
        began = clock[0]
        advance_for([quick, slow], 0.02)
        assert quick.step == slow.step
    assert clock[0] - began == pytest.approx(0.02, abs=0.005)
    advance_for([quick, slow], 10.0, most=7)
    assert quick.step == slow.step
    slow.trouble = Complaint("no_training")
    before = quick.step
    advance_for([quick, slow], 10.0, most=7)
    assert (quick.step, slow.step) == (before + 7, before)


def test_the_totals_after_a_divergence_are_those_of_a_replay():
    chosen = SMALL.model_copy(
        update={
            "data": Data(name="plane", samples=60),
            "optimizer": Rule(name="sgd", learning_rate=0.3),
            "layers": (HiddenLayer(units=6, activation="relu"),) * 3,
        }
    )
    run = Run.start(chosen)
    run.advance(1000)
    assert run.trouble is not None
    total = run.fit.total.vector.copy()
    run.go_to(run.step)
    np.testing.assert_array_equal(run.fit.total.vector, total)


def test_a_run_stops_where_running_statistics_overflow():
    layers = (HiddenLayer(units=4, activation="relu", normalization="batch"),) * 3
    run = Run.start(SMALL.model_copy(update={"layers": layers}))
    run.advance(5)
    run.network.buffers[-1] = np.inf
    run.advance(5)
    assert run.trouble is not None
    assert np.isfinite(run.network.buffers).all()
