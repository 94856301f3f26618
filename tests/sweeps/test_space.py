"""The combinations of a sweep: grids and draws."""

import numpy as np
import pytest
from scipy import stats

from deltaprop.errors import InputError
from deltaprop.sweeps.space import combinations, distribution


def test_a_grid_has_every_combination_once_and_the_last_setting_changes_fastest():
    found = combinations({"a": [1, 2], "b": ["x", "y", "z"], "c": np.array([0.5])})
    assert found == [{"a": a, "b": b, "c": 0.5} for a in (1, 2) for b in "xyz"]
    assert type(found[0]["c"]) is float


SPACE = {
    "rate": distribution("rate", {"loguniform": [1e-4, 1.0]}),
    "dropout": distribution("dropout", {"uniform": [0.1, 0.5]}),
    "batch": distribution("batch", {"integers": [8, 64]}),
    "init": ["he", "glorot"],
}


def test_draws_are_a_function_of_the_seed_and_fewer_are_the_first_of_more():
    assert combinations(SPACE, 20, seed=3) == combinations(SPACE, 20, seed=3)
    assert combinations(SPACE, 5, seed=3) == combinations(SPACE, 20, seed=3)[:5]
    assert combinations(SPACE, 5, seed=3) != combinations(SPACE, 5, seed=4)


def test_draws_have_their_distributions():
    found = combinations(SPACE, 2000)
    drawn = {name: np.array([each[name] for each in found]) for name in SPACE}
    assert stats.kstest(np.log10(drawn["rate"]), stats.uniform(-4, 4).cdf).pvalue > 0.01
    assert stats.kstest(drawn["dropout"], stats.uniform(0.1, 0.4).cdf).pvalue > 0.01
    assert set(drawn["batch"]) == set(range(8, 65))  # both ends
    assert 900 < (drawn["init"] == "he").sum() < 1100
    assert {type(value) for value in found[0].values()} == {float, int, str}


def test_draws_differ_from_each_other_down_to_the_last():
    space = {"a": [1, 2, 3], "b": distribution("b", {"integers": [0, 3]})}
    found = combinations(space, 12)
    assert len({tuple(each.items()) for each in found}) == 12
    with pytest.raises(InputError, match="samples is 13, more than the 12 combinations"):
        combinations(space, 13)


@pytest.mark.parametrize(
    ("space", "samples", "said"),
    [
        ({}, None, "the space has no settings"),
        ({"a": []}, None, "a has no values"),
        ({"a": [1, 1.0]}, None, "a has 1.0 twice"),
        ({"a": [[1], (1,)]}, 1, r"a has \(1,\) twice"),
        ({"a": 0.1}, None, "a is 0.1, expected a list of values"),
        ({"a": "tanh"}, None, "a is 'tanh', expected a list of values"),
        ({"a": stats.uniform(0, 1)}, None, "a is a distribution without samples"),
        ({"a": [1, 2]}, 0, "samples is 0"),
        ({c: list(range(100)) for c in "abc"}, None, "the grid has 1,000,000 combinations"),
    ],
)
def test_what_is_refused(space, samples, said):
    with pytest.raises(InputError, match=said):
        combinations(space, samples)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"normal": [0, 1]}, "expected one of uniform, loguniform, integers or choice"),
        ({"uniform": [0, 1], "choice": [1]}, "expected one of uniform"),
        ({"uniform": [1.0]}, r"expected \[low, high\]"),
        ({"uniform": [1.0, 1.0]}, "a: high is 1.0"),
        ({"loguniform": [0, 1]}, "a: low is 0"),
        ({"integers": [1.5, 3]}, "a: low is 1.5, expected an integer"),
        ({"uniform": ["x", 1]}, "a: low is 'x'"),
    ],
)
def test_distributions_that_are_refused(given, said):
    with pytest.raises(InputError, match=said):
        distribution("a", given)
