"""Spectrum and slice of a run's E against JAX: eigenvalues of its Hessian, E written from the published formulas."""

import jax
import jax.numpy as jnp
import numpy as np
import oracle
import pytest

from deltaprop.playground import curvature
from deltaprop.playground.complaints import Complaint
from deltaprop.playground.curvature import Landscape, slice_of, spectrum
from deltaprop.playground.run import Run
from deltaprop.playground.settings import Data, HiddenLayer, Rule, Settings

SETTINGS = Settings(
    data=Data(samples=60, noise=0.2),
    layers=(HiddenLayer(units=4), HiddenLayer(units=3, activation="sigmoid", dropout=0.4)),
    optimizer=Rule(name="sgd", learning_rate=0.3, schedule="inverse"),
    l2=0.02,
)
PLAN = (
    ("dense", 4),
    ("activation", "tanh"),
    ("dense", 3),
    ("activation", "sigmoid"),
    ("dropout", 0.4),
    ("dense", 1),
)


@pytest.fixture(scope="module")
def run():
    run = Run.start(SETTINGS)
    run.advance(40)
    return run


@pytest.fixture(scope="module")
def error(run):
    """E of the training samples as a function of theta, in float64."""
    train = ~run.points.test
    x, t = run.problem.inputs[train].astype(float), run.problem.targets[train][:, None]

    @jax.jit
    def value(theta):
        parameters = {f"{b.layer}.{b.parameter}": theta[b.slice].reshape(b.shape) for b in run.network.layout}
        return oracle.value(PLAN, parameters, x, t, "sigmoid_cross_entropy", l2=0.02)

    return value


@pytest.fixture(scope="module")
def eigenpairs(run, error):
    return np.linalg.eigh(jax.jit(jax.hessian(error))(run.network.theta.astype(float)))


def test_spectrum(run, eigenpairs):
    shown, values = spectrum(run, 1), eigenpairs[0]
    np.testing.assert_allclose(shown.eigenvalues, values, atol=1e-8)
    assert shown.largest_rate == pytest.approx(2 / values[-1])
    assert (shown.run, shown.step, shown.exact, shown.samples) == (1, 40, True, (~run.points.test).sum())
    assert shown.parameters == len(values)
    assert shown.rate == run.rate != 0.3


def test_outermost_eigenvalues(run, eigenpairs, monkeypatch):
    """Of a large network, the largest and the smallest ones."""
    monkeypatch.setattr(curvature, "DENSE", 10)
    monkeypatch.setattr(curvature, "OUTER", 3)
    shown, values = spectrum(run), eigenpairs[0]
    assert not shown.exact
    assert shown.parameters == len(values)
    np.testing.assert_allclose(shown.eigenvalues, values[[0, 1, 2, -3, -2, -1]], atol=1e-3 * values[-1])


def test_a_slice_of_a_long_run():
    run = Run.start(Settings())
    run.advance(np.int64(2000))
    found = curvature.slice_of(run, 0)
    assert found.path[-1][0] == 2000


def test_slice(run, error, eigenpairs):
    """Each value is E at its place; the axes are the gradient and the sharpest direction, made orthogonal to it."""
    shown, here = slice_of(run), run.network.theta.astype(float)
    g = np.array(jax.grad(error)(here))
    g /= np.linalg.norm(g)
    s = eigenpairs[1][:, -1]
    s = s - (g @ s) * g
    s /= np.linalg.norm(s)
    u, v, loss = np.array(shown.u), np.array(shown.v), np.array(shown.loss)
    places = here + u[None, :, None] * g + v[:, None, None] * s
    expected = np.array(jax.vmap(error)(jnp.array(places.reshape(-1, len(here))))).reshape(loss.shape)
    turned = not np.allclose(loss, expected, rtol=1e-6)  # an eigenvector has no sign
    np.testing.assert_allclose(loss[::-1] if turned else loss, expected, rtol=1e-6)
    middle = len(u) // 2
    assert u[middle] == v[middle] == 0
    assert shown.now == loss[middle, middle] == pytest.approx(run.losses()[0], rel=1e-5)
    assert loss[middle, middle + 1] > shown.now > loss[middle, middle - 1]  # the gradient points uphill

    past, sign = run.fork(), -1 if turned else 1
    assert (shown.path[0][0], shown.path[-1]) == (0, (40, 0.0, 0.0))
    assert [step for step, *_ in shown.path] == sorted({int(40 * (k / 39) ** 2) for k in range(40)})
    for step, along, across in shown.path:
        past.go_to(step)
        moved = past.network.theta - here
        assert (along, across) == pytest.approx((g @ moved, sign * (s @ moved)), abs=1e-6)
        assert abs(along) <= u[-1]
        assert abs(across) <= v[-1]


def test_path_of_moments():
    """Where a run keeps enough moments they are the path, after a replay up to the first of them."""
    run = Run.start(SETTINGS)
    run.timeline.interval = np.inf  # seconds between two moments
    run.advance(20)
    run.timeline.interval = 0
    for _ in range(60):
        run.advance(1)
    path, past = Landscape.of(run)._path(), run.fork()
    steps = [step for step, _ in path]
    first = 21
    assert steps[0] == 0
    assert steps[-1] == run.step
    assert set(range(first, run.step + 1)) <= set(steps)
    assert len([step for step in steps if step < first]) > 5
    for step, theta in path:
        past.go_to(step)
        np.testing.assert_array_equal(theta, past.network.theta)


def test_training_goes_on(run):
    """What is computed belongs to the moment at which the landscape was taken, and does not disturb the run."""
    going, still = run.fork(), run.fork()
    landscape = Landscape.of(going)
    going.advance(25)
    assert landscape.spectrum() == spectrum(run)
    assert landscape.slice() == slice_of(run)
    still.advance(25)
    np.testing.assert_array_equal(going.network.theta, still.network.theta)


def test_without_a_gradient():
    """At a stationary point the slice lies in the two sharpest directions."""
    run = Run.start(SETTINGS.model_copy(update={"layers": (), "l2": 0.0}))
    run.network.theta[:] = 0
    landscape = Landscape.of(run)
    landscape.t[:] = 0.5  # the prediction of zero weights
    assert np.linalg.norm(landscape.network.gradient(landscape.x, landscape.t)[1]) < 1e-12
    axes = landscape._directions()
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-9)


def test_samples_are_bounded():
    run = Run.start(Settings(data=Data(samples=2000)))
    assert spectrum(run).samples == slice_of(run).samples == curvature.SAMPLES


def test_not_finite(monkeypatch):
    """Weights that have grown too large are said; where only the surroundings overflow, these have no value."""
    run = Run.start(SETTINGS)
    run.network.theta[0] = np.inf
    with pytest.raises(Complaint, match="grown beyond all bounds"):
        Landscape.of(run)
    landscape = Landscape.of(Run.start(Settings(data=Data(name="plane", samples=20), layers=())))
    monkeypatch.setattr(curvature, "LEAST", 1e200)
    shown = landscape.slice()
    assert shown.loss[0][0] is None
    assert shown.loss[curvature.GRID // 2][curvature.GRID // 2] == shown.now
