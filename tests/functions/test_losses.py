"""Every loss: value, delta and curvature beside JAX, values beside scikit-learn, far tails, and targets."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import (
    hinge_loss,
    log_loss,
    mean_absolute_error,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
)

from deltaprop.errors import InputError
from deltaprop.functions import (
    LOSSES,
    Huber,
    Quantile,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    SquaredError,
    as_loss,
    softmax,
)
from deltaprop.functions.loss import Loss

jax.config.update("jax_enable_x64", True)

JAX = {  # one sample: z and t of shape (d,)
    "squared_error": lambda z, t: ((z - t) ** 2).sum() / 2,
    "softmax_cross_entropy": lambda z, t: -(t * jax.nn.log_softmax(z)).sum(),
    "sigmoid_cross_entropy": lambda z, t: (
        -(t * jax.nn.log_sigmoid(z) + (1 - t) * jax.nn.log_sigmoid(-z)).sum()
    ),
    "hinge": lambda z, t: jax.nn.relu(1 - t * z).sum(),
    "perceptron": lambda z, t: ((jnp.heaviside(jax.lax.stop_gradient(z), 1.0) - t) * z).sum(),
    "absolute_error": lambda z, t: jnp.abs(z - t).sum(),
    "quantile": lambda z, t: 0.5 * jnp.abs(z - t).sum(),
    "huber": lambda z, t: jnp.where(jnp.abs(z - t) < 1, (z - t) ** 2 / 2, jnp.abs(z - t) - 0.5).sum(),
    "poisson": lambda z, t: (jnp.exp(z) - t + jax.scipy.special.xlogy(t, t) - t * z).sum(),
}
every_loss = pytest.mark.parametrize("name", LOSSES)


def targets(name, rng, n, d):
    """Rows that the loss takes."""
    match name:
        case "softmax_cross_entropy":
            return (
                rng.multinomial(16, np.full(d, 1 / d), n) / 16
            )  # sums to 1 exactly, in single precision too
        case "sigmoid_cross_entropy":
            return rng.uniform(size=(n, d))
        case "perceptron":
            return rng.integers(0, 2, (n, d)).astype(float)
        case "hinge":
            return rng.choice([-1.0, 1.0], (n, d))
        case "poisson":
            return rng.poisson(2.0, (n, d)).astype(float)
        case _:
            return rng.normal(size=(n, d))


def sample(name, n=40, d=3, dtype=np.float64):
    rng = np.random.default_rng(3)
    z, v = rng.normal(scale=2, size=(2, n, d))
    return z.astype(dtype), targets(name, rng, n, d).astype(dtype), v.astype(dtype)


def test_the_oracle_covers_every_name():
    assert set(JAX) == set(LOSSES)


# --------------------------------------------------------------------------- value, delta, curvature


@cache
def jax_of(name):
    """The oracle's value, delta and curvature of the rows of z, t and v."""

    def all_three(z, t, v):
        delta, curvature = jax.jvp(jax.grad(JAX[name]), (z, t), (v, jnp.zeros_like(t)))
        return JAX[name](z, t), delta, curvature

    return jax.jit(jax.vmap(all_three))


def numbers_of_single_precision(name, d):
    """A sample of numbers that single precision holds exactly, in double precision."""
    return [a.astype(np.float64) for a in sample(name, d=d, dtype=np.float32)]


@every_loss
@pytest.mark.parametrize("d", [1, 2, 7])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-11), (np.float32, 3e-5)])
def test_value_delta_and_curvature_are_jaxs(name, d, dtype, tolerance):
    given = numbers_of_single_precision(name, d)
    theirs = jax_of(name)(*given)
    z, t, v = (a.astype(dtype) for a in given)
    loss = LOSSES[name]
    ours = loss.value(z, t), loss.delta(z, t), loss.curvature(z, t, v)
    for our, their in zip(ours, theirs, strict=True):
        assert our.dtype == dtype
        np.testing.assert_allclose(our, their, rtol=tolerance, atol=tolerance)


@every_loss
@pytest.mark.parametrize("d", [1, 2, 7])
def test_the_factor_and_the_diagonal_are_those_of_the_curvature(name, d):
    """Of a loss of one's own they come from `curvature` alone, without the closed forms."""
    z, t, _ = sample(name, d=d)
    loss, columns = LOSSES[name], np.eye(d)[:, None, :] * np.ones((1, len(z), 1))
    matrix = np.stack([LOSSES[name].curvature(z, t, column) for column in columns], axis=2)
    factors = loss.curvature_factor(z, t), Loss.curvature_factor(loss, z, t)
    diagonals = loss.curvature_diagonal(z, t), Loss.curvature_diagonal(loss, z, t)
    for s, diagonal in zip(factors, diagonals, strict=True):
        np.testing.assert_allclose(s @ s.transpose(0, 2, 1), matrix, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(diagonal, np.diagonal(matrix, axis1=1, axis2=2), rtol=1e-12, atol=1e-15)


SMOOTHED = {"softmax_cross_entropy": SoftmaxCrossEntropy, "sigmoid_cross_entropy": SigmoidCrossEntropy}


@pytest.mark.parametrize("name", SMOOTHED)
@pytest.mark.parametrize("d", [2, 7])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-11), (np.float32, 3e-5)])
def test_label_smoothing_is_the_loss_of_targets_mixed_with_equal_probabilities(name, d, dtype, tolerance):
    z, t, v = numbers_of_single_precision(name, d)
    value, delta, curvature = jax_of(name)(
        z, 0.8 * t + 0.2 / (d if name == "softmax_cross_entropy" else 2), v
    )
    loss = SMOOTHED[name](label_smoothing=0.2)
    z, t, v = (a.astype(dtype) for a in (z, t, v))
    ours = loss.value(z, t), loss.delta(z, t), loss.curvature(z, t, v)
    for our, their in zip(ours, (value, delta, curvature), strict=True):
        assert our.dtype == dtype
        np.testing.assert_allclose(our, their, rtol=tolerance, atol=tolerance)


def test_label_smoothing_is_pytorchs():
    """``torch.nn.functional.cross_entropy(z, [0, 2], label_smoothing=0.1, reduction="none")`` and its gradient."""
    z = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]])
    loss = SoftmaxCrossEntropy(label_smoothing=0.1)
    t = loss.rows(loss.encode([0, 2], 3, z.dtype), 3, z.dtype)
    np.testing.assert_allclose(loss.value(z, t), [0.6212635690089501, 3.9040362014041], rtol=1e-14)
    delta = [
        [-0.32958443718470753, -0.00327444576375931, 0.3328588829484669],
        [0.025736424259176903, 0.8906731401745336, -0.9164095644337106],
    ]
    np.testing.assert_allclose(loss.delta(z, t), delta, rtol=1e-13)


@pytest.mark.parametrize("loss", SMOOTHED.values())
@pytest.mark.parametrize("smoothing", [-0.1, 1, np.nan, "much", None])
def test_impossible_label_smoothing_is_refused(loss, smoothing):
    with pytest.raises(
        InputError, match=rf"^{loss.__name__}: label_smoothing is .*, expected a number in \[0, 1\)"
    ):
        loss(label_smoothing=smoothing)


def test_negative_curvature_counts_as_zero_in_the_factor():
    class Cosine(SquaredError):
        def curvature(self, z, t, v):
            return np.cos(z) * v

    z = np.array([[0.0, np.pi]])
    s = Loss.curvature_factor(Cosine(), z, z)
    np.testing.assert_allclose(s @ s.transpose(0, 2, 1), [[[1, 0], [0, 0]]], atol=1e-15)
    np.testing.assert_allclose(Cosine().curvature_factor(z, z), [[[1, 0], [0, 0]]], atol=1e-15)


@every_loss
def test_the_arguments_are_left_as_they_are(name):
    arguments = sample(name)
    given = [a.copy() for a in arguments]
    loss = LOSSES[name]
    loss.value(*arguments[:2]), loss.delta(*arguments[:2]), loss.curvature(*arguments)
    assert all((a == b).all() for a, b in zip(arguments, given, strict=True))


@every_loss
def test_no_sample_is_no_trouble(name):
    z = np.zeros((0, 3))
    loss = LOSSES[name]
    assert loss.value(z, z).shape == (0,)
    assert loss.delta(z, z).shape == loss.curvature(z, z, z).shape == loss.predict(z).shape == (0, 3)


@every_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out_all_is_finite_and_silent(name, dtype):
    """At z = ±10⁴, beside every kind of target. Poisson's e^z is infinite there, and only it."""
    loss = LOSSES[name]
    z = np.array([[-1e4, 1e4], [1e4, -1e4], [1e4, 1e4], [-1e4, -1e4]], dtype)
    t = np.array([[0, 1]] * 4, dtype) if name != "hinge" else np.array([[-1, 1]] * 4, dtype)
    v = np.ones_like(z)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, delta = loss.value(z, t), loss.delta(z, t)
        loss.predict(z), loss.labels(z), loss.curvature(z, t, v)
    if name == "poisson":
        assert (value == np.inf).tolist() == [True, True, True, False]
        np.testing.assert_array_equal(delta[0], [0, np.inf])
        np.testing.assert_allclose(value[3], 1e4 - 1, rtol=1e-6)
    else:
        assert np.isfinite(value).all()
        assert np.isfinite(delta).all()
        assert np.isfinite(loss.curvature(z, t, v)).all()
    if name == "softmax_cross_entropy":
        np.testing.assert_allclose(value, [0, 2e4, np.log(2), np.log(2)], rtol=1e-6)
    if name == "sigmoid_cross_entropy":
        np.testing.assert_allclose(value, [0, 2e4, 1e4, 1e4], rtol=1e-6)


@given(arrays(np.float64, (3, 4), elements=st.floats(-50, 50)), st.floats(-1e3, 1e3))
def test_softmax_is_not_changed_by_a_shift(z, shift):
    y = softmax(z)
    np.testing.assert_allclose(softmax(z + shift), y, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(y, jax.nn.softmax(z, axis=1), rtol=1e-12, atol=1e-300)


@every_loss
def test_delta_is_zero_on_target(name):
    """The output map's own value as target is the minimum, where the loss has one."""
    if name in ("hinge", "perceptron"):
        z, t = np.array([[2.0, -3.0]]), np.array([[1.0, -1.0 if name == "hinge" else 0.0]])
    else:
        z = np.array([[0.3, -0.7]])
        t = LOSSES[name].predict(z)
    np.testing.assert_allclose(LOSSES[name].delta(z, t), 0, atol=1e-15)


@pytest.mark.parametrize(
    "name", [*(n for n in LOSSES if n not in ("hinge", "absolute_error", "quantile", "huber")), "huber"]
)
def test_delta_is_output_minus_target(name):
    """The one idea: y − t, for all losses that own their output map (Huber where it is not limited)."""
    z, t, _ = sample(name)
    if name == "huber":
        z = t + np.clip(z, -1, 1)
    np.testing.assert_allclose(LOSSES[name].delta(z, t), LOSSES[name].predict(z) - t, atol=1e-15)


# ------------------------------------------------------------------------------------ scikit-learn


def test_softmax_cross_entropy_is_scikit_learns_log_loss():
    z, _, _ = sample("softmax_cross_entropy")
    labels = np.arange(40) % 3
    loss = LOSSES["softmax_cross_entropy"]
    rows = loss.rows(loss.encode(labels, 3, np.float64), 3, np.float64)
    np.testing.assert_allclose(loss.value(z, rows).mean(), log_loss(labels, loss.predict(z)), rtol=1e-12)


def test_sigmoid_cross_entropy_is_scikit_learns_log_loss():
    z, _, _ = sample("sigmoid_cross_entropy", d=1)
    loss, labels = LOSSES["sigmoid_cross_entropy"], np.arange(40) % 2
    t = loss.encode(labels, 1, np.float64)
    np.testing.assert_allclose(loss.value(z, t).mean(), log_loss(labels, loss.predict(z)[:, 0]), rtol=1e-12)


def test_hinge_is_scikit_learns():
    z, t, _ = sample("hinge", d=1)
    np.testing.assert_allclose(LOSSES["hinge"].value(z, t).mean(), hinge_loss(t[:, 0], z[:, 0]), rtol=1e-12)


def test_squared_and_absolute_error_and_poisson_are_scikit_learns():
    z, t, _ = sample("poisson", d=1)
    np.testing.assert_allclose(
        2 * LOSSES["squared_error"].value(z, t).mean(), mean_squared_error(t, z), rtol=1e-12
    )
    np.testing.assert_allclose(
        LOSSES["absolute_error"].value(z, t).mean(), mean_absolute_error(t, z), rtol=1e-12
    )
    deviance = mean_poisson_deviance(t[:, 0], np.exp(z[:, 0]))
    np.testing.assert_allclose(2 * LOSSES["poisson"].value(z, t).mean(), deviance, rtol=1e-12)


# ---------------------------------------------------------------------------- residuals, scores, labels


def test_squared_error_is_half_the_sum_of_its_squared_residuals():
    z, t, _ = sample("squared_error")
    loss = LOSSES["squared_error"]
    np.testing.assert_allclose(loss.value(z, t), (loss.residual(z, t) ** 2).sum(axis=1) / 2)


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "squared_error"])
def test_only_squared_error_has_residuals(name):
    with pytest.raises(InputError, match="residual"):
        LOSSES[name].residual(np.zeros((1, 1)), np.zeros((1, 1)))


def test_which_are_for_classes():
    assert {name for name, loss in LOSSES.items() if loss.classification} == {
        "softmax_cross_entropy",
        "sigmoid_cross_entropy",
        "hinge",
        "perceptron",
    }


@pytest.mark.parametrize("name", ["softmax_cross_entropy", "sigmoid_cross_entropy", "hinge", "perceptron"])
def test_labels_and_accuracy_of_three_classes(name):
    loss = LOSSES[name]
    z = np.array([[2.0, -1.0, 0.0], [-1.0, 3.0, 0.0], [-3.0, -2.0, -1.0], [5.0, 1.0, 1.0]])
    t = loss.encode([0, 1, 2, 1], 3, np.float64)
    assert loss.labels(z).tolist() == [0, 1, 2, 0]
    assert loss.score(z, t) == 0.75
    assert loss.score(z, t, np.array([1.0, 1.0, 1.0, 7.0])) == 0.3


@pytest.mark.parametrize(
    ("name", "coded"),
    [("sigmoid_cross_entropy", [0, 1, 1]), ("hinge", [-1, 1, 1]), ("perceptron", [0, 1, 1])],
)
def test_labels_and_accuracy_of_a_single_output(name, coded):
    loss, z = LOSSES[name], np.array([[-2.0], [0.5], [0.0]])
    assert loss.labels(z).tolist() == coded
    assert loss.score(z, loss.encode(coded, 1, np.float64)) == 1


def test_the_score_of_values_is_r2():
    z, t = np.array([[1.0], [2.0], [4.0]]), np.array([[1.0], [2.0], [3.0]])
    assert LOSSES["squared_error"].score(z, t) == 0.5


# -------------------------------------------------------------------------------------- targets


def test_labels_become_rows():
    for name, rows in (("softmax_cross_entropy", [[0, 1], [1, 0]]), ("hinge", [[-1, 1], [1, -1]])):
        compact = LOSSES[name].encode([1, 0], 2, np.float32)
        assert compact.tolist() == [1, 0]
        assert compact.dtype == np.intp
        full = LOSSES[name].rows(compact, 2, np.float32)
        assert full.tolist() == rows
        assert full.dtype == np.float32


def test_values_become_rows():
    t = LOSSES["squared_error"].encode([1, 2, 3], 1, np.float32)
    assert t.tolist() == [[1], [2], [3]]
    assert t.dtype == np.float32


@pytest.mark.parametrize(
    ("name", "t", "outputs", "words"),
    [
        ("softmax_cross_entropy", [0, 3], 3, "class label 3"),
        ("softmax_cross_entropy", [0, -1], 3, "class label -1"),
        ("softmax_cross_entropy", [0.5, 1.0], 3, "class label 0.5"),
        ("softmax_cross_entropy", [[0.5, 0.6]], 2, "sum to 1"),
        ("softmax_cross_entropy", [[1.5, -0.5]], 2, "sum to 1"),
        ("sigmoid_cross_entropy", [[2.0]], 1, "value 2.0"),
        ("sigmoid_cross_entropy", [-1, 1], 1, "value -1"),
        ("hinge", [0, 1], 1, "value 0"),
        ("perceptron", [-1, 1], 1, "value -1"),
        ("poisson", [[-1.0]], 1, "value -1.0"),
        ("squared_error", [[1.0, 2.0]], 1, r"shape \(1, 2\)"),
        ("squared_error", [1.0, 2.0], 2, r"shape \(2,\)"),
        ("squared_error", [[[1.0]]], 1, r"shape \(1, 1, 1\)"),
        ("squared_error", [np.nan, 1.0], 1, "nan"),
        ("squared_error", ["cat", "dog"], 1, "dtype"),
    ],
)
def test_targets_outside_the_loss_are_refused(name, t, outputs, words):
    with pytest.raises(InputError, match=words):
        LOSSES[name].encode(t, outputs, np.float64)


def test_huber_with_a_threshold_of_ones_own():
    """Quadratic up to the threshold, then a straight line that continues value and slope."""
    loss = Huber(2.0)
    z, t = np.array([[1.0], [2.0], [5.0], [-5.0]]), np.zeros((4, 1))
    np.testing.assert_allclose(loss.value(z, t), [0.5, 2, 8, 8])
    np.testing.assert_allclose(loss.delta(z, t)[:, 0], [1, 2, 2, -2])
    for bad in (0, -1, np.nan, "1"):
        with pytest.raises(InputError, match="Huber: threshold is"):
            Huber(bad)


@pytest.mark.parametrize("level", [0.05, 0.5, 0.9])
def test_quantile_is_scikit_learns_pinball_loss(level):
    """And its minimum over a constant is the quantile of the targets: there delta changes its sign."""
    z, t, _ = sample("quantile", d=1)
    loss = Quantile(level)
    np.testing.assert_allclose(loss.value(z, t).mean(), mean_pinball_loss(t, z, alpha=level), rtol=1e-12)
    best = np.quantile(t, level, method="inverted_cdf")
    below, above = (loss.delta(np.full_like(t, best + step), t).sum() for step in (-1e-6, 1e-6))
    assert below < 0 < above + 1e-9
    for bad in (0, 1, -0.5, np.nan, "0.5"):
        with pytest.raises(InputError, match="Quantile: level is"):
            Quantile(bad)


def test_names_and_objects_become_losses():
    assert as_loss("squared_error") == SquaredError()
    mine = Huber(0.1)
    assert as_loss(mine) is mine
    for bad in ("mse", None, Huber):
        with pytest.raises(
            InputError, match="squared_error, softmax_cross_entropy, sigmoid_cross_entropy, hinge"
        ):
            as_loss(bad)
