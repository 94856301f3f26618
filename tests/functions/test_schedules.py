"""Schedules beside PyTorch's and scikit-learn's, and their closed forms.

PyTorch's numbers were printed once, by PyTorch 2.13 and this script:

    import torch
    from torch.optim import lr_scheduler as s

    def rates(make, n=12):
        o = torch.optim.SGD([torch.zeros(1)], lr=0.1, momentum=0.9)
        scheduler, out = make(o), []
        for _ in range(n):
            out.append(o.param_groups[0]["lr"]); o.step(); scheduler.step()
        return out

    for make in (
        lambda o: s.StepLR(o, step_size=4, gamma=0.5),
        lambda o: s.ExponentialLR(o, gamma=0.9),
        lambda o: s.LinearLR(o, start_factor=1.0, end_factor=0.2, total_iters=8),
        lambda o: s.CosineAnnealingLR(o, T_max=11, eta_min=0.01),
        lambda o: s.SequentialLR(
            o, [s.LinearLR(o, start_factor=0.2, total_iters=4), s.ExponentialLR(o, gamma=0.9)], [4]
        ),
        lambda o: s.CyclicLR(o, base_lr=0.1, max_lr=0.5, step_size_up=3, mode="triangular2"),
        lambda o: s.OneCycleLR(o, max_lr=1.0, total_steps=13, pct_start=0.3, cycle_momentum=False),
    ):
        print(tuple(rates(make)))
"""

import pickle
from inspect import isabstract

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaprop.errors import InputError
from deltaprop.functions import (
    FUNCTION_CLASSES,
    SCHEDULES,
    ConstantRate,
    Cosine,
    CosineLog,
    Exponential,
    FlatCosine,
    Inverse,
    InverseScaling,
    Linear,
    MomentumRamp,
    OneCycle,
    Scaled,
    Schedule,
    StepDecay,
    Triangular,
    Warmup,
    as_schedule,
    scaled_by_batch,
)
from deltaprop.serialization import from_spec, to_spec

PYTORCH = [
    (
        StepDecay(0.1, factor=0.5, every=4),
        (0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.025),
    ),
    (
        Exponential(0.1, factor=0.9, every=1),
        (
            0.1,
            0.09,
            0.081,
            0.0729,
            0.06561,
            0.059049,
            0.0531441,
            0.04782969,
            0.043046721,
            0.0387420489,
            0.03486784401,
            0.031381059609,
        ),
    ),
    (Linear(0.1, 0.02, steps=8), (0.1, 0.09, 0.08, 0.07, 0.06, 0.05, 0.04, 0.03, 0.02, 0.02, 0.02, 0.02)),
    (
        Cosine(0.1, steps=11, final=0.01),
        (
            0.1,
            0.0981771838126524,
            0.0928564089774032,
            0.0844687330275378,
            0.0736936755850849,
            0.0614041677222978,
            0.0485958322777022,
            0.0363063244149151,
            0.0255312669724622,
            0.0171435910225969,
            0.0118228161873476,
            0.01,
        ),
    ),
    (
        Warmup(Exponential(0.1, factor=0.9, every=1), steps=4),
        (0.02, 0.04, 0.06, 0.08, 0.1, 0.09, 0.081, 0.0729, 0.06561, 0.059049, 0.0531441, 0.04782969),
    ),
    (
        Triangular(0.1, 0.5, half_cycle=3, factor=0.5),
        (
            0.1,
            0.233333333333333,
            0.366666666666667,
            0.5,
            0.366666666666667,
            0.233333333333333,
            0.1,
            0.166666666666667,
            0.233333333333333,
            0.3,
            0.233333333333333,
            0.166666666666667,
        ),
    ),
    (
        OneCycle(1.0, steps=13, rise=0.3),
        (
            0.04,
            0.295163948464101,
            0.789369791373943,
            0.999702071467254,
            0.964378262550171,
            0.874255877064054,
            0.739969779104937,
            0.577366357936471,
            0.405633579748733,
            0.245036717670141,
            0.11452695450886,
            0.0295050543141226,
        ),
    ),
]

EVERY = [
    ConstantRate(0.1),
    StepDecay(0.1, 0.5, 3),
    Exponential(0.1, 0.5, 3),
    Inverse(2.0, 20.0),
    InverseScaling(0.1, 0.5, 4, 32),
    Linear(0.1, 0.0, 12),
    Cosine(0.1, 12, 0.01),
    FlatCosine(0.1, 12, 0.25, 0.01),
    CosineLog(0.1, 12, 3),
    Warmup(Cosine(0.1, 12), 5, "cosine", 0.1),
    Warmup(ConstantRate(0.1), 5),
    Triangular(0.0, 0.1, 4, 0.5),
    OneCycle(0.1, 14),
    OneCycle(0.85, 14, initial=0.95, final=0.95),
    MomentumRamp(5, settled=3),
    Scaled(Linear(0.1, 0.0, 12), 4.0),
]
every_schedule = pytest.mark.parametrize("schedule", EVERY, ids=repr)


@pytest.mark.parametrize(("schedule", "rates"), PYTORCH, ids=lambda value: type(value).__name__)
def test_twelve_rates_are_pytorchs(schedule, rates):
    np.testing.assert_allclose(schedule.rate(np.arange(12)), rates, rtol=1e-12, atol=1e-15)


def test_inverse_scaling_is_scikit_learns():
    """The rate of each epoch of 10 samples in 2 batches, as MLPClassifier(solver="sgd", learning_rate="invscaling",
    learning_rate_init=0.2, power_t=0.5, batch_size=5) of scikit-learn 1.9 holds it in `_optimizer.learning_rate` before
    the first and after each of four calls of partial_fit.
    """
    rates = [0.2, 0.06030226891555273, 0.043643578047198484, 0.03592106040535498, 0.031234752377721216]
    schedule = InverseScaling(0.2, power=0.5, every=2, samples=10)
    np.testing.assert_allclose(schedule.rate(np.arange(10)), np.repeat(rates, 2), rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "factors"),
    [
        (
            "coslog4",
            (
                0.0,
                0.258916718774604,
                0.323689004228872,
                0.493489275464797,
                0.930430970431206,
                0.186200800125677,
                0.073618934185856,
                0.610304447130195,
                0.983844426922875,
                0.875657731080773,
                0.48464787233914,
                0.129882148205113,
                0.0,
            ),
        ),
        ("flat_cosine", (*[1.0] * 7, 0.933012701892219, 0.75, 0.5, 0.25, 0.0669872981077808, 0.0)),
    ],
)
def test_the_schedules_of_realmlp_are_pytabkits(name, factors):
    """``get_schedule(name).call_time_(k / 12)`` of pytabkit 1.7, whose name of the second is "flat_cos"."""
    np.testing.assert_allclose(
        as_schedule(name, 0.3, 12).rate(np.arange(13)), 0.3 * np.array(factors), atol=1e-14
    )


# ------------------------------------------------------------------------------------- every schedule


def test_every_class_is_tested():
    classes = {c for c in FUNCTION_CLASSES if issubclass(c, Schedule) and not isabstract(c)}
    assert {type(schedule) for schedule in EVERY} == classes


@every_schedule
def test_an_array_of_steps_is_each_step_alone(schedule):
    k = np.arange(30).reshape(5, 6)
    rates = schedule.rate(k)
    assert rates.shape == k.shape
    assert rates.dtype == np.float64
    alone = [schedule.rate(int(i)) for i in k.ravel()]
    assert all(type(rate) is float for rate in alone)
    np.testing.assert_array_equal(rates.ravel(), alone)
    assert schedule.rate(list(range(3))).tolist() == alone[:3]
    assert schedule.rate(np.int64(7)) == schedule.rate(7.0) == alone[7]
    assert schedule.rate(np.arange(0)).shape == (0,)


@every_schedule
@given(k=st.integers(0, 10**9))
def test_never_negative_and_always_finite(schedule, k):
    assert 0 <= schedule.rate(k) < 1


@every_schedule
def test_pickles_and_specs_come_back_equal(schedule):
    assert pickle.loads(pickle.dumps(schedule)) == schedule
    assert from_spec(to_spec(schedule), FUNCTION_CLASSES) == schedule
    assert hash(schedule) == hash(pickle.loads(pickle.dumps(schedule)))


@pytest.mark.parametrize(
    ("schedule", "final"),
    [
        (Linear(0.1, 0.02, 12), 0.02),
        (Cosine(0.1, 12, 0.03), 0.03),
        (FlatCosine(0.1, 12, final=0.03), 0.03),
        (OneCycle(0.1, 12), 0.1 / 25 / 1e4),
        (MomentumRamp(5, settled=3), 0.9),
        (Warmup(Linear(0.1, 0.02, 5), 7), 0.02),
    ],
    ids=repr,
)
def test_beyond_its_length_it_stays_at_its_last_value(schedule, final):
    np.testing.assert_allclose(schedule.rate([12, 13, 10**9]), final, rtol=1e-12)


# ------------------------------------------------------------------------------------ single schedules


def test_halving_every_ten_epochs():
    """Two rings, halved every ten epochs: 16 steps an epoch."""
    schedule = StepDecay(1e-2, factor=0.5, every=160)
    np.testing.assert_array_equal(schedule.rate([0, 159, 160, 319, 320]), [1e-2, 1e-2, 5e-3, 5e-3, 2.5e-3])


def test_inverse_is_a_over_b_plus_k():
    np.testing.assert_allclose(Inverse(2.0, 20.0).rate([0, 20, 180]), [0.1, 0.05, 0.01], rtol=1e-15)


def test_cosine_warm_up_is_half_a_wave():
    u = np.arange(1, 6) / 5
    np.testing.assert_allclose(Warmup(2.0, 4, "cosine").rate(np.arange(5)), 1 - np.cos(np.pi * u), rtol=1e-14)


def test_warm_up_from_a_fraction():
    np.testing.assert_allclose(Warmup(1.0, 3, start=0.2).rate(np.arange(4)), [0.4, 0.6, 0.8, 1.0], rtol=1e-14)


def test_no_warm_up_is_the_schedule_itself():
    k = np.arange(20)
    np.testing.assert_array_equal(Warmup(Cosine(0.1, 9), 0).rate(k), Cosine(0.1, 9).rate(k))


def test_warm_up_delays_its_schedule():
    k = np.arange(5, 30)
    np.testing.assert_array_equal(Warmup(Cosine(0.1, 9), 5).rate(k), Cosine(0.1, 9).rate(k - 5))


@pytest.mark.parametrize("shape", ["linear", "cosine"])
def test_warm_up_rises_and_joins_without_a_jump(shape):
    rates = Warmup(0.5, 10, shape).rate(np.arange(12))
    assert (np.diff(rates[:11]) > 0).all()
    assert rates[0] > 0
    assert rates[10] == rates[11] == 0.5


def test_triangular_keeps_its_height():
    rates = Triangular(0.1, 0.5, half_cycle=2).rate(np.arange(9))
    np.testing.assert_allclose(rates, [0.1, 0.3, 0.5, 0.3, 0.1, 0.3, 0.5, 0.3, 0.1], rtol=1e-14)


@pytest.mark.parametrize(("steps", "rise"), [(1, 0.3), (2, 0.0), (2, 1.0), (3, 0.3), (100, 0.0), (100, 1.0)])
def test_one_cycle_of_any_length_and_rise_stays_within_its_bounds(steps, rise):
    rates = OneCycle(1.0, steps, rise).rate(np.arange(steps + 5))
    assert np.isfinite(rates).all()
    assert rates.max() <= 1
    assert rates.min() >= 1 / 25e4 - 1e-15


def test_momentum_against_the_rate():
    rates = OneCycle(0.85, 21, rise=0.5, initial=0.95, final=0.95).rate(np.arange(21))
    assert rates[0] == rates[20] == 0.95
    assert abs(rates.min() - 0.85) < 1e-3
    assert rates.max() == 0.95


def test_momentum_rises_once_the_loss_has_settled():
    rates = MomentumRamp(steps=100, settled=50).rate([0, 50, 100, 150, 1000])
    np.testing.assert_allclose(rates, [0.5, 0.5, 0.7, 0.9, 0.9], rtol=1e-14)


def test_linear_scaling_with_the_batch_size():
    assert scaled_by_batch(0.1, 1024) == pytest.approx(0.4, rel=1e-15)
    assert scaled_by_batch(0.1, 32, base=64) == 0.05
    k = np.arange(30)
    scaled = scaled_by_batch(Warmup(Cosine(0.1, 20), 5, start=0.25), 1024)
    np.testing.assert_allclose(scaled.rate(k), 4 * Warmup(Cosine(0.1, 20), 5, start=0.25).rate(k), rtol=1e-15)
    for bad in (0, -1, 1.5, "32", None):
        with pytest.raises(InputError, match="batch_size is"):
            scaled_by_batch(0.1, bad)
    with pytest.raises(InputError, match="base is"):
        scaled_by_batch(0.1, 32, base=0)
    with pytest.raises(InputError, match="rate is"):
        scaled_by_batch(-0.1, 32)


# -------------------------------------------------------------------------------------- input


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 7, 1000])
def test_every_name_makes_a_schedule_for_the_run(name, steps):
    rates = as_schedule(name, rate=0.1, steps=steps).rate(np.arange(steps))
    assert (rates >= 0).all()
    assert rates.max() <= 0.1 * (1 + 1e-12)
    assert rates.max() > 0 or steps == 1


def test_numbers_and_objects_become_schedules():
    assert as_schedule(0.1) == ConstantRate(0.1)
    assert as_schedule(np.float32(0.5)).rate(3) == 0.5
    mine = Cosine(0.1, 9)
    assert as_schedule(mine) is mine
    for bad in ("cosinus", None, True, [0.1], ConstantRate):
        with pytest.raises(
            InputError, match="constant, step, exponential, inverse, inverse_scaling, linear, cosine"
        ):
            as_schedule(bad)
    with pytest.raises(InputError, match="rate is None"):
        as_schedule("cosine", steps=10)
    with pytest.raises(InputError, match="steps is None"):
        as_schedule("cosine", rate=0.1)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ConstantRate(-1), "ConstantRate: value"),
        (lambda: ConstantRate(np.nan), "ConstantRate: value"),
        (lambda: StepDecay("0.1"), "StepDecay: initial"),
        (lambda: StepDecay(0.1, every=0), "StepDecay: every"),
        (lambda: StepDecay(0.1, factor=0), "StepDecay: factor"),
        (lambda: Exponential(0.1, factor=-1), "Exponential: factor"),
        (lambda: Inverse(1, 0), "Inverse: b"),
        (lambda: InverseScaling(0.1, power=-1), "InverseScaling: power"),
        (lambda: Linear(0.1, -0.1, 10), "Linear: final"),
        (lambda: Linear(0.1, 0.1, 0), "Linear: steps"),
        (lambda: Cosine(0.1, None), "Cosine: steps"),
        (lambda: FlatCosine(0.1, 10, flat=1), "FlatCosine: flat"),
        (lambda: CosineLog(0.1, 10, waves=0), "CosineLog: waves"),
        (lambda: Warmup(0.1, -1), "Warmup: steps"),
        (lambda: Warmup(0.1, 5, "square"), "Warmup: shape"),
        (lambda: Warmup(0.1, 5, start=1.5), "Warmup: start"),
        (lambda: Warmup("fast", 5), "Schedule: value"),
        (lambda: Triangular(0.1, 0.2, 0), "Triangular: half_cycle"),
        (lambda: OneCycle(0, 10), "OneCycle: peak"),
        (lambda: OneCycle(1, 0), "OneCycle: steps"),
        (lambda: OneCycle(1, 10, rise=2), "OneCycle: rise"),
        (lambda: OneCycle(1, 10, initial=-1), "OneCycle: initial"),
        (lambda: MomentumRamp(10, final=1.0), "MomentumRamp: final"),
        (lambda: Scaled(0.1, -1), "Scaled: factor"),
    ],
)
def test_impossible_schedules_are_refused(make, words):
    with pytest.raises(InputError, match=f"{words} is"):
        make()
