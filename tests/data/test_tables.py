"""Table files: their kinds are inferred and reported; unusable ones are refused in one line."""

import bz2
import gzip
import io
import lzma
import sys
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from deltaprop.data import Preprocessing, TableFormat, load, load_rows
from deltaprop.data.reading import opened
from deltaprop.errors import InputError

ROWS = 40


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": rng.normal(40.0, 10.0, ROWS).round(1),
            "rooms": rng.integers(1, 9, ROWS),
            "colour": rng.choice(["red", "green", "blue"], ROWS),
            "member": rng.integers(0, 2, ROWS).astype(bool),
            "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, ROWS), unit="D"),
            "species": rng.permutation(["cat", "dog"] * (ROWS // 2)),
            "price": rng.normal(1e5, 1e4, ROWS),
        }
    )


@pytest.fixture
def written(tmp_path):
    """Writes text, a table or columns to a .csv and gives its path."""

    def write(content, name="data.csv"):
        path = tmp_path / name
        if isinstance(content, dict):
            content = pd.DataFrame(content)
        if isinstance(content, pd.DataFrame):
            content.to_csv(path, index=False)
        else:
            path.write_text(content, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".tsv", ".parquet"])
def test_kinds_of_columns_in_every_format(frame, tmp_path, suffix):
    path = tmp_path / f"pets{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ",")
    data = load(path, target="species", drop="price")
    assert [(column.name, column.kind) for column in data.columns] == [
        ("age", "number"),
        ("rooms", "number"),
        ("colour", "category"),
        ("member", "boolean"),
        ("joined", "date"),
    ]
    assert data.feature_names == ("age", "rooms", "colour", "member", "joined")
    assert data.reason == "target 'species' has 2 distinct texts: classification"
    assert data.classes == ("cat", "dog")
    assert data.t.tolist() == frame["species"].tolist()
    np.testing.assert_array_equal(data.x["age"], frame["age"])
    np.testing.assert_array_equal(data.x["member"], frame["member"].astype(float))
    assert data.x["joined"].dt.tz_localize(None).tolist() == frame["joined"].tolist()
    assert len(data.take(np.array([3, 5]))) == 2
    assert len(load(path, target="species", samples=10)) == 10


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_in_the_header(frame, tmp_path, separator):
    path = tmp_path / "a.csv"
    frame.rename(columns={"age": "age, in years; about"}).to_csv(path, index=False, sep=separator)
    assert load(path, target="species").feature_names[0] == "age, in years; about"


def test_decimal_commas_beside_semicolons(frame, tmp_path):
    path = tmp_path / "a.csv"
    frame.to_csv(path, index=False, sep=";", decimal=",")
    data = load(path, target="species")
    np.testing.assert_array_equal(data.x["age"], frame["age"])
    assert data.x["joined"].dt.tz_localize(None).tolist() == frame["joined"].tolist()


def test_spaces_byte_order_mark_and_question_marks(written):
    path = written("\ufeffa, b, t\n1, ?, yes\n2, 3, no\n4, 5, yes\n")
    data = load(path, target="t")
    assert data.feature_names == ("a", "b")
    assert np.isnan(data.x["b"][0])
    assert data.classes == ("no", "yes")


def test_several_targets(frame, written):
    data = load(written(frame), target=["price", "age"], drop="species")
    assert data.t.shape == (ROWS, 2)
    assert data.reason == "targets 'price', 'age' are several quantities: regression"
    assert data.target_names == ("price", "age")


def test_rows_without_target_are_left_out_and_counted(frame, written):
    frame["species"] = frame["species"].astype(object)
    frame.loc[[3, 7], "species"] = None
    data = load(written(frame), target="species")
    assert len(data) == ROWS - 2
    assert "2 of 40 rows left out: their target is missing" in data.notes
    np.testing.assert_array_equal(data.x["age"], frame["age"].drop([3, 7]))
    assert data.t.tolist() == frame["species"].drop([3, 7]).tolist()
    assert data.classes == ("cat", "dog")


def test_columns_that_number_the_rows_are_left_out(frame, tmp_path):
    frame.insert(0, "id", np.arange(1, ROWS + 1))
    path = tmp_path / "a.csv"
    frame.to_csv(path)  # with the index, under an empty name
    data = load(path, target="species")
    assert data.feature_names[0] == "age"
    assert data.notes[0] == "the column without a name was left out: it numbers the rows"
    assert "column 'id' left out: it numbers the rows (to use it: --keep 'id')" in data.notes
    assert load(path, target="species", keep="id").feature_names[0] == "id"


def test_what_was_left_out_is_an_option_of_the_next_run(frame, written):
    frame = frame.assign(unit="m", customer_id=np.arange(ROWS)[::-1], price=frame["price"].round())
    data = load(written(frame), target="species", drop="age")
    assert data.recognized["drop"] == ("age", "unit", "customer_id")
    again = load(written(frame), target="species", drop=data.recognized["drop"])
    assert (again.feature_names, "drop" in again.recognized) == (data.feature_names, False)
    assert not any("left out" in note for note in again.notes)
    kept = load(written(frame), target="species", keep=["unit", "customer_id"])
    assert kept.feature_names[-2:] == ("unit", "customer_id")


def test_repeated_rows_are_counted_and_left_out_on_request(frame, written):
    frame = pd.concat([frame, frame.iloc[[3, 3, 7]]], ignore_index=True)
    frame.loc[ROWS, "age"] += 1.0
    frame["id"] = np.arange(ROWS + 3)[::-1]
    path = written(frame)
    data = load(path, target="species")
    assert "2 of 43 rows repeat an earlier row (to leave such rows out: --unique)" in data.notes
    assert len(data) == ROWS + 3
    data = load(path, target="species", unique=True)
    assert "2 of 43 rows left out: they repeat an earlier row" in data.notes
    assert data.x.index.tolist() == list(range(ROWS + 1))
    assert not any("earlier" in note for note in load(path, target="species", keep="id").notes)
    frame["species"] = np.resize(["cat", "dog", "cow"], ROWS + 3)  # another target: another row
    assert not frame.drop(columns="id").duplicated().any()
    assert len(load(written(frame), target="species", unique=True)) == ROWS + 3


def test_rows_of_another_group_or_time_repeat_nothing(written):
    rows = {"x": [0.5, 0.5, 1.5, 2.5], "y": [1, 1, 2, 3], "when": [1, 2, 2, 5], "t": ["a", "a", "b", "b"]}
    path = written(rows)
    assert len(load(path, target="t", drop="when", unique=True)) == 3
    for option in ("time", "group"):
        data = load(path, target="t", unique=True, **{option: "when"})
        assert (len(data), data.feature_names) == (4, ("x", "y"))


@pytest.mark.parametrize("label", ["NA", "None", "null", "n/a"])
def test_labels_that_look_missing(written, label):
    path = written(
        f"x,c,t\n1,{label},{label}\n2,,low\n3,b,high\n4,b,\n5,b,low\n6,{label},{label}\n7,c,high\n"
    )
    data = load(path, target="t")
    said = f"(missing entries are written as '{label}'; if that is a label: --keep-na 't')"
    assert f"3 of 7 rows left out: their target is missing {said}" in data.notes
    assert data.classes == ("high", "low")
    data = load(path, target="t", keep_na=["t", "c"])
    assert "1 of 7 rows left out: their target is missing" in data.notes
    assert data.t.tolist() == [label, "low", "high", "low", label, "high"]
    assert data.x["c"].tolist() == [label, None, "b", "b", label, "c"]
    pre = Preprocessing.learn(data)
    x, t = load_rows(path, pre, keep_na=["t", "c"])
    assert x["c"].tolist()[0] == label
    assert t is None  # one is missing
    asked = load(path, target="t", missing=[label])
    assert "3 of 7 rows left out: their target is missing" in asked.notes
    only = written(f"x,t\n1,{label}\n2,yes\n3,yes\n4,{label}\n")
    with pytest.raises(InputError, match=r"a single value \('yes'\).* written as .* --keep-na 't'\)\.$"):
        load(only, target="t")


def test_labels_that_look_missing_in_the_test_file(written):
    table = "x,c,t\n" + "1,NA,NA\n2,b,low\n3,b,high\n" * 4
    path, other = written(table), written(table + "4,NA,low\n", "other.csv")
    data = load(path, target="t", keep_na=["t", "c"], test_data=other)
    assert data.t_test.tolist() == ["NA", "low", "high"] * 4 + ["low"]
    assert data.x_test["c"].tolist()[-1] == "NA"


def test_spellings_that_differ_in_case_or_blanks_are_said_and_stay(written):
    data = load(written({"c": ["x ", "x", "X", "y"] * 5, "t": ["yes", "Yes", "no", "no"] * 5}), target="t")
    assert (
        "column 'c' has categories that differ only in case or blanks: 'x ', 'x', 'X'; they stay"
        in data.notes[1]
    )
    assert (
        "target 't' has classes that differ only in case or blanks: 'Yes', 'yes'; they stay" in data.notes[0]
    )
    assert data.classes == ("Yes", "no", "yes")


def test_categories_on_request_and_dates_are_said(frame, written):
    frame["joined"] = frame["joined"].dt.strftime("%d.%m.%Y")
    data = load(written(frame), target="species", category=["rooms"])
    assert data.columns[1].kind == "category"
    assert data.x["rooms"].tolist() == [str(n) for n in frame["rooms"]]
    assert "column 'joined' is read as dates like 31.12.2024" in data.notes
    assert load(written(frame), target="rooms", category="rooms").t.dtype.kind == "U"


GOOD = {"a": [1.0, 2.0, 3.0, 4.0], "b": ["x", "y", "x", "y"], "t": [0, 1, 0, 1]}


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({}, {"target": None}, "--target is not given, expected one of the columns 'a', 'b', 't'; name the"),
        (
            {},
            {"target": "u"},
            "--target names 'u', expected one of the columns 'a', 'b', 't'; correct the name",
        ),
        ({}, {"drop": "u"}, "--drop names 'u', expected one of"),
        ({}, {"category": ["u"]}, "--category names 'u', expected one of"),
        ({}, {"drop": "t"}, "--drop names the target 't'"),
        ({}, {"target": "T"}, "--target names 'T', expected one of .*; did you mean 't'\\?$"),
        ({"petal width": [1, 2, 3, 5]}, {"drop": "petl width"}, ".*; did you mean 'petal width'\\?$"),
        ({}, {"target": "a, t"}, ".*; repeat the option: --target 'a' --target 't'\\.$"),
        ({}, {"keep": "t"}, "--keep names the target 't', expected another column; omit it"),
        ({}, {"keep": "a", "drop": "a"}, "--keep and --drop both name 'a', expected one of them"),
        ({}, {"keep_na": "u"}, "--keep-na names 'u', expected one of"),
        ({}, {"target": ["t", "t"]}, "--target names a column twice"),
        ({}, {"drop": ["a", "b"]}, "the table has no column besides the target"),
        ({}, {"task": "ranking"}, "--task is 'ranking', expected classification or regression"),
        ({}, {"target": ["a", "t"], "task": "classification"}, "--target names 2 columns, expected one"),
        ({}, {"target": "b", "task": "regression"}, "column 'b' has 'x' in row 1, expected a number"),
        (
            {"a": [1.0, np.inf, 2.0, 3.0]},
            {},
            "column 'a' has inf in row 2, expected a finite number; correct",
        ),
        (
            {"a": ["1", "2", "3", "oops"]},
            {},
            "column 'a' has 'oops' in row 4, expected a number; .*--category 'a'",
        ),
        ({"a": ["1", "1,5", "3.5", "4"]}, {}, "column 'a' has '1,5' in row 2, expected a number"),
        ({"a": ["$1", "$2", "€3", "$4"]}, {}, r"column 'a' has '\$1' in row 1, expected a number"),
        (
            {"a": ["2020-01-01", "2020-01-02", "soon", "2021-05-05"]},
            {},
            "column 'a' has 'soon' in row 3, expected a date like 2024",
        ),
        (
            {"a": ["2020-01-01", "2020-01-02", "2021-02-30", "2021-05-05"]},
            {},
            "column 'a' has '2021-02-30' in row 3, expected a date",
        ),
        ({"t": [1, 1, 1, 1]}, {}, r"target 't' has a single value \(1\), expected at least two"),
        ({"t": [1.5] * 4}, {}, r"target 't' has a single value \(1.5\), expected at least two"),
        ({"t": ["x"] * 4}, {}, r"target 't' has a single value \('x'\)"),
        (
            {"t": [1.5] * 4},
            {"task": "regression"},
            r"target 't' has a single value \(1.5\), expected at least two",
        ),
        ({"t": [None] * 4}, {}, "target 't' has no value at all"),
        ({"t": [0.5, np.inf, 1.0, 2.0]}, {}, "column 't' has inf in row 2"),
        (
            {"t": ["p", "q", "r", "s"]},
            {},
            "target 't' has 4 distinct texts in 4 rows, expected classes that repeat",
        ),
        ({"t": ["2020-01-01", "2020-01-02", "2021-05-05", "2022-01-01"]}, {}, "target 't' holds dates"),
    ],
)
def test_refusals(written, columns, options, message):
    path = written(GOOD | columns)
    with pytest.raises(InputError, match=f"^data.csv: {message}") as caught:
        load(path, **({"target": "t"} | options))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("column", "other"), [("a", "t"), ("t", "a")])
def test_an_integer_beyond_float64_is_refused(tmp_path, column, other):
    rows = [f"{i},{i % 2}" for i in range(30)] + ["9" * 400 + ",1"]
    path = tmp_path / "data.csv"
    path.write_text("\n".join([f"{column},{other}", *rows]))
    message = rf"^data.csv: column '{column}' has 9+\.\.\.9+ in row 31, expected a finite number;"
    with pytest.raises(InputError, match=message):
        load(path, target="t")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty, expected a header and rows"),
        ("a,t\n", "the table has no rows below its header"),
        ("a,a,t\n1,2,3\n", "header names column 'a' twice"),
        ("a,t\n1,2\n\n1,2,3\n", "line 4 has 3 fields, expected 2 as in the header"),
        ("a,t\n1,2,3\n1,2,3\n", "line 2 has 3 fields, expected 2 as in the header"),
        ("a,t\n" + "1,2\n" * 50_000 + "1,2,3\n", "line 50002 has 3 fields, expected 2"),
        ("# a comment\na,t\n" + "1,2\n" * 50_000 + "1,2,3\n", "line 50003 has 3 fields, expected 2"),
    ],
)
def test_broken_text(written, content, message):
    with pytest.raises(InputError, match=message):
        load(written(content), target="t")


def test_files_that_are_not_tables(tmp_path, frame):
    path = tmp_path / "a.csv"
    path.write_bytes("a,t\nMünchen,1\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"is not utf-8 text, expected another encoding"):
        load(path, target="t", encoding="utf-8")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(InputError, match=r"d.csv is a folder"):
        load(tmp_path / "d.csv", target="t")
    with pytest.raises(InputError, match=r"is a folder"):
        load(str(tmp_path), target="t")
    (tmp_path / "a.xls").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"has another suffix, expected one of .csv.*save the table as .csv"):
        load(tmp_path / "a.xls", target="t")
    path = tmp_path / "a.parquet"
    frame.to_parquet(path)
    for raw in (b"", b"nothing", path.read_bytes()[:-20]):
        path.write_bytes(raw)
        with pytest.raises(InputError, match=r"a.parquet cannot be read .*complete .parquet file"):
            load(path, target="t")
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,t\n1,2\n" * 100)[:-10])
    with pytest.raises(InputError, match=r"cannot be read"):
        load(path, target="t")


def test_nested_entries_of_parquet_are_refused(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"a": [[1], [2, 3]], "t": [0, 1]}).to_parquet(path)
    with pytest.raises(InputError, match=r"column 'a' holds entries of type ndarray"):
        load(path, target="t")


def zipped(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i, content in enumerate(members):
            archive.writestr(f"table{i}.csv", content)
    return out.getvalue()


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    ("suffix", "compress"),
    [
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
        (".zst", lambda content: pa.compress(content, "zstd", asbytes=True)),
        (".zip", zipped),
    ],
)
def test_compressed_files_are_known_by_their_bytes(frame, tmp_path, suffix, compress, named):
    path = tmp_path / f"pets.csv{suffix * named}"
    path.write_bytes(compress(frame.to_csv(index=False).encode()))
    np.testing.assert_array_equal(load(path, target="species").x["age"], frame["age"])


@pytest.mark.parametrize(
    ("suffix", "compress"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)]
)
def test_a_file_that_expands_without_end_is_refused(tmp_path, monkeypatch, suffix, compress):
    path = tmp_path / f"a.csv{suffix}"
    path.write_bytes(compress(b"a,t\n" + b"1,2\n" * 1_000_000))
    monkeypatch.setattr(opened, "LARGE", 1 << 20)
    with pytest.raises(InputError, match=rf"a.csv{suffix} expands to more than 200 times its size"):
        load(path, target="t")


def test_archives_of_several_files_or_of_something_else_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped("a,t\n1,x\n", "a,t\n1,x\n"))
    with pytest.raises(InputError, match=r"a.zip holds 2 files, expected an archive of one table"):
        load(path, target="t")
    path.write_bytes(zipped(gzip.compress(b"a,t\n1,x\n")))
    with pytest.raises(InputError, match=r"a.zip holds binary data"):
        load(path, target="t")


@pytest.mark.parametrize("suffix", [".feather", ".arrow", ".csv"])
def test_feather_files_are_known_by_their_bytes(frame, tmp_path, suffix):
    path = tmp_path / f"pets{suffix}"
    frame.to_feather(path)
    data = load(path, target="species")
    np.testing.assert_array_equal(data.x["age"], frame["age"])
    assert "separator" not in data.recognized


def workbook(path, sheets, row=0, header=True):
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        for name, frame in sheets.items():
            frame.to_excel(writer, sheet_name=name, index=False, startrow=row, header=header)
            if row:
                writer.sheets[name].cell(1, 1, "A title")
    return path


@pytest.mark.parametrize("row", [0, 3])
def test_sheets_of_workbooks(frame, tmp_path, row):
    frame["paid"] = [f"{value:,.2f} €".translate({44: ".", 46: ","}) for value in frame["price"]]  # texts
    frame.loc[[2, 5], "age"] = np.nan
    frame["colour"] = frame["colour"].astype(object).where(frame.index != 7, "NA")
    path = workbook(tmp_path / "pets.xlsx", {"Dogs": frame, "Cats": frame[["age", "species"]]}, row)
    data = load(path, target="species", drop="price")
    assert [column.kind for column in data.columns] == [
        "number",
        "number",
        "category",
        "boolean",
        "date",
        "number",
    ]
    np.testing.assert_array_equal(data.x["age"], frame["age"])
    np.testing.assert_allclose(data.x["paid"], frame["price"].round(2))
    assert data.x["colour"].isna().tolist() == (frame.index == 7).tolist()
    assert data.notes[0] == "the sheet is 'Dogs', one of 'Dogs', 'Cats' (otherwise: --sheet)"
    assert data.recognized["sheet"] == "Dogs"
    for sheet in ("Cats", "2"):
        assert load(path, target="species", sheet=sheet).feature_names == ("age",)
    with pytest.raises(
        InputError, match=r"^pets.xlsx: --sheet is '3', expected one of 'Dogs', 'Cats'; correct"
    ):
        load(path, target="species", sheet="3")
    path.rename(tmp_path / "pets.csv")
    assert len(load(tmp_path / "pets.csv", target="species")) == ROWS


def test_workbooks_without_header_or_library(frame, tmp_path, monkeypatch):
    path = workbook(tmp_path / "pets.xlsx", {"A": frame[["age", "rooms", "species"]]}, header=False)
    data = load(path, target="3")
    assert (data.feature_names, data.target_names) == (("column1", "column2"), ("column3",))
    assert data.recognized["header"] is False
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"expected openpyxl to read it; pip install openpyxl, or save"):
        load(path, target="3")
    path.write_bytes(b"age,species\n1,cat\n")
    with pytest.raises(InputError, match=r"pets.xlsx"):
        load(path, target="species")


def test_columns_by_number_where_there_is_no_header(frame, tmp_path):
    path = tmp_path / "pets.data"
    frame[["age", "rooms", "colour", "species"]].to_csv(path, index=False, header=False)
    data = load(path, target="4", drop="3", category="2")
    assert data.feature_names == ("column1", "column2")
    assert [column.kind for column in data.columns] == ["number", "category"]
    assert any("has no header" in note and "--header" in note for note in data.notes)
    again = load(path, **data.recognized | {"target": "column4", "drop": ["column3"], "category": "column2"})
    assert again.x.equals(data.x)
    with pytest.raises(InputError, match=r"--target names '5', expected one of the columns 'column1'"):
        load(path, target="5")


def test_leading_zeros_are_categories(written):
    data = load(written("zip,t\n" + "00123,1\n12345,2\n99999,1\n" * 9), target="t")
    assert data.columns[0].kind == "category"
    assert data.x["zip"].tolist()[:2] == ["00123", "12345"]


def test_rows_to_predict_are_read_by_their_own_format_and_else_as_in_training(tmp_path):
    path, new = tmp_path / "train.csv", tmp_path / "new.csv"
    path.write_text("a;b;t\n" + "".join(f"{i}.234,5;{i * i % 11};{'xy'[i % 2]}\n" for i in range(1, 40)))
    data = load(path, target="t")
    pre = Preprocessing.learn(data)
    like = TableFormat(**data.recognized)
    assert (like.decimal, like.thousands) == (",", ".")
    for text, expected in [
        ("a;b\n1.234;5\n", 1234.0),  # by itself, this could be 1.234
        ("b;a\n5;1.234,5\n", 1234.5),
        ("a,b\n1234.5,5\n", 1234.5),
        ("# new\nb|a\n5|1234.5\n", 1234.5),
    ]:
        new.write_text(text, encoding="utf-16")
        assert load_rows(new, pre, like=like)[0]["a"].tolist() == [expected]
    path.write_text("".join(f"{i / 7},{i * i % 11},{'xy'[i % 2]}\n" for i in range(1, 40)))
    data = load(path, target="3", missing="5")
    pre, like = Preprocessing.learn(data), TableFormat(**data.recognized)
    new.write_text("0.5,5\n")
    x, t = load_rows(new, pre, like=like)
    assert x["column1"].tolist() == [0.5]
    assert x["column2"].isna().all()
    assert t is None


def test_a_column_that_is_elsewhere(tmp_path):
    frame = pd.DataFrame({"a": [0.5, 1.5], "y": [1, 2]})
    with pd.ExcelWriter(tmp_path / "t.xlsx") as writer:
        frame[["a"]].to_excel(writer, sheet_name="first", index=False)
        frame.to_excel(writer, sheet_name="second", index=False)
    with pytest.raises(InputError, match=r"^t\.xlsx \(sheet 'first'; another: --sheet\): "):
        load(tmp_path / "t.xlsx", target="y")
    frame.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InputError, match=r"--target names '2', .* has no header \(--no-header\)\.$"):
        load(tmp_path / "t.csv", target="2")


def test_a_last_row_whose_target_is_written_na(tmp_path):
    (tmp_path / "t.csv").write_text("x,c,y\n" + "1,2,A\n2,3,B\n" * 5 + ",,NA\n")
    assert len(load(tmp_path / "t.csv", target="y")) == 10
