"""Levenberg–Marquardt against the equations written out with JAX's Jacobian, against MINPACK's, and on bad problems."""

from dataclasses import replace
from functools import cache

import jax
import numpy as np
import oracle
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaprop import BatchNorm, Dense, Dropout, LayerNorm, Network, Penalty, Residual
from deltaprop.errors import InputError
from deltaprop.functions.losses import LOSSES
from deltaprop.solvers import LevenbergMarquardt, Point
from deltaprop.solvers.normal_equations import ByParameters, ByResiduals
from deltaprop.solvers.objective import Objective
from deltaprop.training import Callback, EarlyStopping

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (60, 2))
T = np.sin(3 * X[:, :1]) * np.cos(2 * X[:, 1:]) + X[:, :1] * X[:, 1:]
LAYERS = (("dense", 5), ("activation", "tanh"), ("dense", 2))
PLAIN = LevenbergMarquardt(acceleration=0)


def network(outputs=1, inputs=2, **options):
    options = {"dtype": "float64", "seed": 1} | options
    return Network([Dense(5), "tanh", Dense(outputs)], inputs, **options)


def targets(loss, n=30):
    """Targets for two outputs."""
    if LOSSES[loss].classification:
        return RNG.integers(0, 2, n)
    return RNG.integers(0, 5, (n, 2)) if loss == "poisson" else RNG.normal(size=(n, 2))


def gauss_newton(net, x, t, weight):
    """The Gauss–Newton matrix of the whole objective, dense, by JAX."""

    def outputs(theta):
        parameters = {b.name: theta[b.slice].reshape(b.shape) for b in net.layout}
        return oracle.forward(LAYERS, parameters, x)

    z, jacobian = outputs(net.theta), np.asarray(jax.jit(jax.jacobian(outputs))(net.theta))
    name = next(name for name, loss in LOSSES.items() if loss == net.loss)
    rows = net.loss.rows(net.encode(t), net.outputs, net.dtype)
    hessian = jax.hessian(lambda z, t: oracle.LOSSES[name](z[None], t[None])[0])
    hessians = jax.jit(jax.vmap(hessian))(z, rows)
    share = weight / weight.sum()
    matrix = np.einsum("n,nop,nok,nkq->pq", share, jacobian, hessians, jacobian)
    for block in net.layout:
        if block.penalized:
            matrix[block.slice, block.slice] += net.penalty.l2 * np.eye(block.size)
    return matrix


# ---------------------------------------------------------------------------------------------- the step


@pytest.mark.parametrize(
    "loss", ["squared_error", "softmax_cross_entropy", "sigmoid_cross_entropy", "poisson"]
)
@pytest.mark.parametrize("n", [4, 30])  # fewer residuals than parameters, and more
def test_the_step_solves_the_damped_equations_of_jax(loss, n):
    net = network(2, loss=loss, penalty=Penalty(l2=0.02))
    x, t, weight = RNG.normal(size=(n, 2)), targets(loss, n), RNG.uniform(0.5, 2, n)
    _, grad = net.gradient(x, t, weight)
    matrix = gauss_newton(net, x, t, weight)
    damping = matrix.diagonal().max()  # large enough for the first step to be taken
    expected = net.theta - np.linalg.solve(matrix + damping * np.eye(len(matrix)), grad)
    rule = replace(PLAIN, damping=1.0)
    net.fit(x, t, sample_weight=weight, optimizer=rule, epochs=1, progress=False)
    np.testing.assert_allclose(net.theta, expected, rtol=1e-8, atol=1e-10)


def test_the_acceleration_is_half_the_second_derivative_along_the_step():
    net = network(2, loss="softmax_cross_entropy")
    objective = Objective(net, (X, np.eye(2)[RNG.integers(0, 2, len(X))], None))
    theta, p = net.theta.copy(), 0.3 * RNG.normal(size=net.theta.size)

    def outputs(theta):
        parameters = {b.name: theta[b.slice].reshape(b.shape) for b in net.layout}
        return oracle.forward(LAYERS, parameters, X)

    z, pullback = jax.vjp(outputs, theta)
    along = jax.jvp(lambda s: jax.jvp(outputs, (s,), (p,))[1], (theta,), (p,))[1]
    y = np.asarray(jax.nn.softmax(z))
    weighted = y * (along - (y * along).sum(axis=1, keepdims=True)) / len(X)
    np.testing.assert_allclose(objective.bend(theta, p), pullback(weighted)[0], rtol=1e-5, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(p=st.integers(1, 12), rows=st.integers(1, 30), seed=st.integers(0, 99))
def test_both_forms_of_the_normal_equations_solve_the_same_system(p, rows, seed):
    rng = np.random.default_rng(seed)
    a, v = rng.normal(size=(rows, p)), rng.normal(size=p)
    decay, damping = rng.uniform(0, 1, p), rng.uniform(0.1, 1, p)
    matrix = a.T @ a + np.diag(decay + damping)
    for form in (ByParameters, ByResiduals):
        equations = form(a if form is ByResiduals else np.asfortranarray(a.T @ a), decay)
        np.testing.assert_allclose(equations.diagonal(), (matrix - np.diag(damping)).diagonal())
        damped = equations.damped(damping)
        np.testing.assert_allclose(damped.solve(v), np.linalg.solve(matrix, v), rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(damped.inverse_diagonal(), np.linalg.inv(matrix).diagonal(), rtol=1e-8)


def test_a_matrix_without_a_cholesky_factor_is_reported():
    assert ByParameters(np.ones((2, 2), order="F"), np.zeros(2)).damped(np.full(2, -1.0)) is None


def test_batch_normalization_is_differentiated_through_the_batch():
    net = Network([Dense(3), BatchNorm(), "tanh", Dense(1)], 2, dtype="float64", seed=3)
    _, grad = net.gradient(X, T, training=True)
    jacobian = np.array([net.jvp(X, unit, training=True)[:, 0] for unit in np.eye(net.theta.size)]).T
    matrix = jacobian.T @ jacobian / len(X)
    damping = 1e-3 * matrix.diagonal().max()
    expected = net.theta - np.linalg.solve(matrix + damping * np.eye(len(matrix)), grad)
    net.fit(X, T, optimizer=PLAIN, epochs=1, progress=False)
    np.testing.assert_allclose(net.theta, expected, rtol=1e-8)


# -------------------------------------------------------------------------------------------- the whole way


def three_units():
    return Network([Dense(3), "tanh", Dense(1)], 2, dtype="float64", seed=2)


@cache
def loss_of_minpack():
    """Where MINPACK ends from the same weights."""
    net = three_units()

    def residuals(theta):
        net.theta = theta
        return (net.predict(X) - T).ravel()

    start = net.theta.copy()
    return scipy.optimize.least_squares(residuals, start, method="lm", xtol=1e-14, ftol=1e-14).cost / len(X)


@pytest.mark.parametrize("scaling", ["identity", "marquardt"])
@pytest.mark.parametrize("acceleration", [0.0, 0.75])
def test_it_ends_where_minpack_ends(scaling, acceleration):
    rule = LevenbergMarquardt(scaling=scaling, acceleration=acceleration)
    history = three_units().fit(X, T, optimizer=rule, epochs=400, progress=False)
    assert history.last["train_loss"] == pytest.approx(loss_of_minpack(), rel=1e-4)
    assert (np.diff(history["train_loss"]) <= 0).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_sum_of_functions_is_learned_to_the_last_digits(dtype):
    net = Network([Dense(15), "tanh", Dense(1)], 2, dtype=dtype)
    history = net.fit(X, T, optimizer="lm", epochs=200, progress=False)
    assert history.last["train_loss"] < 1e-8
    np.testing.assert_allclose(net.predict(X), T, atol=1e-3)


@pytest.mark.parametrize(
    "layers",
    [
        [Dense(8), LayerNorm(), "tanh", Dense(2)],
        [Dense(4), "tanh", Residual([Dense(4), "tanh"]), Dense(2)],
        [Dense(4), BatchNorm(), "sigmoid", Dense(2)],
    ],
    ids=str,
)
def test_classes_and_layers_of_all_kinds(layers):
    net = Network(layers, 2, "softmax_cross_entropy", dtype="float64")
    labels = (X[:, 0] * X[:, 1] > 0).astype(int)
    history = net.fit(X, labels, optimizer="lm", epochs=60, progress=False)
    assert net.score(X, labels) == 1
    assert (np.diff(history["train_loss"]) <= 0).all()


def test_both_engines_take_the_same_steps():
    nets = [network(), network()]
    for net, engine in zip(nets, ("numpy", "auto"), strict=True):
        net.fit(X, T, optimizer="lm", epochs=5, engine=engine, progress=False)
    np.testing.assert_allclose(nets[0].theta, nets[1].theta, rtol=1e-8)


def test_it_is_resumed_exactly(tmp_path):
    whole, parts = network(), network()
    whole.fit(X, T, optimizer="lm", epochs=8, progress=False)
    file = {"checkpoint": tmp_path / "fit.ckpt", "resume": True, "progress": False}
    parts.fit(X, T, optimizer="lm", epochs=3, **file)
    parts = network()
    parts.fit(X, T, optimizer="lm", epochs=8, **file)
    np.testing.assert_array_equal(whole.theta, parts.theta)


def test_early_stopping_restores_the_best_weights():
    noisy = T + RNG.normal(size=T.shape)
    net = Network([Dense(30), "tanh", Dense(1)], 2, dtype="float64")
    history = net.fit(
        X[:40],
        noisy[:40],
        validation=(X[40:], T[40:]),
        early_stopping=EarlyStopping(5),
        optimizer="lm",
        epochs=100,
        progress=False,
    )
    assert history.status == "early_stopped"
    assert net.value(X[40:], T[40:]) == pytest.approx(history["validation_loss"].min())


# ---------------------------------------------------------------------------------------- ends, each with a name


def ends(net, x, t, epochs=500, **options):
    rule = LevenbergMarquardt(**options)
    with np.errstate(all="raise"):
        history = net.fit(x, t, optimizer=rule, epochs=epochs, progress=False)
    assert np.isfinite(net.theta).all()
    if len(history) > 1:
        assert net.value(x, t) == pytest.approx(history["train_loss"].min(), rel=1e-6, abs=1e-12)
    return history.status, history.message


def test_stops_have_names():
    x, t = X, T + 0.1 * RNG.normal(size=T.shape)
    assert ends(network(), x, t, tolerance=1e-3) == (
        "converged",
        "The largest entry of the gradient is at most 0.001.",
    )
    assert ends(network(), x, t, step_tolerance=0.01)[1] == "The steps are too short to change the weights."
    assert ends(network(), x, t, decrease=1e-3)[0] == "converged"
    assert ends(network(), x, t, epochs=3) == ("completed", "All 3 epochs are done.")
    status, message = ends(network(), x, t, max_seconds=1e-6)
    assert (status, message[:32]) == ("time_limit", "The limit of 1e-06 seconds is re")
    assert ends(network(), x, t, max_evaluations=4)[0] == "max_fun"


@pytest.mark.parametrize("scaling", ["identity", "marquardt"])
@pytest.mark.parametrize(
    ("x", "t"),
    [
        (np.repeat(X[:3], 20, axis=0), np.repeat(T[:3], 20, axis=0)),  # duplicates: J has three distinct rows
        (np.column_stack([X[:, 0], np.zeros(60)]), T),  # a constant input of 0: columns of J that are 0
        (np.column_stack([X[:, 0], np.ones(60)]), T),  # one that does what the bias does
        (np.zeros((60, 2)), np.zeros((60, 1))),  # nothing to learn from
        (X[:2], T[:2]),  # fewer residuals than parameters
    ],
    ids=["duplicates", "zero input", "constant input", "zeros", "two samples"],
)
def test_rank_deficient_jacobians(x, t, scaling):
    status, _ = ends(network(), x, t, scaling=scaling)
    assert status in ("converged", "completed")


def test_zero_residuals_end_at_once():
    net = network()
    status, _ = ends(net, X, net.predict(X))
    assert status == "converged"


def test_a_saturated_start():
    net = network()
    net.layers[0].w = 1e4 * net.layers[0].w
    before = net.value(X, T)
    status, _ = ends(net, X, T)
    assert status in ("converged", "stalled", "completed")
    assert net.value(X, T) <= before


class Poisoned:
    """An objective that is not a number beyond a distance from the start."""

    def __init__(self, net, radius):
        self.inner, self.start, self.radius = Objective(net, (X, T, None)), net.theta.copy(), radius

    def __call__(self, theta):
        value, grad = self.inner(theta)
        return (value, grad) if np.linalg.norm(theta - self.start) < self.radius else (np.nan, grad)

    def __getattr__(self, name):
        return getattr(self.inner, name)


@pytest.mark.parametrize("radius", [1e-300, 1e-9, 0.1, 1.0])
def test_not_a_number_in_the_middle(radius):
    net = network()
    objective, state = Poisoned(net, radius), PLAIN.init(net.theta)
    theta = net.theta.copy()
    point = Point(theta, *objective(theta))
    values, reason = [point.value], ""
    while not reason and len(values) < 300:
        point, reason = PLAIN.step(objective, point, state)
        values.append(point.value)
    assert np.isfinite(values).all()
    assert (np.diff(values) <= 0).all()
    assert reason in (("damping",) if radius < 1e-9 else ("", "damping", "step", "decrease"))


def test_a_start_that_is_not_a_number_is_reported():
    net = network()
    net.layers[0].w = 1e200 * net.layers[0].w
    net.layers[2].w = 1e300 * net.layers[2].w
    before = net.theta.copy()
    with np.errstate(all="ignore"):
        history = net.fit(X, T, optimizer="lm", epochs=3, progress=False)
    assert history.status == "diverged"
    np.testing.assert_array_equal(net.theta, before)


def test_ctrl_c_keeps_what_was_learned():
    class Interrupts(Callback):
        def on_epoch(self, run):
            if run.epoch == 3:
                raise KeyboardInterrupt

    net = network()
    before = net.value(X, T)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, T, optimizer="lm", epochs=50, callbacks=[Interrupts()], progress=False)
    assert net.value(X, T) < before


# ------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("net", "options", "words"),
    [
        (network(loss="absolute_error"), {}, "the network has the loss AbsoluteError"),
        (network(penalty=Penalty(l1=0.1)), {}, "a penalty with l1=0.1, expected one with l1=0"),
        (Network([Dense(3), Dropout(0.5), Dense(1)], 2), {}, "the network has Dropout"),
        (network(), {"max_memory": 1e-9}, r"a step takes about .* GB, expected at most max_memory=1e-09"),
        (network(), {"max_step_seconds": 1e-9}, "expected at most max_step_seconds=1e-09"),
    ],
    ids=["loss", "l1", "dropout", "memory", "time"],
)
def test_what_it_cannot_train_is_refused_before_anything_changes(net, options, words):
    before = net.theta.copy()
    with pytest.raises(InputError, match=words):
        net.fit(X, T, optimizer=LevenbergMarquardt(**options), epochs=3, progress=False)
    np.testing.assert_array_equal(net.theta, before)


@pytest.mark.parametrize("name", ["clip_norm", "clip_value", "rate_factors"])
def test_arguments_of_first_order_rules_are_refused(name):
    with pytest.raises(InputError, match=f"fit: {name} is given with LevenbergMarquardt"):
        network().fit(X, T, optimizer="lm", **{name: 1.0})


@pytest.mark.parametrize(
    ("name", "value"), [("damping", 0), ("scaling", "none"), ("max_seconds", -1), ("acceleration", -1)]
)
def test_bad_hyper_parameters(name, value):
    with pytest.raises(InputError, match=f"LevenbergMarquardt: {name} is"):
        LevenbergMarquardt(**{name: value})


def test_the_estimate_grows_with_the_problem():
    rule, small, large = LevenbergMarquardt(), network(), Network([Dense(200), "tanh", Dense(1)], 20)
    assert rule.cost(small, 100).memory < rule.cost(large, 10_000).memory
    assert rule.cost(large, 1000).seconds < rule.cost(large, 10_000).seconds
