"""What every solver keeps to: known minima, no worse step, a named end on any data, exact continuation."""

import pickle
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest
from minimized import Analytic, bowl, minimize, valley
from scipy.optimize import minimize as scipy_minimize

from deltaprop import BatchNorm, Dense, InputError, Network
from deltaprop.functions import Penalty
from deltaprop.solvers import SOLVERS, ScipyMinimizer
from deltaprop.training import Callback, fit

#: `bayesian_lm`, whose function changes from step to step, has tests of its own.
RULES = {name: rule for name, rule in SOLVERS.items() if rule.monotone}
RULES |= {m: ScipyMinimizer(m) for m in ("L-BFGS-B", "SLSQP", "trust-exact", "trust-ncg")}
CURVED = ("lm", "newton", "gauss_newton", "scg", "newton_cg", "trust_region")
everywhere = pytest.mark.parametrize("name", RULES)
ENDS = {"converged", "stalled", "diverged", "completed"}


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = threading.active_count()
    yield
    assert threading.active_count() == before


# -- functions ----


@everywhere
@pytest.mark.parametrize("n", [2, 10, 50])
def test_rosenbrocks_valley(name, n):
    points, reason = minimize(RULES[name], valley(), np.array([-1.2, 1.0]) if n == 2 else np.zeros(n))
    assert reason in ("gradient", "decrease", "step"), reason
    np.testing.assert_allclose(points[-1].theta, 1, atol=1e-3)
    assert (np.diff([point.value for point in points]) <= 0).all()


@everywhere
def test_a_convex_quadratic(name):
    objective, solution = bowl(8)
    points, reason = minimize(replace(RULES[name], tolerance=1e-7, decrease=2e-15), objective, np.ones(8))
    assert reason in ("gradient", "decrease", "step")
    np.testing.assert_allclose(points[-1].theta, solution, atol=1e-6)


@everywhere
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_region_that_is_not_finite_is_not_entered(name, bad):
    """The minimum lies beyond a wall behind which there are no numbers."""
    whole, _ = bowl(4)

    def walled(theta):
        inside = theta[0] > 0.5
        value, grad = whole.function(theta)
        return (value, grad) if inside else (bad, np.full(4, np.nan))

    objective = Analytic(walled, whole.hessian, whole.jacobian)
    with np.errstate(all="ignore"):
        points, reason = minimize(RULES[name], objective, np.array([1.0, 1, 1, 1]), steps=300)
    assert reason, name
    assert np.isfinite(points[-1].value)
    assert np.isfinite(points[-1].theta).all()
    assert points[-1].value < points[0].value or name == "L-BFGS-B"  # which gives up at once


@everywhere
def test_at_a_point_whose_curvature_is_not_finite(name):
    whole, _ = bowl(3)
    nan = np.full((3, 3), np.nan)
    objective = Analytic(whole.function, lambda theta: nan, lambda theta: nan)
    with np.errstate(all="ignore"):
        points, reason = minimize(RULES[name], objective, np.ones(3), steps=50)
    assert reason
    assert np.isfinite(points[-1].theta).all()


# -- networks ----

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
LABELS = np.argmax(X @ rng.normal(size=(3, 4)) + 0.5 * rng.normal(size=(60, 4)), axis=1)
T = np.column_stack([np.sin(2 * X[:, 0]) + 0.3 * X[:, 1], X[:, 2] * X[:, 1]])
WEIGHTS = rng.uniform(0.5, 2, 60)


def regression(**options):
    options = {"dtype": "float64", "seed": 1, "penalty": Penalty(l2=1e-3)} | options
    return Network([Dense(5), "tanh", Dense(2)], inputs=3, **options)


def train(net, name, x=X, t=T, **options):
    options = {"optimizer": RULES[name], "epochs": 30, "progress": False} | options
    return fit(net, x, t, **options)


@everywhere
def test_one_minimum_of_a_convex_problem(name):
    def net():
        layers = [Dense(4)]
        return Network(layers, 3, "softmax_cross_entropy", penalty=Penalty(l2=1e-2), dtype="float64", seed=2)

    trained, other = net(), net()

    def function(theta):
        other.theta[:] = theta
        return other.gradient(X, LABELS, WEIGHTS)

    oracle = scipy_minimize(
        function, other.theta.copy(), jac=True, method="L-BFGS-B", options={"gtol": 1e-10, "ftol": 0}
    )
    rule = replace(RULES[name], tolerance=1e-8, decrease=2e-15)
    history = train(trained, name, t=LABELS, optimizer=rule, sample_weight=WEIGHTS, epochs=500)
    assert history.status in ("converged", "stalled")
    assert trained.value(X, LABELS, WEIGHTS) == pytest.approx(oracle.fun, rel=1e-12)
    w = trained.layers[0].w
    other.theta[:] = oracle.x
    np.testing.assert_allclose(w, other.layers[0].w, atol=1e-5)


@everywhere
@pytest.mark.parametrize("cut", [1, 7])
def test_a_resumed_fit_ends_with_the_weights_of_the_whole_one(name, cut, tmp_path):
    whole, parts = regression(), regression()
    expected = train(whole, name, epochs=12, sample_weight=WEIGHTS)
    options = {"sample_weight": WEIGHTS, "checkpoint": tmp_path / "a"}
    for epochs in range(cut, 12 + cut, cut):
        history = train(regression(seed=1), name, epochs=min(epochs, 12), resume=True, **options)
        if history.status != "completed":
            break
    parts = regression()
    history = train(parts, name, epochs=12, resume=True, **options)
    assert parts.theta.tobytes() == whole.theta.tobytes()
    np.testing.assert_array_equal(history["train_loss"], expected["train_loss"])


@everywhere
def test_float32_early_stopping_and_callbacks(name):
    seen = []

    class Watch(Callback):
        def on_epoch(self, run):
            seen.append(run.history.last["train_loss"])

    net = regression(dtype="float32")
    history = train(net, name, validation=0.25, early_stopping=5, callbacks=[Watch()])
    assert net.theta.dtype == np.float32
    np.testing.assert_array_equal(seen, history["train_loss"])
    assert (np.diff(seen) <= 0).all()
    assert history.status in ENDS | {"early_stopped"}


@everywhere
def test_batch_normalization(name):
    net = Network([Dense(4), BatchNorm(), "tanh", Dense(2)], inputs=3, dtype="float64", seed=3)
    losses = train(net, name)["train_loss"]
    assert losses[-1] < 0.7 * losses[0]
    assert (np.diff(losses) <= 0).all()


@everywhere
def test_weights_that_a_callback_has_moved(name):
    class Move(Callback):
        def on_epoch(self, run):
            if run.epoch == 3:
                run.network.theta[:] = start

    net = regression()
    start, before = net.theta.copy(), net.value(X, T)
    losses = train(net, name, epochs=8, callbacks=[Move()])["train_loss"]
    assert (np.diff([before, *losses[3:]]) < 0).all()


@everywhere
def test_ctrl_c(name):
    class Press(Callback):
        def on_epoch(self, run):
            if run.epoch == 3:
                signal.raise_signal(signal.SIGINT)

    net, three = regression(), regression()
    assert train(net, name, callbacks=[Press()]).status == "interrupted"
    train(three, name, epochs=3)
    assert net.theta.tobytes() == three.theta.tobytes()


@everywhere
def test_an_error_in_a_callback_or_in_the_network(name):
    class Fail(Callback):
        def on_epoch(self, run):
            if run.epoch == 2:
                raise KeyboardInterrupt

    net, two = regression(), regression()
    with pytest.raises(KeyboardInterrupt):
        train(net, name, callbacks=[Fail()])
    train(two, name, epochs=2)
    assert net.theta.tobytes() == two.theta.tobytes()


@everywhere
def test_pickled_compared_and_printed(name):
    rule = RULES[name]
    assert pickle.loads(pickle.dumps(rule)) == rule
    assert eval(repr(rule), vars(__import__("deltaprop.solvers", fromlist=["x"]))) == rule


CASES = {
    "constant inputs": (np.ones((20, 3)), rng.normal(size=(20, 2))),
    "all samples the same": (np.tile(X[:1], (20, 1)), np.tile(T[:1], (20, 1))),
    "one sample": (X[:1], T[:1]),
    "inputs of zero": (np.zeros((20, 3)), rng.normal(size=(20, 2))),
    "no residuals": (X, None),
    "large inputs": (1e6 * X, T),
    "large targets": (X, 1e6 * T),
}


@everywhere
@pytest.mark.parametrize("case", CASES)
def test_a_named_end_and_good_weights_on_degenerate_data(name, case):
    net = regression(penalty=None)
    x, t = CASES[case]
    if t is None:
        t = net.predict(x)
    before = net.value(x, t)
    history = train(net, name, x, t)
    assert history.status in ENDS
    assert history.message
    assert np.isfinite(net.theta).all()
    assert net.value(x, t) <= before


@everywhere
def test_a_saturated_start(name):
    net = regression(penalty=None)
    net.theta[:] *= 1e4
    before = net.value(X, T)
    assert train(net, name).status in ENDS
    assert net.value(X, T) <= before


@everywhere
def test_numbers_that_overflow_at_the_start(name):
    net = regression()
    net.theta[:] = 1e200
    history = train(net, name)
    assert history.status == "diverged"
    np.testing.assert_array_equal(net.theta, 1e200)


@pytest.mark.parametrize("name", [name for name in SOLVERS if name in RULES])
@pytest.mark.parametrize("change", [{"penalty": Penalty(l1=1e-3)}, {"loss": "absolute_error"}])
def test_kinks_are_for_methods_that_use_the_gradient_alone(name, change):
    if name in CURVED:
        with pytest.raises(InputError, match=r"expected (a loss with a second derivative|one with l1=0)"):
            train(regression(**change), name)
    else:
        losses = train(regression(**change), name)["train_loss"]
        assert losses[-1] < losses[0]


@pytest.mark.parametrize("rule", [RULES[n] for n in ("newton", "gauss_newton", "bfgs", "trust-exact")])
@pytest.mark.parametrize("limit", ["max_memory", "max_step_seconds"])
def test_a_problem_that_is_too_large_is_refused_before_the_first_step(rule, limit):
    net = regression()
    before = net.theta.copy()
    with pytest.raises(InputError, match=f"a step takes about .*{limit}=1e-12; use a smaller network"):
        fit(net, X, T, optimizer=replace(rule, **{limit: 1e-12}))
    np.testing.assert_array_equal(net.theta, before)
