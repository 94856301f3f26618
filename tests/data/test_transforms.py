"""Each transform against an independent way to the same numbers."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from deltaprop.data.categories import Categorical
from deltaprop.data.columns import Column
from deltaprop.data.scaling import mean_and_scale
from deltaprop.data.transforms import Date, Numeric, Standardize, Table
from deltaprop.errors import InputError

arrays = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.integers(1, 4)),
    elements=st.integers(-1000, 1000).map(lambda i: i / 7),
)


@given(arrays)
def test_standardize_is_the_standard_scaler(x):
    names = tuple(f"x{i}" for i in range(x.shape[1]))
    ours = Standardize.learn(names, x)
    z = ours.transform("x", x)
    assert z.dtype == np.float32
    np.testing.assert_allclose(z, StandardScaler().fit_transform(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["<i8", ">i8", ">f8"])
def test_large_numbers_are_rounded_after_they_are_scaled(kind):
    seconds = (1_700_000_000 + np.arange(0, 86_400, 500))[:, None]
    x, expected = seconds.astype(kind), StandardScaler().fit_transform(seconds.astype(np.float64))
    np.testing.assert_allclose(Standardize.learn(("t",), x).transform("x", x), expected, rtol=1e-6)
    table = pd.DataFrame({"t": x[:, 0].astype(x.dtype.newbyteorder("="))})
    ours = Table.learn([Column("t", "number")], table)
    np.testing.assert_allclose(ours.transform("x", table), expected, rtol=1e-6)


def test_features_constant_in_training_give_zero_whatever_comes():
    ours = Standardize.learn(("a", "b"), np.array([[0.1, 1.0]] * 3 + [[0.1, 2.0]]))
    assert ours.scale[0] == 0.0
    assert ours.transform("x", np.array([[99.0, 1.25]])).tolist() == [[0.0, 0.0]]


@given(arrays, st.data())
def test_mean_and_scale_are_those_of_the_standard_scaler(x, data):
    x[data.draw(hnp.arrays(bool, x.shape))] = np.nan
    weights = hnp.arrays(np.float64, len(x), elements=st.floats(0.01, 9.0))
    weight = data.draw(st.one_of(st.none(), weights))
    x = data.draw(st.sampled_from([x, np.asfortranarray(x)]))
    with np.errstate(invalid="ignore"):
        oracle = StandardScaler().fit(x, sample_weight=weight)
    mean, scale = mean_and_scale("abcd", x, weight)
    present = ~np.isnan(x).all(axis=0)
    np.testing.assert_array_equal(mean, np.where(present, oracle.mean_, 0.0))
    np.testing.assert_array_equal(np.where(scale > 0, scale, 1.0), np.where(present, oracle.scale_, 1.0))
    assert not scale[~present].any()


def test_mean_and_scale_leave_gaps_out_and_refuse_what_overflows():
    mean, scale = mean_and_scale("ab", np.array([[np.nan, 1.0], [np.nan, np.nan], [np.nan, 3.0]]))
    assert (mean.tolist(), scale.tolist()) == ([0.0, 2.0], [0.0, 1.0])
    with pytest.raises(
        InputError, match=r"^b: x ranges from -1e\+300 to 1e\+300, expected numbers below 1e38"
    ):
        mean_and_scale("ab", np.array([[0.0, 1e300], [1.0, -1e300]]))


@pytest.mark.parametrize("together", [False, True])
def test_bytes(together):
    x = np.arange(256, dtype=np.uint8).reshape(64, 4)
    ours = Standardize.learn(("a", "b", "c", "d"), x, together)
    z = ours.transform("x", x)
    assert z.dtype == np.float32
    axis = None if together else 0
    np.testing.assert_allclose(z, (x - x.mean(axis)) / x.std(axis), rtol=1e-6)
    np.testing.assert_array_equal(ours.transform("x", x.astype(float)), z)
    with pytest.raises(InputError, match=r"^x: x ranges from 0 to 510, expected 0 to 255 as in training"):
        ours.transform("x", x * 2.0)


def numeric(values):
    return Numeric.learn(Column("n", "number"), pd.Series(values))


def test_numeric_fills_marks_and_scales():
    transform = numeric([1.0, np.nan, 3.0, 8.0])
    assert transform.fill == 3.0
    assert transform.names == ("n", "n is missing")
    z = transform.transform("new", pd.Series([4.0, np.nan]))
    np.testing.assert_allclose(z, [[0.0, 0.0], [-1.0 / transform.scale, 1.0]], atol=1e-7)
    whole = numeric([1.0, 2.0])
    np.testing.assert_array_equal(whole.transform("new", pd.Series([np.nan, 2.0])), [[0.0], [1.0]])


def test_numeric_without_any_value_in_training_or_constant_there():
    transform = numeric([np.nan, np.nan])
    assert transform.transform("new", pd.Series([5.0, np.nan])).tolist() == [[0.0], [0.0]]
    assert numeric([7.0, 7.0]).transform("new", pd.Series([7.0, 9.0])).tolist() == [[0.0], [0.0]]


def test_numbers_beyond_float32_are_refused():
    with pytest.raises(
        InputError, match=r"^new: column 'n' is .*e\+300 standard deviations .*check its units"
    ):
        numeric([1.0, 2.0]).transform("new", pd.Series([1e300]))


def categorical(values):
    return Categorical.learn(Column("c", "category"), pd.Series(values, dtype=object))


@given(
    st.lists(st.sampled_from(["red", "green", "blue", "é"]), min_size=1, max_size=9),
    st.lists(st.sampled_from(["red", "green", "black"]), min_size=1, max_size=9),
)
def test_categorical_is_the_one_hot_encoder(seen, new):
    transform = categorical(seen)
    oracle = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(np.array(seen)[:, None])
    expected = oracle.transform(np.array(new)[:, None])
    np.testing.assert_array_equal(transform.transform("new", pd.Series(new)), expected)
    assert transform.categories == tuple(oracle.categories_[0].tolist())


def test_categorical_missing_entries_have_a_column_if_training_had_some():
    transform = categorical(["a", None, "b"])
    assert transform.names == ("c=a", "c=b", "c is missing")
    z = transform.transform("new", pd.Series(["b", None, "z"], dtype=object))
    assert z.tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    z = categorical(["a", "b"]).transform("new", pd.Series([None, "b"], dtype=object))
    assert z.tolist() == [[0, 0], [0, 1]]


def test_many_categories_are_limited_to_the_frequent_ones():
    values = [f"v{i:02d}" for i in range(40)] + [f"v{i:02d}" for i in range(35)] + ["v34"]
    transform = categorical(values)
    assert len(transform.categories) == 32
    assert "v34" in transform.categories
    assert transform.names[-1] == "c=(other)"
    z = transform.transform("new", pd.Series(["v39", "never seen", "v34"]))
    assert z[:, -1].tolist() == [1.0, 1.0, 0.0]
    assert (z.sum(axis=1) == 1.0).all()


@given(st.lists(st.integers(1, 4), min_size=30, max_size=60), st.randoms(use_true_random=False))
def test_the_frequent_categories_are_those_of_the_one_hot_encoder(counts, random):
    values = [f"v{i:02d}" for i, count in enumerate(counts) for _ in range(count)]
    random.shuffle(values)
    many = len(counts) > 32
    oracle = OneHotEncoder(max_categories=33, min_frequency=2 if many else 1).fit(np.array(values)[:, None])
    rare = oracle.infrequent_categories_[0]
    expected = oracle.categories_[0] if rare is None else np.setdiff1d(oracle.categories_[0], rare)
    assert categorical(values).categories == tuple(expected)


def test_texts_that_never_repeat_are_not_used():
    transform = categorical([f"name {i}" for i in range(40)])
    assert transform.names == ()
    (line,) = Table((transform,)).describe()
    assert "not used" in line
    assert transform.transform("new", pd.Series(["name 1"])).shape == (1, 0)


moments = st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1))


@given(st.lists(moments, min_size=2, max_size=5, unique=True))
def test_dates_are_time_and_angles_of_the_calendar(seen):
    values = pd.Series(seen, dtype="datetime64[us]")
    transform = Date.learn(Column("when", "date", "ISO8601"), values)
    z = transform.transform("new", values)
    days = np.array([(m - datetime.datetime(1970, 1, 1)) / datetime.timedelta(days=1) for m in seen])
    np.testing.assert_allclose(z[:, :1], StandardScaler().fit_transform(days[:, None]), rtol=1e-3, atol=1e-3)
    for row, moment in zip(z, seen, strict=True):
        length = 366 if pd.Timestamp(moment).is_leap_year else 365
        day = (moment - datetime.datetime(moment.year, moment.month, moment.day)) / datetime.timedelta(days=1)
        parts = [(moment.timetuple().tm_yday - 1 + day) / length, (moment.weekday() + day) / 7.0]
        parts += [day] if transform.clock else []
        angles = [f(2.0 * np.pi * part) for part in parts for f in (np.sin, np.cos)]
        np.testing.assert_allclose(row[1 : 1 + len(angles)], angles, atol=1e-5)


def test_dates_without_clock_and_with_gaps():
    column = Column("when", "date", "%d.%m.%Y")
    transform = Date.learn(column, pd.Series(["01.01.2024", None, "03.01.2024"]))
    assert len(transform.names) == 6
    assert not transform.clock
    z = transform.transform("new", pd.Series([None, "02.01.2024"]))
    np.testing.assert_array_equal(z[0, :5], z[1, :5])
    assert z[:, 5].tolist() == [1.0, 0.0]
    iso = transform.transform("new", pd.Series(["2024-01-02"]))  # says its order of day and month itself
    np.testing.assert_array_equal(iso, z[1:])
    with pytest.raises(
        InputError, match=r"^new: column 'when' has '02/01/2024' in row 1, expected a date like 31.12.2024"
    ):
        transform.transform("new", pd.Series(["02/01/2024"]))


def test_table_takes_its_columns_by_name_or_an_array_by_position():
    frame = pd.DataFrame({"a": [1.0, 3.0], "b": ["x", "y"]})
    table = Table.learn((Column("a", "number"), Column("b", "category")), frame)
    expected = [[-1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    assert table.transform("new", frame[["b", "a"]].assign(c=1)).tolist() == expected
    assert table.transform("new", frame.to_numpy()).tolist() == expected
    assert table.transform("new", frame.iloc[:0]).shape == (0, 3)
    with pytest.raises(
        InputError, match=r"^new: the table lacks 'b', expected every column the network was trained on"
    ):
        table.transform("new", frame[["a"]])
    with pytest.raises(
        InputError, match=r"^new: x has shape \(2, 1\), expected \(n, 2\); give the features .*a, b"
    ):
        table.transform("new", frame.to_numpy()[:, :1])


def test_arrays_take_tables_with_their_feature_names():
    ours = Standardize.learn(("a", "b"), np.array([[1.0, 5.0], [3.0, 9.0]]))
    frame = pd.DataFrame({"b": [5.0], "c": ["?"], "a": [3.0]})
    assert ours.transform("new", frame).tolist() == [[1.0, -1.0]]
    for x, message in (
        (frame[["a"]], "^new: the table lacks 'b'"),
        (frame.assign(a="one"), "^new: column 'a' has 'one' in row 1, expected a number"),
        (np.ones((2, 3)), r"^new: x has shape \(2, 3\), expected \(n, 2\)"),
        (np.ones(2), r"^new: x has shape \(2,\), expected \(n, 2\)"),
        (np.array([[1.0, np.nan]]), r"^new: x has nan at \[0, 1\]"),
        (np.array([["1", "2"]]), "^new: x has dtype <U1, expected numbers"),
        (pd.DataFrame({"a": [1.0], "b": [None]}), r"^new: (x has nan|column 'b')"),
    ):
        with pytest.raises(InputError, match=message):
            ours.transform("new", x)
