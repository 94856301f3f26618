"""Programs: each is run, and computes and learns what the page does."""

import ast

import numpy as np
import pytest
from playground.programs import CASES, RUNS, by_hand, execute, initial_theta, run_of, training_part

from deltaprop.functions.activations import ACTIVATIONS
from deltaprop.functions.losses import LOSSES
from deltaprop.functions.schedules import SCHEDULES
from deltaprop.optimizers import OPTIMIZERS
from deltaprop.playground import share
from deltaprop.playground.code import arrays, pieces, program
from deltaprop.playground.code.numpy import RULES as RULE_PIECES
from deltaprop.playground.code.sklearn import _alike
from deltaprop.playground.code.subject import Subject
from deltaprop.playground.run import Run
from deltaprop.playground.settings import RULES, Settings

PIECES = pieces.PIECES


def theta_of(network, arrays):
    """The arrays of a NumPy program as one vector in theta's order."""
    names = {"w": "w", "b": "b", "gain": "gain", "shift": "shift"}
    found, dense = [], 0
    for view in network.layers:
        dense += "w" in view.arrays
        found += [np.ravel(arrays[f"{name}{dense}"]) for name in view.arrays if name in names]
    return np.concatenate(found)


# -- deltaprop ----


@pytest.mark.parametrize("name", RUNS)
def test_the_program_for_deltaprop_trains_to_the_very_weights_of_the_page(name):
    run = run_of(name)
    names = execute(run, "deltaprop")
    x, t = names["samples"](names["TRAIN"])
    np.testing.assert_array_equal(x, training_part(run)[0])
    np.testing.assert_array_equal(run.network.loss.rows(training_part(run)[1], t.shape[1], np.float32), t)
    trained, page = names["train"](), names["page"]()
    np.testing.assert_array_equal(trained.theta, run.network.theta)
    np.testing.assert_array_equal(page.theta, run.network.theta)
    np.testing.assert_array_equal(page.buffers, run.network.buffers)


# -- NumPy ----


@pytest.mark.parametrize("name", RUNS)
def test_the_program_in_numpy_computes_and_learns_what_the_page_does(name):
    run = run_of(name)
    network, names = run.network, execute(run, "numpy")
    x, t = names["samples"](names["TRAIN"])
    page = names["page"]()
    p, *running = page if isinstance(page, tuple) else (page,)
    np.testing.assert_array_equal(theta_of(network, vars(p)), network.theta)
    np.testing.assert_allclose(names["predict"](p, x, *running), network.predict(x), rtol=1e-4, atol=1e-5)

    stepping = any(layer["dropout"] for layer in run.settings.model_dump()["layers"])
    value, g = names["gradient"](p, x, t, *running, *[7] * stepping)
    wanted, gradient = network.gradient(x, t, training=True, step=7)
    assert value == pytest.approx(wanted, rel=1e-4)
    scale = np.abs(gradient).max()
    np.testing.assert_allclose(theta_of(network, vars(g)), gradient, rtol=1e-3, atol=1e-5 * scale)

    begun, trained = names["initial"](), names["train"]()
    p, trained = (part[0] if running else part for part in (begun, trained))
    np.testing.assert_array_equal(theta_of(network, vars(p)), initial_theta(run))
    np.testing.assert_allclose(theta_of(network, vars(trained)), network.theta, atol=2e-3)


def test_the_program_in_numpy_imports_numpy_alone():
    for name in ("features", "dropout", "layer norm"):
        tree = ast.parse(program(run_of(name), "numpy"))
        found = {n.names[0].name for n in ast.walk(tree) if isinstance(n, ast.Import)}
        found |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert found <= {"numpy", "math", "types"}


# -- scikit-learn ----

SKLEARN = (
    "no hidden layer",
    "three classes",
    "regression",
    "hinge",
    "two outputs",
    "dropout",
    "in order",
    "orthogonal",
    "sgd",
    "nesterov",
    "adam",
    "delta-bar-delta",
    "table",
)


@pytest.mark.parametrize("name", SKLEARN)
def test_the_program_for_sklearn_computes_what_the_page_does_where_it_can(name):
    run = run_of(name)
    names = execute(run, "sklearn")
    x, _ = names["samples"](names["TRAIN"])
    assert ("page" in names) == _alike(Subject(run))
    if "page" in names:
        model = names["page"]()
        found = model.predict_proba(x) if run.problem.classes else model.predict(x)[:, np.newaxis]
        wanted = run.network.predict(x)
        wanted = np.hstack([1 - wanted, wanted]) if run.problem.classes == 2 else wanted
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    names["report"]("trained,", names["train"]())


def test_full_batches_of_sklearn_descend_as_the_page_does():
    settings = Settings.model_validate(
        CASES["no hidden layer"]
        | {"batch_size": 23, "l2": 0.1, "layers": [{"units": 4}], "optimizer": {"name": "nesterov"}}
    )
    run = Run.start(settings)
    run.advance(5 * run.steps_per_epoch)
    assert run.steps_per_epoch == 1
    model = execute(run, "sklearn")["train"]()
    np.testing.assert_allclose(model.coefs_[0].T, run.network.layers[0].w, atol=1e-5)


# -- all ----


@pytest.mark.parametrize("form", ["deltaprop", "numpy", "sklearn"])
def test_a_program_runs_with_points_of_ones_own(form, capsys):
    run = by_hand(run_of("three classes"))
    names = execute(run, form)
    np.testing.assert_array_equal(names["samples"](names["TRAIN"])[0], training_part(run)[0])
    names["report"]("page,", *[names["page"]()])
    assert "test part" in capsys.readouterr().out


def test_a_program_of_a_run_that_was_opened_says_that_its_past_is_not_known():
    run = share.read(share.to_json(run_of("three classes")))
    assert f"The run was opened at step {run.step}" in program(run, "numpy")
    assert "to the last bit" not in program(run, "deltaprop")


def test_a_program_says_what_was_changed_on_the_way():
    run = run_of("three classes").fork()
    assert "changed while training went on" not in program(run, "numpy")
    assert "to the last bit" in program(run, "deltaprop")
    optimizer = run.settings.optimizer.model_copy(update={"learning_rate": 0.5})
    run.change(run.settings.model_copy(update={"optimizer": optimizer}))
    for form in ("deltaprop", "numpy", "sklearn", "pytorch"):
        assert "changed while training went on" in program(run, form)
    assert "to the last bit" not in program(run, "deltaprop")


def test_names_of_sklearn_that_differ_are_said():
    text = program(run_of("dropout"), "sklearn")
    assert "scikit-learn has no dropout." in text
    assert "scikit-learn has no normalization." in text


# -- the pieces ----

Z = np.linspace(-9, 9, 73, dtype=np.float32)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_that_of_the_library(name):
    a = ACTIVATIONS[name].f(Z)
    slope = ACTIVATIONS[name].df(Z, a)
    assert PIECES[name](Z).dtype == PIECES[f"{name}_slope"](Z, a).dtype == np.float32
    np.testing.assert_allclose(PIECES[name](Z), a, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(PIECES[f"{name}_slope"](Z, a), slope, rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize("name", sorted(LOSSES.keys() & PIECES.keys()))
def test_a_loss_is_that_of_the_library(name):
    z, loss = Z[:72].reshape(24, 3), LOSSES[name]
    t = np.eye(3, dtype=np.float32)[np.arange(24) % 3]
    t = 2 * t - 1 if name == "hinge" else t
    value, delta = PIECES[name](z, t)
    np.testing.assert_allclose(value, loss.value(z, t), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(delta, loss.delta(z, t), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", sorted(SCHEDULES.keys() - {"constant"}))
@pytest.mark.parametrize("steps", [1, 7, 100])
def test_a_schedule_is_that_of_the_library(name, steps):
    piece, schedule = PIECES["step_decay" if name == "step" else name], SCHEDULES[name](0.1, steps)
    for k in range(2 * steps + 3):
        assert piece(k, 0.1, steps) == pytest.approx(schedule.rate(k), abs=1e-15)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_that_of_the_library(name):
    rule, piece = OPTIMIZERS[name], PIECES[RULE_PIECES.get(name, name)]
    rng = np.random.default_rng(0)
    theta = rng.normal(size=9)
    mine, state = theta.copy(), rule.init(theta)
    own = [rule.init(theta)[vector] for vector in rule.vectors]
    numbers = {n: rule.value(n, 0) for n in vars(rule) if n not in ("learning_rate", "weight_decay")}
    for k in range(20):
        g = rng.normal(size=9)
        rule.update(theta, g, state, 0.1, k)
        piece(mine, g, *own, k, 0.1, **numbers)
    np.testing.assert_allclose(mine, theta, rtol=1e-12)


def test_numbers_come_back_to_the_last_bit():
    rng = np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        values = (rng.normal(size=(100, 30)) * 10.0 ** rng.integers(-30, 30, (100, 30))).astype(dtype)
        for text in (arrays.array(values), arrays.table(values)):
            np.testing.assert_array_equal(np.array(ast.literal_eval(text), dtype), values)
