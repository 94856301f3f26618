"""``--time``, ``--group`` and ``--test-data``: what is read, said and refused."""

import numpy as np
import pytest

from deltaprop.data import load, split
from deltaprop.errors import InputError

HEADER = "when,patient,size,color,kind\n"
ROWS = [f"{1 + i % 28:02d}.{1 + i // 28:02d}.2024,0{i % 7},{i * 0.5},{'red' if i % 3 else 'blue'},{'ba'[i % 2]}"
        for i in range(60)]  # fmt: skip


@pytest.fixture
def table(tmp_path):
    def write(name, rows, header=HEADER):
        path = tmp_path / name
        path.write_text(header + "\n".join(rows) + "\n")
        return path

    return write


def test_times_are_read_and_are_no_input(table):
    data = load(table("t.csv", ROWS[::-1]), "kind", time="when", drop="patient")
    assert data.feature_names == ("size", "color")
    assert data.time[-1] == np.datetime64("2024-01-01")
    assert (
        "column 'when' orders the rows and is left out of the inputs; --keep 'when' uses it as well"
        in data.notes
    )
    parts = split(data, 0.2, 0.2)
    assert parts.test.x["size"].min() == 24.0  # of 60 rows the last twelve, half a unit a row
    assert parts.train.time.max() < parts.validation.time.min() < parts.test.time.min()


def test_the_columns_can_be_kept_as_inputs(table):
    for option in ({"time": "when"}, {"group": "patient"}):
        data = load(table("t.csv", ROWS), "kind", keep=["when", "patient"], **option)
        assert data.feature_names == ("when", "patient", "size", "color")
        assert not [note for note in data.notes if "left out" in note]


def test_numbers_are_times_too(table):
    data = load(table("t.csv", ROWS), "kind", time="size", drop=["when", "patient"])
    np.testing.assert_array_equal(data.time, np.arange(60) * 0.5)


def test_rows_are_numbered_as_in_the_file(table):
    rows = [row.rpartition(",")[0] + "," for row in ROWS[:10]] + ROWS[10:]  # ten without a target
    rows[20] = "never" + rows[20][10:]
    with pytest.raises(InputError, match="column 'when' has 'never' in row 21, expected a date"):
        load(table("t.csv", rows), "kind", time="when")


def test_groups_that_differ_in_blanks_or_case_are_named(table):
    rows = [row.replace(",03,", ",a3,") for row in ROWS]
    rows[3] = rows[3].replace("a3", "A3")
    notes = load(table("t.csv", rows), "kind", group="patient").notes
    assert (
        "column 'patient' has groups that differ only in case or blanks: 'A3', 'a3'; they count as different"
        in notes
    )


def test_groups_keep_their_spelling(table):
    data = load(table("t.csv", ROWS), "kind", group="patient", drop="when")
    assert set(data.groups) == {f"0{i}" for i in range(7)}
    assert data.feature_names == ("size", "color")


def test_rows_without_target_need_no_time(table):
    rows = [*ROWS, ",07,1.0,red,"]
    assert len(load(table("t.csv", rows), "kind", time="when").time) == 60
    rows = [*ROWS[:8], ",07,1.0,red,a", *ROWS[8:]]
    with pytest.raises(
        InputError, match=r"^t\.csv: column 'when' has no entry in row 9, expected one in each"
    ):
        load(table("t.csv", rows), "kind", time="when")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time": "color"}, "--time names column 'color', whose kind is category"),
        ({"time": "kind"}, "--time names the target 'kind', expected another"),
        ({"group": "doctor"}, "--group names 'doctor', expected one of the columns"),
    ],
)
def test_refused_columns(table, options, message):
    with pytest.raises(InputError, match=rf"^t\.csv: {message}"):
        load(table("t.csv", ROWS), "kind", **options)


def test_named_data_have_no_columns_to_split_by():
    for option in ("time", "group", "test_data"):
        with pytest.raises(InputError, match=f"^iris: --{option.replace('_', '-')} is 'c', expected none"):
            load("iris", **{option: "c"})


def test_a_second_file_is_the_test_part(table):
    train = table("t.csv", ROWS)
    other = [
        row.replace(",", ";").replace(".5", ",5")
        for row in ["x,03,2.5,green,a", "x,09,1.5,,b", "x,02,4.5,red,"]
    ]
    test = table(
        "other.csv", other, "note;patient;size;color;kind\n"
    )  # written in another way, with other columns
    data = load(train, "kind", drop="when", group="patient", test_data=test)
    assert data.test.x.to_dict("list") == {"size": [2.5, 1.5], "color": ["green", None]}
    assert data.test.t.tolist() == ["a", "b"]
    assert data.notes[-2:] == (
        "other.csv: 1 of 3 rows left out: their target is missing",
        "other.csv: also in the training data: 1 group of 'patient' (1 row)",
    )
    parts = split(data, 0.2, 0.0)
    assert len(parts.test) == 2
    assert not set(parts.train.groups) & set(parts.validation.groups)


def test_a_test_file_that_is_not_later(table):
    test = table(
        "later.csv", ["01.02.2024,1,1,red,a", "04.03.2024,1,1,red,a", "01.05.2024,1,1,red,b"]
    )  # training ends on 4 March
    data = load(table("t.csv", ROWS), "kind", time="when", test_data=test)
    assert data.notes[-1] == (
        "later.csv: 'when' goes from 2024-02-01 to 2024-05-01; not after the training data: 2 rows"
    )
    assert data.test.time is None


def test_a_test_file_with_times_of_another_kind(table):
    train, test = table("t.csv", ROWS), table("o.csv", [f"{i},1,1,red,a" for i in range(3)])
    with pytest.raises(InputError, match=r"^o\.csv: --time names column 'when', whose kind is number"):
        load(train, "kind", time="when", test_data=test)


@pytest.mark.parametrize(
    ("rows", "header", "message"),
    [
        (
            ["1,2"],
            "size,kind\n",
            r"^o\.csv: the table lacks 'color', expected every column of t\.csv that is used",
        ),
        (
            ["1,red,a", "2,red,c"],
            "size,color,kind\n",
            "^o.csv: target 'kind' has 'c' in row 2, expected one of",
        ),
        (
            ["1,red,", "x,red,a"],
            "size,color,kind\n",
            r"^o\.csv: column 'size' has 'x' in row 2, expected a number",
        ),
        (["1,red,", "2,red,"], "size,color,kind\n", r"^o\.csv: no row has a target, expected some"),
    ],
)
def test_refused_test_files(table, rows, header, message):
    with pytest.raises(InputError, match=message):
        load(table("t.csv", ROWS), "kind", drop=["when", "patient"], test_data=table("o.csv", rows, header))


def test_values_and_whole_labels_of_a_test_file(table):
    rows = [f"{i},{i % 2},{i * 2}" for i in range(20)]
    train, test = (table(n, rows, "a,b,c\n") for n in ("train.csv", "test.csv"))
    assert load(train, "c", test_data=test).test.t.tolist() == [2.0 * i for i in range(20)]
    assert load(train, ["a", "c"], test_data=test).test.t.shape == (20, 2)
    labels = load(train, "b", test_data=test)
    assert labels.test.codes.tolist() == labels.codes.tolist()
