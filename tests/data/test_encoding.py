"""Robust scaling, contrasts and codes against scikit-learn's transformers and formulas."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, RobustScaler

from deltaprop.data import Dataset, Encoding, Preprocessing
from deltaprop.data.categories import learn_categories
from deltaprop.data.columns import Column, infer_kind
from deltaprop.data.encoding import ROBUST, STANDARD
from deltaprop.data.scaling import quantiles, smooth_clip
from deltaprop.data.transforms import Table
from deltaprop.errors import InputError

numbers = st.integers(-1000, 1000).map(lambda i: i / 7)
columns = hnp.arrays(np.float64, st.tuples(st.integers(1, 15), st.integers(1, 4)), elements=numbers)


def learned(frame, encoding=ROBUST, weight=None):
    return Table.learn([infer_kind("x", name, frame[name]) for name in frame], frame, encoding, weight)


def of_array(x, encoding=ROBUST, weight=None):
    return Table.learn([Column(f"x{i}", "number") for i in range(x.shape[1])], x, encoding, weight)


@given(columns)
def test_robust_scaling_is_the_robust_scaler(x):
    z = of_array(x, Encoding(clip=False)).transform("x", x)
    expected = RobustScaler().fit_transform(x)
    spread = np.subtract(*np.percentile(x, [75, 25], axis=0)) > 0
    np.testing.assert_allclose(z[:, spread], expected[:, spread], rtol=1e-5, atol=1e-5)
    whole = np.ptp(x, axis=0)
    flat = ~spread & (whole > 0)
    halves = (x - np.median(x, axis=0))[:, flat] / (0.5 * whole[flat])
    np.testing.assert_allclose(z[:, flat], halves, rtol=1e-5, atol=1e-5)
    assert not z[:, whole == 0].any()


@given(hnp.arrays(np.float64, 9, elements=st.floats(-1e300, 1e300)))
def test_smooth_clip(z):
    with np.errstate(over="ignore"):
        expected = z / np.hypot(1.0, z / 3.0)
    np.testing.assert_allclose(smooth_clip(z), expected, rtol=1e-12)


def test_numbers_as_a_published_network_for_tables_scales_them():
    # (x − median) / (q75 − q25), or / ((max − min) / 2) where that is 0; then z / √(1 + z²/9)
    x = np.array([[0.0, 5.0, 0.0], [1.0, 5.0, 0.0], [2.0, 5.0, 0.0], [4.0, 5.0, 0.0], [50.0, 5.0, 8.0]])
    z = of_array(x).transform("x", x)
    np.testing.assert_allclose(z[:, 0], [-0.6507914, -0.3312946, 0.0, 0.6507914, 2.9486167], rtol=1e-6)
    np.testing.assert_array_equal(z[:, 1], 0.0)
    np.testing.assert_allclose(z[:, 2], [0.0, 0.0, 0.0, 0.0, 1.6641007], rtol=1e-6)


@given(
    hnp.arrays(np.float64, 8, elements=numbers),
    hnp.arrays(np.int64, 8, elements=st.integers(1, 4)),
    st.floats(0.0, 1.0),
)
def test_a_weight_of_two_is_an_entry_twice(x, weight, q):
    expected = np.quantile(np.repeat(x, weight), q)
    np.testing.assert_allclose(quantiles(x, (q,), weight.astype(float)), [expected], rtol=1e-9, atol=1e-9)
    repeated, weighted = (
        (of_array(np.repeat(x, weight)[:, None], e) for e in (ROBUST, Encoding("standard"))),
        (of_array(x[:, None], e, weight) for e in (ROBUST, Encoding("standard"))),
    )
    for one, other in zip(repeated, weighted, strict=True):
        np.testing.assert_allclose(
            one.transform("x", x[:, None]), other.transform("x", x[:, None]), atol=1e-5
        )


def test_rows_of_weight_zero_take_no_part():
    frame = pd.DataFrame({"a": [1.0, 2.0, 4.0, 1e9], "b": ["x", "y", "z", "w"], "c": [1.0, 2.0, 3.0, None]})
    weight = np.array([1.0, 1.0, 1.0, 0.0])
    assert learned(frame, weight=weight) == learned(frame.iloc[:3])


def test_missing_numbers_become_the_median_and_are_marked_if_training_had_some():
    x = np.array([[1.0, np.nan], [2.0, 3.0], [5.0, 9.0]])
    table = of_array(x)
    assert table.names == ("x0", "x1", "x1 is missing")
    z = table.transform("x", np.full((1, 2), np.nan))
    assert z.tolist() == [[0.0, 0.0, 1.0]]
    assert of_array(x, Encoding(indicators=False)).names == ("x0", "x1")
    assert of_array(np.full((3, 1), np.nan)).transform("x", x[:, :1]).tolist() == [[0.0]] * 3


@given(st.lists(st.sampled_from("abcdefgh"), min_size=3, max_size=20), st.lists(st.sampled_from("abxyz")))
def test_few_categories_are_one_hot(seen, new):
    seen = [*seen, "a", "b", "c"]
    new = pd.Series([*new, None], dtype=object)
    table = learned(pd.DataFrame({"c": seen}))
    oracle = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(np.array(seen)[:, None])
    expected = oracle.transform(new.to_numpy()[:, None])  # None is unseen too
    np.testing.assert_array_equal(table.transform("x", pd.DataFrame({"c": new})), expected)
    assert table.numbers == 0
    assert table.categories == ()


def test_two_categories_and_booleans_are_one_input():
    frame = pd.DataFrame({"c": ["no", "yes", "no"], "b": [True, False, True]})
    table = learned(frame)
    assert table.names == ("c=yes", "b")
    assert table.transform("x", frame).tolist() == [[-1, 1], [1, -1], [-1, 1]]
    new = pd.DataFrame({"c": [None, "maybe"], "b": pd.Series([None, 1], dtype=object)})
    assert table.transform("x", new).tolist() == [[0, 0], [0, 1]]
    for entry in (2, "ja"):
        with pytest.raises(
            InputError, match=rf"^x: column 'b' has {entry!r} in row 1, expected true or false"
        ):
            table.transform("x", frame.assign(b=[entry, 0, 1]))


@settings(max_examples=30)
@given(st.lists(st.integers(0, 30), min_size=40, max_size=60))
def test_many_categories_are_codes(seen):
    seen = [*seen, *range(12), *range(12)]
    texts = pd.DataFrame({"c": [f"v{i:02d}" for i in seen]})
    kept = sorted({t for t in texts["c"] if (texts["c"] == t).sum() > 1})
    oracle = OrdinalEncoder(categories=[kept], handle_unknown="use_encoded_value", unknown_value=-1)
    table = learned(texts)
    np.testing.assert_array_equal(table.transform("x", texts), oracle.fit(texts).transform(texts))
    assert table.categories == (len(kept),)
    assert table.transform("x", pd.DataFrame({"c": [None, "never"]})).tolist() == [[-1.0], [-1.0]]


def test_the_inputs_come_in_groups():
    n = 40
    frame = pd.DataFrame(
        {
            "code": [f"v{i % 12:02d}" for i in range(n)],
            "colour": ["red", "green", "blue", "red"] * 10,
            "when": pd.date_range("2024-01-01", periods=n),
            "size": [None, *np.arange(1.0, n)],
            "other": [f"w{i % 10}" for i in range(n)],
            "on": [True, False] * 20,
        }
    )
    table = learned(frame)
    assert table.names[:2] == ("when", "size")
    assert table.names[-2:] == ("code", "other")
    assert table.names[2:5] == ("colour=blue", "colour=green", "colour=red")
    assert table.names[5:-2] == (
        *(f"when {f} {cycle}" for cycle in ("year", "week") for f in ("sin", "cos")),
        "size is missing",
        "on",
    )
    assert (table.numbers, table.categories) == (2, (12, 10))
    z = table.transform("x", frame)
    assert np.abs(z[:, :-2]).max() <= 3.0
    for name, column in zip(table.names, z.T, strict=True):
        alone = learned(frame[[name.split("=")[0].split(" ")[0]]])
        np.testing.assert_array_equal(column, alone.transform("x", frame)[:, alone.names.index(name)])


def test_standard_scaling_with_embeddings_and_the_other_way_round():
    frame = pd.DataFrame({"c": ["no", "yes", "no", "yes"], "n": [1.0, 2.0, 3.0, 6.0]})
    standard = learned(frame, Encoding("standard", clip=False)).transform("x", frame)
    z = (frame["n"] - 3.0) / frame["n"].std(ddof=0)
    np.testing.assert_allclose(standard, np.stack([z, [-1, 1, -1, 1]], axis=1), rtol=1e-6)
    one_hot = learned(frame, Encoding(categories="one_hot"))
    assert one_hot.names == ("n", "c=no", "c=yes")


@settings(max_examples=30)
@given(st.data())
def test_frames_of_either_library_and_through_json(data):
    n = data.draw(st.integers(1, 12))
    kinds = {
        "n": st.one_of(st.none(), numbers),
        "i": st.integers(-5, 5),
        "t": st.one_of(st.none(), st.sampled_from(["red", "green", "é", "-"])),
        "b": st.booleans(),
        "d": st.datetimes(pd.Timestamp(1900, 1, 1), pd.Timestamp(2200, 1, 1)),
    }
    held = {name: data.draw(st.lists(kind, min_size=n, max_size=n)) for name, kind in kinds.items()}
    held["t"][0] = "red"
    held["n"][0] = 1.5
    frame = pd.DataFrame(held)
    polars = pl.DataFrame(held)
    table = learned(frame)
    z = table.transform("x", frame)
    np.testing.assert_array_equal(table.transform("x", polars), z)
    np.testing.assert_array_equal(table.transform("x", polars.to_arrow()), z)
    assert z.dtype == np.float32
    assert np.isfinite(z).all()
    assert z.shape == (n, len(table.names))
    pre = Preprocessing.learn(
        Dataset("x", frame, np.arange(n, dtype=float), "regression", columns=_kinds(frame)), encoding=ROBUST
    )
    again = Preprocessing.from_spec(json.loads(json.dumps(pre.to_spec())))
    assert again == pre
    np.testing.assert_array_equal(again.transform(frame), z)


def _kinds(frame):
    return tuple(infer_kind("x", name, frame[name]) for name in frame)


def test_an_array_is_scaled_as_its_columns_are_one_by_one():
    rng = np.random.default_rng(0)
    x = rng.normal(1e9, 5.0, (50, 4))
    x[rng.random(x.shape) < 0.1] = np.nan
    for encoding in (ROBUST, STANDARD, Encoding("standard")):
        table = of_array(x, encoding)
        frame = pd.DataFrame(x, columns=table.feature_names)
        np.testing.assert_array_equal(table.transform("x", x), table.transform("x", frame))
        np.testing.assert_array_equal(table.transform("x", x.astype(object)), table.transform("x", frame))
    x[3, 1] = np.inf
    with pytest.raises(InputError, match=r"^x: x has inf at \[3, 1\], expected finite numbers or NaN"):
        table.transform("x", x)


def test_robust_scaling_of_a_named_set():
    from deltaprop.data import load

    wine = load("wine")
    pre = Preprocessing.learn(wine, encoding=ROBUST)
    assert (pre.numbers, pre.categories, pre.width) == (13, (), 13)
    expected = RobustScaler().fit_transform(wine.x)
    np.testing.assert_allclose(
        pre.transform(wine.x), expected / np.sqrt(1 + (expected / 3) ** 2), rtol=1e-5, atol=1e-6
    )
    digits = Preprocessing.learn(load("digits"), encoding=ROBUST)
    assert digits == Preprocessing.learn(load("digits"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"scaling": "max"},
            "^Encoding: scaling is 'max', expected 'standard' or 'robust' or 'decorrelate'; choose one",
        ),
        ({"categories": None}, "^Encoding: categories is None, expected 'one_hot' or 'embedding'"),
        ({"clip": 1}, "^Encoding: clip is 1, expected True or False"),
        ({"few": 1}, "^Encoding: few is 1"),
    ],
)
def test_choices(arguments, message):
    with pytest.raises(InputError, match=message):
        Encoding(**arguments)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"a": [1.0, np.inf]}, "^the table: column 'a' has inf in row 2, expected a finite number"),
        ({"a": [1e308, -1e308]}, "^column 'a': x ranges from -1e.308 to 1e.308, expected numbers below 1e38"),
    ],
)
def test_numbers_that_cannot_be_scaled(values, message):
    with pytest.raises(InputError, match=message):
        learned(pd.DataFrame(values))


@pytest.mark.parametrize("weight", [0.01, 0.3, 1.0, 7.0])
def test_weights_of_equal_size_keep_the_same_categories(weight):
    """Twenty categories in pairs: none is left out, however small the weights are."""
    values = pd.Series([f"c{i // 2}" for i in range(40)])
    learned = learn_categories(Column("k", "category"), values, 9, np.full(40, weight))
    assert len(learned.categories) == 20
