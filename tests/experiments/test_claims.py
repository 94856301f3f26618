"""A verdict follows from the numbers, and turns round with them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from deltaprop.experiments import Less, More, Within
from deltaprop.experiments.claims import BORNE_OUT, DEPENDS, NOT_BORNE_OUT, REFUTED, together

positive = st.floats(1e-3, 1e3)


def table(**arms):
    rows = [(arm, seed, value) for arm, values in arms.items() for seed, value in enumerate(values)]
    return pd.DataFrame(rows, columns=["arm", "seed", "epochs"])


@given(st.lists(st.tuples(positive, positive), min_size=2, max_size=8), st.booleans())
def test_swapped_arms_turn_the_verdict_round(pairs, difference):
    a, b = zip(*pairs, strict=True)
    claim = Less("epochs", "a", "b", difference=difference)
    one, other = claim.judge(table(a=a, b=b)), claim.judge(table(a=b, b=a))
    opposite = {BORNE_OUT: REFUTED, REFUTED: BORNE_OUT, NOT_BORNE_OUT: NOT_BORNE_OUT}
    assert other.outcome == opposite[one.outcome]
    assert replace(claim, arm="b", other="a").judge(table(a=a, b=b)).outcome == other.outcome
    assert More("epochs", "a", "b", difference=difference).judge(table(a=b, b=a)).outcome == one.outcome


@pytest.mark.parametrize("difference", [False, True])
def test_the_interval_is_that_of_a_paired_t_test(difference):
    rng = np.random.default_rng(0)
    a, b = rng.uniform(1, 2, 6), rng.uniform(1.2, 3, 6)
    verdict = Less("epochs", "a", "b", difference=difference).judge(table(a=a, b=b))
    inside = (lambda v: v) if difference else np.log
    wanted = stats.ttest_rel(inside(b), inside(a)).confidence_interval(0.95)
    np.testing.assert_allclose([inside(verdict.low), inside(verdict.high)], wanted)


def test_a_demanded_factor_counts():
    measured = table(a=[1, 1.1, 0.9], b=[3, 3.3, 2.9])
    assert Less("epochs", "a", "b", by=2).judge(measured).outcome == BORNE_OUT
    assert Less("epochs", "a", "b", by=3.1).judge(measured).outcome == NOT_BORNE_OUT
    assert Less("epochs", "a", "b", by=4).judge(measured).outcome == REFUTED


@pytest.mark.parametrize(
    ("bounds", "outcome"),
    [
        ({"at_least": 0.9}, BORNE_OUT),
        ({"at_least": 1.05}, REFUTED),
        ({"at_least": 1.0}, NOT_BORNE_OUT),
        ({"at_most": 1.1}, BORNE_OUT),
        ({"at_most": 0.9}, REFUTED),
        ({"at_least": 0.5, "at_most": 2}, BORNE_OUT),
    ],
)
def test_bounds_of_a_mean(bounds, outcome):
    assert Within("epochs", "a", **bounds).judge(table(a=[0.99, 1.0, 1.01])).outcome == outcome


def test_an_exact_number_meets_its_bound():
    assert Within("epochs", "a", at_least=0, at_most=0).judge(table(a=[0])).outcome == BORNE_OUT


def test_equal_arms_bear_nothing_out():
    assert Less("epochs", "a", "b").judge(table(a=[5, 5], b=[5, 5])).outcome == NOT_BORNE_OUT


def test_verdicts_that_differ_depend():
    yes, no = (Less("epochs", "a", "b").judge(table(a=a, b=[5, 5])) for a in ([1, 1], [9, 9]))
    assert (together([yes, yes]), together([no]), together([yes, no])) == (BORNE_OUT, REFUTED, DEPENDS)


@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [
        ([0, 0], [1, 2], BORNE_OUT),
        ([1, 2], [0, 0], REFUTED),
        ([0, 1], [1, 0], NOT_BORNE_OUT),
        ([0, 0], [0, 0], NOT_BORNE_OUT),
        ([3, 4], [np.inf, np.inf], BORNE_OUT),
    ],
)
def test_numbers_that_have_no_quotient(a, b, outcome):
    assert Less("epochs", "a", "b").judge(table(a=a, b=b)).outcome == outcome


def test_an_effect_against_the_claim_is_told_the_other_way_round():
    against = Less("epochs", "a", "b").judge(table(a=[4, 6], b=[2, 2]))
    assert "more (95 % interval" in against.numbers
    assert against.numbers.startswith("2.45 times more")
    difference = More("epochs", "a", "b", difference=True).judge(table(a=[1], b=[3]))
    assert difference.numbers == "2 less (one run, no interval): 1 against 3"


def test_a_comparison_of_one_run_bears_nothing_out():
    verdict = Less("epochs", "a", "b").judge(table(a=[1], b=[9]))
    assert verdict.outcome == NOT_BORNE_OUT
    assert "one run, no interval" in verdict.numbers
