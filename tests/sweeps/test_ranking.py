"""The ranking of a sweep against SciPy's paired t-test."""

import numpy as np
import pytest
from scipy import stats

from deltaprop.sweeps import Sweep, Trial
from deltaprop.sweeps.ranking import rank


def trials(values, bad=()):
    """A trial for each entry of values (combinations, seeds); those in `bad` have diverged."""
    return [
        Trial(c, seed, "diverged" if (c, seed) in bad else "completed", metrics={"score": value})
        for c, row in enumerate(values)
        for seed, value in enumerate(row)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_margins_are_those_of_the_paired_t_test(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=6) + rng.normal(scale=0.3, size=(4, 6)) + 0.2 * np.arange(4)[:, None]
    ranks = rank(trials(values), "score", maximize=True)
    assert [r.combination for r in ranks] == list(np.argsort(-values.mean(axis=1)))
    best = values[ranks[0].combination]
    for r in ranks[1:]:
        test = stats.ttest_rel(best, values[r.combination])
        assert r.margin == pytest.approx(test.statistic)
        assert r.distinguishable == (test.pvalue < 0.05)
        assert (r.mean, r.standard_error) == pytest.approx(
            (values[r.combination].mean(), stats.sem(values[r.combination]))
        )


def test_smaller_is_better_for_a_loss():
    assert [r.combination for r in rank(trials([[2.0], [1.0], [3.0]]), "score", maximize=False)] == [1, 0, 2]


def test_a_combination_with_a_failure_comes_after_all_without():
    ranks = rank(trials([[9.0, 9.0], [1.0, 1.0], [5.0, 5.0]], bad={(0, 1), (2, 0), (2, 1)}), "score", True)
    assert [(r.combination, r.trials, r.failed) for r in ranks] == [(1, 2, 0), (0, 1, 1), (2, 0, 2)]
    assert np.isnan(ranks[2].mean)


def test_equal_combinations_are_not_told_apart_and_constant_differences_are():
    same, ahead = (rank(trials([[1.0, 2.0], [1.0 - d, 2.0 - d]]), "score", True)[1] for d in (0, 0.5))
    assert (same.margin, same.distinguishable) == (0, False)
    assert (ahead.margin, ahead.distinguishable) == (np.inf, True)


def conclusion(values, bad=()):
    values = np.array(values)
    combinations = [{"rate": 0.1 * (c + 1)} for c in range(len(values))]
    return Sweep(combinations, trials(values, bad), "score", True, "score").conclusion()


def test_the_conclusion_names_the_best_and_says_where_it_is_not_ahead():
    text = conclusion([[0.90, 0.96, 0.92], [0.91, 0.93, 0.93], [0.2, 0.3, 0.2]])
    assert text.splitlines()[0] == "Best: rate 0.1: score 0.9267 ± 0.018 (3 seeds)."
    assert "not distinguishable (from 4.3 on)" in text.splitlines()[1]
    clear = conclusion([[0.90, 0.95, 0.92], [0.80, 0.86, 0.82]])
    assert "standard errors, distinguishable" in clear


def test_the_conclusion_with_one_seed_or_one_combination_or_failures():
    assert "With one seed the margin cannot be judged" in conclusion([[0.9], [0.8]])
    assert conclusion([[0.9, 0.8]]).count("\n") == 0
    assert "of which 1 failed or diverged" in conclusion([[0.1, 0.1], [0.9, 0.9]], bad={(1, 0)})
    assert "Every combination has trials that failed" in conclusion(
        [[0.1, 0.1], [0.9, 0.9]], {(0, 0), (1, 0)}
    )
    assert conclusion([[0.1], [0.9]], {(0, 0), (1, 0)}).startswith("No trial has ended with a number")
