"""The standard error of a comparison, and what is said of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deltaprop.report.comparison import remarks, standard_error
from deltaprop.report.score import Answers, Measure

ACCURACY, MAE = Measure("accuracy", "accuracy"), Measure("mae", "MAE")
ALWAYS = "always answering 'no'"


def labelled(labels):
    return Answers(np.eye(2)[labels], np.asarray(labels))


labels = st.integers(2, 20).flatmap(lambda n: st.tuples(*[arrays(int, n, elements=st.integers(0, 1))] * 3))


@given(labels)
def test_the_jackknife_of_a_mean_is_its_standard_error(drawn):
    """With a group of each sample it is that of the mean of the paired differences."""
    t, one, other = drawn
    differences = (one == t).astype(float) - (other == t)
    known = differences.std(ddof=1) / np.sqrt(len(t))
    assert standard_error(ACCURACY, labelled(one), labelled(other), t) == pytest.approx(known, abs=1e-12)


@pytest.mark.parametrize("n", [500, 50_000])
def test_the_jackknife_of_groups_is_near_it(n):
    rng = np.random.default_rng(0)
    t, one, other = rng.normal(size=(3, n, 1))
    known = (np.abs(one - t) - np.abs(other - t)).std() / np.sqrt(n)
    assert standard_error(MAE, Answers(one), Answers(other), t) == pytest.approx(known, rel=0.4)


def test_the_order_of_the_samples_does_not_matter():
    """Every twentieth is another one: groups of every twentieth would all but one be the same."""
    t = np.zeros(2000, int)
    one, other = t.copy(), t.copy()
    one[::20] = 1
    known = 0.05 * 0.95
    error = standard_error(ACCURACY, labelled(one), labelled(other), t)
    assert error == pytest.approx(np.sqrt(known / 2000), rel=0.4)


T = np.repeat([0, 1], [60, 40])
GOOD = np.where(np.arange(100) % 10 == 0, 1 - T, T)  # 90 %
NO = np.zeros(100, int)  # 60 %


def said(network, linear=None):
    trivial = ALWAYS, labelled(NO)
    simple = None if linear is None else labelled(linear)
    return remarks(ACCURACY, "test", T, labelled(network), trivial, simple)


def test_nothing_is_said_of_a_network_that_is_better():
    assert said(GOOD) == []
    assert said(T, NO) == []


def test_one_that_is_no_better_than_the_trivial_answer_is_told_so_and_what_to_do():
    (line,) = said(1 - GOOD)
    assert line.startswith(
        f"The network is no better than {ALWAYS} (accuracy 10.00 % against 60.00 % on the test part)"
    )
    assert "--search" in line
    assert said(NO)[0].startswith("The network is no better")


def test_one_that_is_better_by_chance_is_told_so():
    lucky = NO.copy()
    lucky[[60, 61, 62, 0, 1]] = 1  # three more right, two more wrong
    assert said(lucky)[0].startswith(f"The network is hardly better than {ALWAYS} (accuracy 61.00 % against")
    lucky[62:70] = 1  # ten more right, two more wrong
    assert said(lucky) == []


def test_a_linear_model_that_does_as_well_is_named():
    one_worse = GOOD.copy()
    one_worse[1] = 1 - one_worse[1]
    assert said(GOOD, GOOD) == [
        "A linear model does at least as well (accuracy 90.00 % against 90.00 % on the test part)."
    ]
    assert said(GOOD, one_worse)[0].startswith("A linear model does nearly as well (accuracy 89.00 %")
    assert said(GOOD, T)[0].startswith("A linear model does better (accuracy 100.00 % against 90.00 %")
    assert len(said(NO, T)) == 2
    assert len(said(NO, NO)) == 1


def test_of_errors_smaller_is_better():
    t = np.linspace(0, 10, 50)[:, None]
    near, far = Answers(t + 0.5), Answers(np.full_like(t, 5.0))
    assert remarks(MAE, "test", t, near, ("always answering the median", far)) == []
    line = remarks(MAE, "validation", t, far, ("always answering the median", near))[0]
    assert "always answering the median (MAE 2.551 against 0.5000 on the validation part)" in line
