"""Entries of a column as numbers, dates and categories."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaprop.data.columns import Column, infer_kind, read_dates, read_numbers, read_texts, text
from deltaprop.data.transforms import Date
from deltaprop.errors import InputError


def test_integers_beyond_float64_are_not_finite_numbers():
    for huge in (10**400, -(10**5000)):
        with pytest.raises(InputError, match=r"^new: column 'a' has .* in row 2, expected a finite number;"):
            read_numbers("new", "a", pd.Series([1, huge, None], dtype=object))


@pytest.mark.parametrize(
    ("values", "kind", "written"),
    [
        ([1, 2], "number", ""),
        ([1.5, None], "number", ""),
        ([True, None], "boolean", ""),
        ([decimal.Decimal("1.5"), None], "number", ""),
        (pd.array([1, None], dtype="Int64"), "number", ""),
        (["1", "2.5", None], "number", ""),
        (["1", "2", "3", "x"], "number", ""),
        (["1", "x", "y"], "category", ""),
        (["red", None], "category", ""),
        (pd.Categorical([1, 2]), "category", ""),
        (["2024", "2025"], "number", ""),
        (["2024-01-31", None], "date", "ISO8601"),
        (["2024-01-31T10:00:00Z", "2024-02-01T10:00:00+02:00"], "date", "ISO8601"),
        (["1/31/2024", "2/1/2024"], "date", "%m/%d/%Y"),
        (["1/2/2024", "31/1/2024"], "date", "%d/%m/%Y"),
        (["31.1.2024 17:05", "1.2.2024 08:00"], "date", "%d.%m.%Y %H:%M"),
        (["31.1.24", "1.2.24"], "date", "%d.%m.%y"),
        (["05-JAN-24", "17-FEB-24"], "date", "%d-%b-%y"),
        (["05 Jan 2024", "17 Feb 2024"], "date", "%d %b %Y"),
        (["1.2.3", "1.2.4"], "category", ""),
        (["12-345", "13-222"], "category", ""),
        ([datetime.date(2024, 1, 31), None], "date", "ISO8601"),
        (pd.to_datetime(["2024-01-31", "2024-02-01"]), "date", "ISO8601"),
        ([1, "x", "y"], "category", ""),
    ],
)
def test_inferred(values, kind, written):
    values = (
        pd.Series(values, dtype=object) if isinstance(values, list) and None in values else pd.Series(values)
    )
    assert infer_kind("data", "c", values) == Column("c", kind, written)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=False), min_size=1))
def test_numbers_read_from_text_are_the_numbers(values):
    read = read_numbers(
        "data", "c", pd.Series([None if np.isnan(v) else repr(v) for v in values], dtype=object)
    )
    np.testing.assert_allclose(read, values, rtol=1e-15, atol=0.0)


@given(st.lists(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1)), min_size=1))
def test_dates_are_days_since_1970(moments):
    expected = [(m - datetime.datetime(1970, 1, 1)) / datetime.timedelta(days=1) for m in moments]
    typed = read_dates("data", "c", pd.Series(moments, dtype="datetime64[us]"))
    texts = read_dates("data", "c", pd.Series([m.isoformat() for m in moments]))
    np.testing.assert_allclose(typed, expected, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(texts, expected, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("dtype", [str, "datetime64[us]"])
def test_dates_beyond_the_range_of_nanoseconds(dtype):
    values = pd.Series(["9999-12-31", "0001-01-01", "1970-01-02"]).astype(dtype)
    assert read_dates("data", "c", values).tolist() == [2932896.0, -719162.0, 1.0]
    assert Date.learn(infer_kind("data", "c", values), values).transform("new", values).shape == (3, 5)


def test_time_zones_count():
    days = read_dates("data", "c", pd.Series(["1970-01-02T00:00:00+06:00", "1970-01-02", None]))
    np.testing.assert_array_equal(days, [0.75, 1.0, np.nan])


def test_categories_do_not_depend_on_how_a_column_was_typed():
    assert read_texts(pd.Series([1, 2])).tolist() == ["1", "2"]
    assert read_texts(pd.Series([1.0, None])).tolist() == ["1", None]
    assert read_texts(pd.Series(["1", None])).tolist() == ["1", None]
    assert text(np.float64(2.5)) == "2.5"
    assert text(np.bool_(True)) == "True"


@pytest.mark.parametrize(
    ("read", "values", "message"),
    [
        (
            read_numbers,
            pd.Series([1.0, -np.inf]),
            "^new: column 'c' has -inf in row 2, expected a finite number; correct",
        ),
        (read_numbers, pd.Series(["1", "inf"]), "has 'inf' in row 2, expected a finite number"),
        (
            read_numbers,
            pd.Series(["1", "two"]),
            "has 'two' in row 2, expected a number; correct the entry, or leave it",
        ),
        (
            read_numbers,
            pd.to_datetime(pd.Series(["2024-01-31"])),
            "holds datetime64.* entries, expected numbers",
        ),
        (read_numbers, pd.Series([[1], [2]]), "holds object entries, expected numbers"),
        (
            read_dates,
            pd.Series(["2024-01-31", "32.1.2024"]),
            "has '32.1.2024' in row 2, expected a date like 2024-12-31",
        ),
        (read_dates, pd.Series([20240131]), "holds int64 entries, expected dates like 2024-12-31"),
        (lambda *a: infer_kind(*a), pd.Series([None, None]), "^new: column 'c' has no value at all"),
        (lambda *a: infer_kind(*a), pd.Series([pd.Timedelta(1, "D")]), "holds entries of type Timedelta"),
    ],
)
def test_refusals(read, values, message):
    with pytest.raises(InputError, match=message):
        read("new", "c", values)
