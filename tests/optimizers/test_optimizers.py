"""What holds for every rule, and what distinguishes one from another."""

import copy
import pickle
from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaprop.errors import InputError
from deltaprop.functions import FUNCTION_CLASSES, ConstantRate, Cosine, Linear, Schedule, StepDecay
from deltaprop.optimizers import (
    OPTIMIZER_CLASSES,
    OPTIMIZERS,
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    DeltaBarDelta,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    as_optimizer,
)
from deltaprop.serialization import from_spec, to_spec

every_rule = pytest.mark.parametrize("rule", OPTIMIZERS.values(), ids=OPTIMIZERS)


def gradients(steps, size=5, dtype=np.float64):
    return np.random.default_rng(7).normal(size=(steps, size)).astype(dtype)


def run(rule, grads, theta=None, rate_scale=1.0):
    """θ after following the given gradients, and the state."""
    theta = np.linspace(-1, 1, grads.shape[1]).astype(grads.dtype) if theta is None else theta.copy()
    state = rule.init(theta)
    for k, grad in enumerate(grads):
        rule.step(theta, grad, state, k, rate_scale)
    return theta, state


# ---------------------------------------------------------------------------------- every rule


@every_rule
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_step_is_in_place_keeps_the_dtype_and_leaves_the_gradient(rule, dtype):
    theta = np.ones(4, dtype)
    view, grad = theta[:], np.full(4, 0.5, dtype)
    state = rule.init(theta)
    before = dict(state)
    rule.step(theta, grad, state, 0, rate_scale=np.float64(1.0))
    assert view.dtype == dtype
    assert (view < 1).all()
    assert (grad == 0.5).all()
    assert all(state[name] is array for name, array in before.items())
    assert all(array.dtype == dtype for array in state.values() if array.shape == theta.shape)


@every_rule
def test_single_precision_is_computed_in_single_precision(rule):
    """A vector that spies on the type of everything it meets."""

    class Single(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, out=(), **kwargs):
            assert all(np.asarray(x).dtype == np.float32 for x in inputs if isinstance(x, np.ndarray))
            plain = [np.asarray(x) if isinstance(x, np.ndarray) else x for x in inputs]
            into = {"out": tuple(np.asarray(x) for x in out)} if out else {}
            result = getattr(ufunc, method)(*plain, **into, **kwargs)
            assert result.dtype == np.float32
            return out[0] if out else result.view(Single)

    theta, grad = np.ones(4, np.float32).view(Single), np.full(4, 0.5, np.float32).view(Single)
    state = rule.init(theta)
    rule.step(theta, grad, state, 0, rate_scale=np.float64(0.5))
    rule.step(theta, grad, state, 1, rate_scale=np.linspace(0, 1, 4))


@every_rule
def test_a_vector_of_rates_is_one_rate_for_each_weight(rule):
    grads, scales = gradients(6), np.array([0.0, 0.5, 1.0, 2.0, 3.0])
    theta, _ = run(rule, grads, rate_scale=scales)
    for i, scale in enumerate(scales):
        alone, _ = run(rule, grads[:, i : i + 1], np.linspace(-1, 1, 5)[i : i + 1], rate_scale=float(scale))
        np.testing.assert_allclose(theta[i], alone[0], rtol=1e-13)
    assert theta[0] == -1  # rate 0: not moved


@every_rule
def test_scaling_the_rate_is_another_learning_rate(rule):
    grads = gradients(6)
    half = replace(rule, learning_rate=rule.learning_rate / 2)
    np.testing.assert_allclose(run(rule, grads, rate_scale=0.5)[0], run(half, grads)[0], rtol=1e-14)


@every_rule
def test_stopped_and_resumed_is_never_stopped(rule):
    grads = gradients(10)
    whole, _ = run(rule, grads)
    theta, state = run(rule, grads[:4])
    theta, state = copy.deepcopy((theta, state))
    for k in range(4, 10):
        rule.step(theta, grads[k], state, k)
    assert (theta == whole).all()


@every_rule
def test_a_constant_schedule_is_a_number(rule):
    constant = type(rule)(**{f.name: ConstantRate(getattr(rule, f.name)) for f in fields(rule)})
    np.testing.assert_array_equal(run(rule, gradients(5))[0], run(constant, gradients(5))[0])


HYPER_PARAMETERS = [(rule, f.name) for rule in OPTIMIZERS.values() for f in fields(rule)]


@pytest.mark.parametrize(
    ("rule", "name"), HYPER_PARAMETERS, ids=lambda v: v if isinstance(v, str) else type(v).__name__
)
def test_a_schedule_of_any_hyper_parameter_is_used_at_its_step(rule, name):
    """Equal until the schedule changes at step 3, different from then on; and step 3 uses the new value itself."""
    value = {"epsilon": 1e-3, "weight_decay": 0.1}.get(name) or getattr(rule, name)
    rule = replace(rule, **{name: value})
    scheduled = replace(rule, **{name: StepDecay(value, factor=0.5, every=3)})
    grads = gradients(4)
    assert (run(rule, grads[:3])[0] == run(scheduled, grads[:3])[0]).all()
    expected, state = run(rule, grads[:3])
    replace(rule, **{name: value / 2}).step(expected, grads[3], state, 3)
    theta, _ = run(scheduled, grads)
    np.testing.assert_array_equal(theta, expected)
    unscheduled, other = run(rule, grads)
    assert (theta != unscheduled).any() or any((state[name] != other[name]).any() for name in state)


@every_rule
def test_pickles_and_specs_come_back_equal(rule):
    scheduled = replace(rule, learning_rate=Cosine(0.1, 100))
    for one in (rule, scheduled):
        assert pickle.loads(pickle.dumps(one)) == one
        assert from_spec(to_spec(one), OPTIMIZER_CLASSES + FUNCTION_CLASSES) == one
    with pytest.raises(FrozenInstanceError):
        rule.learning_rate = 1.0


@every_rule
@pytest.mark.parametrize("bad", [-0.1, np.nan, np.inf, "fast", None, True, ConstantRate(0.1).curve, [0.1]])
def test_an_impossible_learning_rate_is_refused(rule, bad):
    with pytest.raises(InputError, match=rf"{type(rule).__name__}: learning_rate is .*expected a number"):
        replace(rule, learning_rate=bad)


@pytest.mark.parametrize(
    ("cls", "name", "bad"),
    [
        (Momentum, "momentum", 1.0),
        (Momentum, "momentum", ConstantRate(1.5)),
        (Nesterov, "momentum", -0.1),
        (AdaGrad, "epsilon", 0),
        (RMSProp, "decay", 1),
        (RMSProp, "epsilon", -1e-8),
        (Adam, "beta1", 1.0),
        (Adam, "beta2", 1.1),
        (Adam, "epsilon", 0.0),
        (AdamW, "beta1", Linear(1.0, 0.5, 10)),
        (AdamW, "beta2", "0.9"),
        (AdamW, "weight_decay", -1),
    ],
)
def test_an_impossible_hyper_parameter_is_refused(cls, name, bad):
    with pytest.raises(InputError, match=rf"{cls.__name__}: {name} is .*expected a number in [\[(]0"):
        cls(**{name: bad})


@every_rule
@given(size=st.integers(0, 4), scale=st.floats(1e-3, 1e3))
def test_any_size_stays_finite_and_descends_or_stands(rule, size, scale):
    theta = np.full(size, 1.0)
    rule.step(theta, np.full(size, scale), rule.init(theta), 0)
    assert np.isfinite(theta).all()
    assert (theta < 1).all()


@every_rule
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_gradient_no_movement(rule, dtype):
    rule = replace(rule, weight_decay=0.0) if isinstance(rule, AdamW) else rule
    theta, _ = run(rule, np.zeros((3, 5), dtype))
    assert (theta == np.linspace(-1, 1, 5).astype(dtype)).all()


def test_names_and_objects_become_optimizers():
    assert as_optimizer("adam") == Adam()
    assert as_optimizer("sgd", 0.5) == SGD(0.5)
    assert as_optimizer(Momentum(0.1, 0.5), learning_rate=0.2) == Momentum(0.2, 0.5)
    rule = Adam()
    assert as_optimizer(rule) is rule
    with pytest.raises(InputError, match=r"'adan'.*gradient_descent, sgd, .*rmsprop, adam, adamw"):
        as_optimizer("adan")
    for bad in (Adam, None, 3):
        with pytest.raises(InputError):
            as_optimizer(bad)
    with pytest.raises(InputError, match="learning_rate"):
        as_optimizer("adam", -1)


def test_only_gradient_descent_wants_the_full_batch():
    assert [name for name, rule in OPTIMIZERS.items() if rule.full_batch] == ["gradient_descent"]


# ------------------------------------------------------------------------------- single rules


def test_momentum_with_scheduled_rate_and_momentum_follows_its_formula():
    """v ← γ v − α g; θ ← θ + v, with another γ and α at every step: 0.5 → 0.9 as textbooks ask."""
    rates, momenta, grads = Cosine(0.3, 8), Linear(0.5, 0.9, 8), gradients(10)
    theta, v = np.linspace(-1, 1, 5), 0
    for k, grad in enumerate(grads):
        v = momenta.rate(k) * v - rates.rate(k) * grad
        theta = theta + v
    np.testing.assert_allclose(run(Momentum(rates, momenta), grads)[0], theta, rtol=1e-12)


def test_nesterov_is_momentum_seen_from_the_look_ahead_point():
    """Nesterov's own form: φ is the point, φ + γ v the look-ahead point; ours is the latter."""
    a, gamma, alpha = np.array([1.0, 10.0]), 0.8, 0.05
    phi, v = np.array([1.0, -1.0]), np.zeros(2)
    theta, rule = phi.copy(), Nesterov(alpha, gamma)
    state = rule.init(theta)
    for k in range(15):
        v = gamma * v - alpha * a * (phi + gamma * v)
        phi = phi + v
        rule.step(theta, a * theta, state, k)
        np.testing.assert_allclose(theta, phi + gamma * v, rtol=1e-12)


@pytest.mark.parametrize("cls", [Adam, AdamW])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_adam_divides_by_its_bias_correction(cls, scale):
    """A steady gradient moves by exactly the learning rate in *every* step, the first one included.

    Multiplying by 1 − βᵏ, a mistake that has been made, would move by (1 − 0.9)·√(1 − 0.999) of it.
    """
    rule = cls(0.1, epsilon=1e-15, **({"weight_decay": 0.0} if cls is AdamW else {}))
    theta = np.zeros(2)
    state = rule.init(theta)
    for k in range(5):
        rule.step(theta, np.array([scale, -scale]), state, k)
        np.testing.assert_allclose(theta, [-0.1 * (k + 1), 0.1 * (k + 1)], rtol=1e-9)


@every_rule
def test_blocks_of_parameters_are_stepped_as_one(rule):
    """One vector, or the same vector block by block with a state for each, at the same step: the same weights.

    A step counter that advances with every block, a mistake that has been made, would correct the later blocks wrongly.
    """
    grads = gradients(6)
    whole, _ = run(rule, grads)
    parts = [np.linspace(-1, 1, 5)[:2].copy(), np.linspace(-1, 1, 5)[2:].copy()]
    states = [rule.init(part) for part in parts]
    for k, grad in enumerate(grads):
        for part, state, piece in zip(parts, states, (grad[:2], grad[2:]), strict=True):
            rule.step(part, piece, state, k)
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_adam_with_scheduled_betas_keeps_true_weighted_means():
    """m̂ and ŝ are means of g and g² whose weights sum to 1, whatever the betas: with steady g they are g and g²."""
    rule = Adam(0.1, beta1=Linear(0.5, 0.9, 5), beta2=Linear(0.9, 0.99, 5), epsilon=1e-15)
    theta = np.zeros(1)
    state = rule.init(theta)
    for k in range(8):
        rule.step(theta, np.array([3.0]), state, k)
        np.testing.assert_allclose(theta, -0.1 * (k + 1), rtol=1e-9)
    np.testing.assert_allclose(state["faded"][0], np.prod(Linear(0.5, 0.9, 5).rate(np.arange(8))), rtol=1e-14)


@every_rule
@pytest.mark.parametrize("scale", [0.7, np.linspace(0, 2, 5)], ids=["number", "vector"])
def test_weight_decay_shrinks_every_parameter_before_the_step_and_leaves_the_state(rule, scale):
    """θ ← (1 − α λ) θ and then what the rule does without decay, step by step in float64."""
    rates, decays = Linear(0.1, 0.05, steps=6), Linear(0.5, 0.2, steps=6)
    decaying = replace(rule, learning_rate=rates, weight_decay=decays)
    plain = replace(rule, learning_rate=rates, weight_decay=0.0)
    theta, grads = np.linspace(-1, 1, 5), gradients(6)
    expected, state = theta.copy(), plain.init(theta)
    for k, grad in enumerate(grads):
        expected *= 1 - rates.rate(k) * scale * decays.rate(k)
        plain.step(expected, grad, state, k, scale)
    got, got_state = run(decaying, grads, theta, scale)
    np.testing.assert_allclose(got, expected, rtol=1e-14)
    for name, array in state.items():
        np.testing.assert_array_equal(got_state[name], array)


def test_the_decay_of_adamw_stays_out_of_the_moments():
    grads = gradients(8)
    _, decaying = run(AdamW(0.1, weight_decay=0.5), grads)
    _, plain = run(Adam(0.1), grads)
    for name in plain:
        np.testing.assert_array_equal(decaying[name], plain[name])


def test_adamw_without_a_gradient_only_decays():
    theta, _ = run(AdamW(0.1, weight_decay=0.5), np.zeros((3, 5)))
    np.testing.assert_allclose(theta, np.linspace(-1, 1, 5) * 0.95**3, rtol=1e-14)


def test_adagrad_with_a_steady_gradient_falls_as_the_root_of_the_step():
    theta, _ = run(AdaGrad(0.3, epsilon=1e-300), np.full((9, 1), 2.0), np.zeros(1))
    np.testing.assert_allclose(theta, -0.3 * np.sum(1 / np.sqrt(np.arange(1, 10))), rtol=1e-14)


def test_delta_bar_delta_weight_by_weight():
    alpha, kappa, phi, memory, grads = 0.1, 0.3, 0.25, 0.6, gradients(12)
    expected = np.linspace(-1, 1, 5)
    for i in range(5):
        gain, average = 1.0, 0.0
        for g in grads[:, i]:
            if average * g > 0:
                gain += kappa
            elif average * g < 0:
                gain -= phi * gain
            average = (1 - memory) * g + memory * average
            expected[i] -= alpha * gain * g
    rule = DeltaBarDelta(alpha, increase=kappa, decrease=phi, averaging=memory)
    np.testing.assert_allclose(run(rule, grads)[0], expected, rtol=1e-13)


def test_delta_bar_delta_knows_a_direction_from_an_oscillation():
    steady = np.ones((10, 1))
    oscillating = steady * (-1.0) ** np.arange(10)[:, None]
    rule = DeltaBarDelta(increase=0.5, decrease=0.5, averaging=0.0)
    assert run(rule, steady)[1]["gain"] == 1 + 9 * 0.5
    assert run(rule, oscillating)[1]["gain"] == 0.5**9


def test_a_schedule_of_ones_own_is_accepted():
    class Alternating(Schedule):
        def curve(self, k):
            return 0.1 + 0.1 * (k % 2)

    theta, _ = run(GradientDescent(Alternating()), np.ones((2, 1)), np.zeros(1))
    np.testing.assert_allclose(theta, -0.3)
