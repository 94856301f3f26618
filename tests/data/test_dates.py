"""Dates whose order of day and month is open: as other columns show it, as asked, and said."""

import numpy as np
import pandas as pd
import pytest

from deltaprop.data import Preprocessing, load, load_rows
from deltaprop.data.columns import infer_kind, parse_dates
from deltaprop.errors import InputError

DAYS = pd.to_datetime(
    [f"2021-{i % 12 + 1:02}-{i * 5 % 12 + 1:02}" for i in range(36)]
)  # all days are below 13
SHOWN = pd.date_range("2020-01-15", periods=36, freq="9D")
OPEN = "column 'd' is read as dates like {}; no entry shows that the {} comes first (otherwise: --dates {})"


def write(path, opened, shown=None, decimal="."):
    frame = pd.DataFrame({"d": DAYS.strftime(opened), "x": np.arange(36) * 0.25 % 1.7, "y": ["A", "B"] * 18})
    if shown:
        frame.insert(0, "e", SHOWN.strftime(shown))
    frame.to_csv(path, index=False, sep=";" if decimal == "," else ",", decimal=decimal)


@pytest.mark.parametrize(
    ("opened", "options", "order"),
    [
        ("%d/%m/%Y", {"shown": "%d/%m/%Y"}, "day"),
        ("%d-%m-%Y", {"shown": "%d/%m/%y"}, "day"),
        ("%m/%d/%Y", {"shown": "%m/%d/%Y", "decimal": ","}, "month"),
        ("%m/%d/%y", {"shown": "%m/%d/%y"}, "month"),
        ("%d/%m/%Y %H:%M", {"decimal": ","}, "day"),
        ("%m/%d/%Y", {}, "month"),
    ],
)
def test_the_order_is_that_of_other_columns(opened, options, order, tmp_path):
    write(tmp_path / "t.csv", opened, **options)
    data = load(tmp_path / "t.csv", target="y")
    assert data.x["d"].dt.tz_localize(None).tolist() == DAYS.tolist()
    other = {"day": "month-first", "month": "day-first"}[order]
    example = pd.Timestamp("2024-12-31 17:05").strftime(opened)
    assert any(note.startswith(OPEN.format(example, order, other)) for note in data.notes)


def test_the_order_that_is_asked_for(tmp_path):
    write(tmp_path / "t.csv", "%d/%m/%Y", shown="%m/%d/%Y")
    data = load(tmp_path / "t.csv", target="y", dates="day-first")
    assert data.x["d"].dt.tz_localize(None).tolist() == DAYS.tolist()
    assert data.x["e"].dt.tz_localize(None).tolist() == SHOWN.tolist()  # can be read in one way only
    assert data.recognized["dates"] == "day-first"
    in_time = load(tmp_path / "t.csv", target="y", time="d", dates="day-first")
    assert in_time.time.tolist() == DAYS.to_numpy("datetime64[us]").tolist()
    with pytest.raises(InputError, match="--dates is 'dmy', expected day-first or month-first"):
        load(tmp_path / "t.csv", target="y", dates="dmy")


def test_years_of_two_digits(tmp_path):
    write(tmp_path / "t.csv", "%d.%m.%y")
    data = load(tmp_path / "t.csv", target="y")
    assert data.x["d"].dt.tz_localize(None).tolist() == DAYS.tolist()
    assert data.notes == (
        "column 'd' is read as dates like 31.12.24; years 00 to 68 are 2000 to 2068, 69 to 99 are 1969 to 1999",
    )


def test_what_is_no_date_is_told_what_dates_are(tmp_path):
    write(tmp_path / "t.csv", "%Y, week %W")
    with pytest.raises(
        InputError, match=r"expected numbers, or dates like 2024-12-31, 31\.12\.2024, 12/31/2024,"
    ):
        load(tmp_path / "t.csv", target="y", time="d")


def test_dates_of_iso_8601_are_read_among_others_and_to_predict(tmp_path):
    path = tmp_path / "t.csv"
    write(path, "%d.%m.%Y")
    preprocessing = Preprocessing.learn(load(path, target="y"))
    write(tmp_path / "new.csv", "%Y-%m-%d")
    old, new = (preprocessing.transform(load_rows(p, preprocessing)[0]) for p in (path, tmp_path / "new.csv"))
    np.testing.assert_array_equal(old, new)

    mixed = pd.Series([day.strftime("%d.%m.%Y" if i % 3 else "%Y-%m-%d") for i, day in enumerate(DAYS)])
    cells = pd.Series(
        [day if i % 3 else day.strftime("%d.%m.%Y") for i, day in enumerate(DAYS)], dtype=object
    )
    for values in (mixed, cells):
        column = infer_kind("t", "d", values)
        assert (column.kind, column.format) == ("date", "%d.%m.%Y")
        assert parse_dates("t", "d", values, column.format).dt.tz_localize(None).tolist() == DAYS.tolist()


@pytest.mark.parametrize("trained", ["%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y"])
def test_dates_to_predict_may_be_written_otherwise_if_no_other_reading_is_possible(trained):
    column = infer_kind("t", "d", pd.Series(SHOWN.strftime(trained)))
    for other in ("%Y-%m-%d", "%d.%m.%y", "%d/%m/%Y", "%b %d, %Y"):
        read = parse_dates("new", "d", pd.Series(SHOWN.strftime(other)), column.format)
        assert read.dt.tz_localize(None).tolist() == SHOWN.tolist()
    if trained != "%m/%d/%Y":
        with pytest.raises(InputError, match="in row 1, expected a date like"):
            parse_dates("new", "d", pd.Series(DAYS.strftime("%d/%m/%Y")), column.format)
