"""Permutation importance: the numbers of scikit-learn, known truths, and bounded work."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed_table import ENCODINGS, dataset, pipeline
from sklearn.inspection import permutation_importance as by_sklearn

from deltaprop.functions import scores
from deltaprop.report import importance
from deltaprop.report.importance import bounded_importance, correlated, permutation_importance


def same_orders(seed: int, repeats: int, n: int) -> np.ndarray:
    """The orders in which scikit-learn permutes every column: each shuffles that of the repeat before."""
    rng = np.random.RandomState(np.random.RandomState(seed).randint(np.iinfo(np.int32).max + 1))
    shuffled, order, orders = np.arange(n), np.arange(n), []
    for _ in range(repeats):
        rng.shuffle(shuffled)
        order = order[shuffled]
        orders.append(order)
    return np.stack(orders)


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_is_what_scikit_learn_finds_by_permuting_the_table(encoding, task):
    data = dataset(task)
    model = pipeline(data, encoding)
    pre, network = model.preprocessing, model.network
    expected = by_sklearn(model, data.x, data.t, n_repeats=4, random_state=3)

    def score(z, t):
        return scores.accuracy(network.loss.labels(z), t) if t.ndim == 1 else scores.r2(z, t)

    found = permutation_importance(
        lambda x: network.forward(pre.combine(x)),
        score,
        pre.encode_columns(data.x),
        pre.encode_target(data.t),
        pre.inputs_of,
        same_orders(3, 4, len(data)),
    )
    assert [one.drop for one in found] == sorted((one.drop for one in found), reverse=True)
    by_name = {one.column: one for one in found}
    assert set(by_name) == set(data.x.columns)
    drops = [by_name[name].drop for name in data.x.columns]
    spreads = [by_name[name].spread for name in data.x.columns]
    assert max(map(abs, drops)) > 0.01
    np.testing.assert_allclose(drops, expected.importances_mean, atol=1e-5)
    np.testing.assert_allclose(spreads, expected.importances_std, atol=1e-5)


@settings(max_examples=25)
@given(st.data())
def test_blocks_of_rows_change_nothing(data):
    """Predicted one permuted copy at a time, or all at once."""
    n, d, repeats = (data.draw(st.integers(low, 6)) for low in (2, 1, 1))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    x, t, weights = rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=d)
    split = data.draw(st.integers(0, d))
    inputs = {"left": np.arange(split), "right": np.arange(split, d)}
    orders = rng.permuted(np.tile(np.arange(n), (repeats, 1)), axis=1)

    def score(y, t):
        return -np.mean((y - t) ** 2)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importance, "BLOCK", data.draw(st.integers(1, 200)))
        found = {
            one.column: (one.drop, one.spread)
            for one in permutation_importance(lambda x: x @ weights, score, x, t, inputs, orders)
        }
    for name, places in inputs.items():
        drops = []
        for order in orders:
            permuted = x.copy()
            permuted[:, places] = x[order][:, places]
            drops.append(score(x @ weights, t) - score(permuted @ weights, t))
        np.testing.assert_allclose(found[name], (np.mean(drops), np.std(drops)), atol=1e-9)


def squared(y, t):
    return -float(np.mean((y - t) ** 2))


def test_a_linear_model_loses_twice_the_variance_of_its_terms():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2000, 3))
    slopes = np.array([1.0, 3.0, 0.0])
    found, rows, repeats = bounded_importance(
        lambda x: x @ slopes, squared, x, x @ slopes, {c: np.array([i]) for i, c in enumerate("abc")}, rng, 3
    )
    assert (rows, repeats) == (2000, 10)
    assert [one.column for one in found] == ["b", "a", "c"]
    assert [one.drop for one in found] == pytest.approx([18.0, 2.0, 0.0], rel=0.1)
    assert found[2].drop == found[2].spread == 0.0


def test_much_work_is_bounded():
    x = np.random.default_rng(1).normal(size=(5000, 4))
    inputs = {c: np.array([i]) for i, c in enumerate("abcd")}
    calls = []

    def predict(x):
        calls.append(len(x))
        return x[:, 0]

    def find(cost):
        calls.clear()
        rng = np.random.default_rng(0)
        return bounded_importance(predict, squared, x, x[:, 0], inputs, rng, cost)

    cheap, rows, repeats = find(1)
    assert (rows, repeats) == (importance.ROWS, 10)
    found, rows, repeats = find(importance.WORK / 5000)
    assert (rows, repeats) == (250, 5)
    assert sum(calls[1:]) <= 5000 + 250
    assert found[0].column == cheap[0].column == "a"
    assert found[0].drop == pytest.approx(2.0, abs=0.5)  # each row with its own target
    assert find(importance.WORK / 100) == ([], 0, 0)
    assert (
        bounded_importance(predict, lambda y, t: np.nan, x, x, inputs, np.random.default_rng(0), 1)[0] == []
    )


@settings(max_examples=20)
@given(st.integers(2, 6), st.integers(0, 99))
def test_of_columns_of_numbers_it_is_the_correlation(d, seed):
    x = np.random.default_rng(seed).normal(size=(7, d))
    x[:, 0] = 3.0
    found = correlated(x, {str(i): np.array([i]) for i in range(d)})
    expected = np.abs(np.corrcoef(x[:, 1:].T).reshape(d - 1, d - 1))
    for (a, b), r in found.items():
        wanted = 0.0 if a == "0" else expected[int(a) - 1, int(b) - 1]
        assert r == pytest.approx(wanted, abs=1e-9)


def test_categories_under_other_names_are_the_same_column():
    rng = np.random.default_rng(0)
    country, other = rng.integers(0, 4, 200), rng.integers(0, 4, 200)
    x = np.concatenate([pd.get_dummies(c).to_numpy(float) for c in (country, 3 - country, other)], axis=1)
    found = correlated(x, {"name": np.arange(4), "code": np.arange(4, 8), "other": np.arange(8, 12)})
    assert found["name", "code"] == pytest.approx(1.0)
    assert found["name", "other"] < 0.3


def test_of_many_columns_those_that_change_the_predictions_are_measured():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(120, 300))
    inputs = {str(i): np.array([i]) for i in range(300)}
    slopes = np.where(np.arange(300) % 10 == 4, np.arange(300), 0.0)
    found, rows, repeats = bounded_importance(lambda x: x @ slopes, squared, x, x @ slopes, inputs, rng, 1)
    assert (len(found), rows, repeats) == (importance.CHOSEN, 120, 10)
    assert {one.column for one in found} >= set(map(str, range(4, 300, 10)))
    slow = importance.WORK / (300 * 2 * (importance.SCREENED[0] - 1))
    assert bounded_importance(lambda x: x @ slopes, squared, x, x @ slopes, inputs, rng, slow) == ([], 0, 0)
