"""Tables in any format that people write are read back, as pandas reads them when it is told the format."""

import csv
import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deltaprop.data import TableFormat
from deltaprop.data.reading.table_files import read_table
from deltaprop.data.reading.table_format import MISSING
from deltaprop.errors import InputError

LABELS = ["rot", "grün", "two words", "a,b;c", "NA", "", "Ørsted"]
NAMES = ["Länge", "count", "label", "day"]


@st.composite
def formats(draw):
    decimal = draw(st.sampled_from(".,"))
    thousands = draw(st.sampled_from([s for s in ("", ".", ",", "'", " ", "\u00a0") if s != decimal]))
    return TableFormat(
        header=draw(st.booleans()),
        separator=draw(st.sampled_from([",", ";", "\t", "|", " "])),
        decimal=decimal,
        thousands=thousands,
        comment=draw(st.sampled_from(["", "#", "%"])),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252"])),
    )


#: Of each column: numbers with two decimals, of which the first show the sign; integers; labels; days.
rows = st.lists(
    st.tuples(
        st.integers(-(10**7), 10**7).map(lambda n: n / 100),
        st.integers(-(10**9), 10**9),
        st.sampled_from(LABELS),
        st.dates(min_value=pd.Timestamp("1900-01-01").date(), max_value=pd.Timestamp("2100-01-01").date()),
    ),
    max_size=8,
).map(
    lambda drawn: [
        (1234.25, 98765, "grün", pd.Timestamp("2024-02-01").date()),
        (0.5, -7, "rot", pd.Timestamp("2024-12-31").date()),
        *drawn,
    ]
)


def written_number(value, format):
    """A number with grouped digits, as Python's own formatting groups them."""
    text = f"{value:,}"
    swap = {",": format.thousands, ".": format.decimal}
    return "".join(swap.get(character, character) for character in text)


def written(table, format, ends="\n"):
    """The bytes of a table in a format; fields are quoted where it needs that."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=format.separator, lineterminator=ends)
    if format.header:
        writer.writerow(NAMES)
    for i, (number, count, label, day) in enumerate(table):
        if format.comment and i == 1:
            out.write(f"{format.comment} a comment between rows{ends}")
        numbers = [written_number(value, format) for value in (number, count)]
        # Blanks that separate cannot leave an empty field.
        label = label or ("NA" if format.separator == " " else "")
        writer.writerow([*numbers, label, f"{day:%d.%m.%Y}"])
    comment = f"{format.comment} a comment above{ends}" if format.comment else ""
    return (comment + out.getvalue()).encode(format.encoding)


@settings(max_examples=100)
@given(rows, formats(), st.sampled_from(["\n", "\r\n"]))
def test_any_format_is_recognised(tmp_path_factory, table, format, ends):
    if format.separator == " ":  # commas in texts and in numbers: what separates could be either
        assume(not any(label == "a,b;c" for _, _, label, _ in table))
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(written(table, format, ends))
    frame, found, _ = read_table(path)
    assert list(frame.columns) == (NAMES if format.header else [f"column{i}" for i in range(1, 5)])
    frame.columns = NAMES
    numbers, counts, labels, days = zip(*table, strict=True)
    np.testing.assert_allclose(frame["Länge"], numbers, rtol=1e-15)
    assert frame["count"].tolist() == list(counts)
    assert frame["label"].astype(object).where(frame["label"].notna(), None).tolist() == [
        None if label in ("", "NA") else label for label in labels
    ]
    assert frame["day"].tolist() == [f"{day:%d.%m.%Y}" for day in days]
    assert (found.header, found.separator, found.decimal) == (format.header, format.separator, format.decimal)
    assert found.thousands == ({"": None, "\u00a0": " "}.get(format.thousands, format.thousands))
    assert (found.comment or "") == format.comment

    if format.thousands != "\u00a0":  # pandas takes ASCII only
        told = pd.read_csv(
            io.BytesIO(
                "\n".join(
                    line
                    for line in path.read_bytes().decode(format.encoding).splitlines()
                    if not (format.comment and line.startswith(format.comment))
                ).encode()
            ),
            sep=r"\s+" if format.separator == " " else format.separator,
            decimal=format.decimal,
            thousands=format.thousands or None,
            header=0 if format.header else None,
            usecols=[0, 1],
        )
        np.testing.assert_allclose(frame[["Länge", "count"]], told, rtol=1e-15)

    # What was recognised, given as options, and read again: the same table.
    again = read_table(path, format=found)
    pd.testing.assert_frame_equal(frame, again.frame.set_axis(NAMES, axis=1))
    assert again.format == found


#: Files as they come: the content, what is recognised in it, and the first row.
FILES = {
    "decimal comma": (
        "a;b;day\n1,5;0.5;01.02.2024\n2,25;0.75;02.02.2024\n",
        {"separator": ";", "decimal": ","},
        [1.5, 0.5, "01.02.2024"],
    ),
    "thousands": ("a;b\n1.234,5;1.000\n12,5;2.500\n", {"decimal": ",", "thousands": "."}, [1234.5, 1000]),
    "quoted thousands": ('a,b\n"1,234.5",x\n"12.5",y\n', {"decimal": ".", "thousands": ","}, [1234.5, "x"]),
    "a column of points": ("a;b\n0.500;1,5\n1.750;2,25\n", {"decimal": ","}, [0.5, 1.5]),
    "a column of commas": ('a,b,c\n"1,5",0.5,.5\n"2,25",0.75,.1\n', {"decimal": "."}, [1.5, 0.5, 0.5]),
    "Swiss": ("a;b\n1'234.5;x\n12.5;y\n", {"decimal": ".", "thousands": "'"}, [1234.5, "x"]),
    "no-break spaces": (
        "a;b\n1\u202f234,5;x\n12,5;y\n",
        {"decimal": ",", "thousands": "space"},
        [1234.5, "x"],
    ),
    "euros": ("a;b\n-1 234,50 €;x\n12,5 €;y\n", {"decimal": ",", "thousands": "space"}, [-1234.5, "x"]),
    "dollars": ("a,b\n$1.5,12%\n-$2,3.5 %\n", {"decimal": "."}, [1.5, 12.0]),
    "ambiguous point": ("a;b\n1.234;1\n2.345;2\n", {"decimal": "."}, [1.234, 1]),
    "ambiguous comma": ("a;b\n1,234;1\n2,345;2\n", {"decimal": ","}, [1.234, 1]),
    "leading zeros": ("zip,b\n00123,1\n12345,2\n", {}, ["00123", 1]),
    "no header": ("5.1,3.5,setosa\n4.9,3.0,setosa\n", {"header": False}, [5.1, 3.5, "setosa"]),
    "no header, dates": ("2024-01-01,a\n2024-02-01,b\n", {"header": False}, ["2024-01-01", "a"]),
    "years as names": ("land,2019,2020\nx,1,2\ny,3,4\n", {"header": True}, ["x", 1, 2]),
    "numbers as names": ("0,1,2,3\n.5,.6,.7,.8\n", {"header": True}, [0.5, 0.6, 0.7, 0.8]),
    "blanks and tabs": (
        ' 18.0   8   307.0 \t"a b"\n  9.5  10   ? \t"c"\n',
        {"header": False, "separator": "space"},
        [18.0, 8, 307.0, "a b"],
    ),
    "numpy.savetxt": (
        "# made today\n# a b\n1.0e+00 2.0e+00\n3.0e+00 4.0e+00\n",
        {"header": True, "comment": "#", "separator": "space"},
        [1.0, 2.0],
    ),
    "comments": ("% one\n% 2024\na,b\n1,#fff\n% between\n\n3,#000\n", {"comment": "%"}, [1, "#fff"]),
    "colours": ("colour,b\n#ff0000,1\n#00ff00,2\n", {}, ["#ff0000", 1]),
    "titles": (
        "Report 2024;;\nSales\n\nname;x;y\na;1,5;2\nb;2,5;3\n;;\n;;\n",
        {"decimal": ","},
        ["a", 1.5, 2],
    ),
    "sep=": ("sep=;\na;b\n1;x,y\n3;z,z\n", {"separator": ";"}, [1, "x,y"]),
    "separators at the end": ("a;b;\n1;2;\n3;4;\n", {"separator": ";"}, [1, 2]),
    "row names of R": ('"a","b"\n"1",5,"x"\n"2",6,"y"\n', {"separator": ","}, [5, "x"]),
    "old Mac": ("a,b\r1,2\r3,4\r", {}, [1, 2]),
    "UTF-16": ("a\tb\nä\t1\nö\t2\n".encode("utf-16"), {"encoding": "utf-16", "separator": "tab"}, ["ä", 1]),
    "UTF-16 without mark": ("a,b\n日本,1\nö,2\n".encode("utf-16-le"), {"encoding": "utf-16-le"}, ["日本", 1]),
    "Windows-1252": ("a,b\nGröße €,1\nö,2\n".encode("cp1252"), {"encoding": "cp1252"}, ["Größe €", 1]),
    "Latin-1": (b"a,b\n\xe4\x81,1\n\xf6,2\n", {"encoding": "latin-1"}, ["ä\x81", 1]),
}


@pytest.mark.parametrize("name", FILES)
def test_files_as_they_come(tmp_path, name):
    content, options, row = FILES[name]
    path = tmp_path / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    frame, format, notes = read_table(path)
    usual = {"header": True, "separator": ",", "decimal": ".", "encoding": "utf-8"}
    found = format.options()
    assert {key: found.get(key) for key in options} == options
    assert {key for key in found if found[key] != usual.get(key)} <= set(options) | {"separator"}
    assert frame.iloc[0].tolist() == row
    assert len(frame) == 2 - (name == "numbers as names")
    again = read_table(path, format=format)
    pd.testing.assert_frame_equal(again.frame, frame)
    assert again.format == format
    # What is not usual is said, with the option that overrules it.
    for key, value in options.items():
        excel = name == "sep="
        if value != usual.get(key) and not excel:
            assert any(f"--{key}" in note or (key == "header" and "--header" in note) for note in notes), key


@pytest.mark.parametrize(
    ("content", "options", "row"),
    [
        ("a;b\n1.234;1\n2.345;2\n", {"decimal": ","}, [1234, 1]),
        ("a;b\n1.234;1\n2.345;2\n", {"thousands": "."}, [1234, 1]),
        ("a;b\n1,234;1\n2,345;2\n", {"decimal": "."}, [1234, 1]),
        ("a;b\n1.234,5;x\n2,5;y\n", {"thousands": "none"}, ["1.234,5", "x"]),
        ("a;b\n1 234,5;x\n2,5;y\n", {"thousands": "space"}, [1234.5, "x"]),
        ('a,b\n"1,234",x\n"2,345",y\n', {"thousands": "none"}, ["1,234", "x"]),
        ("1,2\n3,4\n", {"header": True}, [3, 4]),
        ("a,b\nx,y\n", {"header": False}, ["a", "b"]),
        ("# a\n# b\nx\ny\n", {"comment": "none", "header": False, "separator": ";"}, ["# a"]),
        ("a,b\n//no\n1,2\n", {"comment": "//"}, [1, 2]),
        ("a:b\n1:2\n", {"separator": ":"}, [1, 2]),
        ("a,b\n-999,NA\n1,x\n", {"missing": ("-999",)}, [None, "NA"]),
        ("a,b\nÄ,1\n", {"encoding": "latin-1"}, ["Ã\x84", 1]),
    ],
)
def test_options_overrule(tmp_path, content, options, row):
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8")
    frame, format, notes = read_table(path, format=TableFormat(**options))
    assert [None if entry != entry else entry for entry in frame.iloc[0]] == row
    assert replace(format, **options) == format
    assert not any(f"otherwise: --{key}" in note for key in options for note in notes)


def test_the_usual_missing_entries_are_those_of_pandas_and_the_question_mark():
    entries = [*MISSING, "x", "-", "na", "Null"]
    told = pd.read_csv(io.StringIO("a,b\n" + "".join(f"{entry},1\n" for entry in entries)))
    assert [bool(gone) or entry == "?" for entry, gone in zip(entries, told["a"].isna(), strict=True)] == (
        [True] * len(MISSING) + [False] * 4
    )


def test_large_files_are_read_by_what_comes_after_the_sample_too(tmp_path):
    rows = "1,x\n" * 50_000
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + rows + '"1,234",NA\n', encoding="utf-8")
    frame, _, notes = read_table(path)
    assert frame["a"].iloc[-1] == 1234
    assert pd.isna(frame["b"].iloc[-1])
    assert any("--thousands" in note for note in notes)
    path.write_bytes(b"a,b\n" + rows.encode() + b"1,\xe4\n")
    frame, format, _ = read_table(path)
    assert (frame["b"].iloc[-1], format.encoding) == ("ä", "cp1252")
    path.write_text("a,b,c\n" + '1,"one\n# two, three\n\nfour",2\n' * 50_000, encoding="utf-8")
    frame, _, notes = read_table(path)
    assert frame["b"].unique().tolist() == ["one\n# two, three\n\nfour"]
    assert not notes
    path.write_bytes(b"a,b\n" + rows.encode() + b"1,\xe4\x81\n")
    assert read_table(path)[0]["b"].iloc[-1] == "ä\x81"
    path.write_text("# top\na,b\n" + "1,x\n# between, or not\n" * 50_000 + "3,y\n", encoding="utf-8")
    frame = read_table(path)[0]
    assert (len(frame), frame.iloc[-1].tolist()) == (50_001, [3, "y"])


def test_a_title_above_a_line_that_is_wider_than_the_rows_is_none(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a note\na,b,t\n1\n2\n3\n4\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^a.csv: line 2 has 3 fields, expected 1 as in the header"):
        read_table(path)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"separator": "ab"}, "separator is 'ab', expected a sign"),
        ({"separator": "1"}, "separator is '1'"),
        ({"decimal": "x"}, "decimal is 'x', expected"),
        ({"thousands": "x"}, "thousands is 'x', expected one of . ,"),
        ({"thousands": ",", "decimal": ","}, "thousands and --decimal are both ','"),
        ({"comment": "a\nb"}, "comment is"),
        ({"encoding": "utf-99"}, "encoding is 'utf-99', expected one such as utf-8"),
        ({"encoding": "hex"}, "encoding is 'hex'"),
        ({"sheet": 3}, "sheet is 3, expected the name or number"),
        ({"missing": (1,)}, "missing is"),
        ({"header": "yes"}, "header is 'yes', expected True or False"),
    ],
)
def test_formats_that_cannot_be(options, found):
    with pytest.raises(InputError, match=f"^data: --{found}"):
        TableFormat(**options)


OURS = (TypeError, AttributeError, LookupError, NameError, AssertionError, RecursionError)
texts = st.text(st.sampled_from(list(",;\t|\"'#%\n\r .0123456789-abcé€=/")), max_size=60).map(str.encode)


@settings(max_examples=200)
@given(
    st.binary(max_size=80) | texts,
    st.sampled_from(["csv", "tsv", "csv.gz", "zip", "parquet", "feather", "xlsx", "txt"]),
)
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path_factory, content, suffix):
    path = tmp_path_factory.getbasetemp() / f"any.{suffix}"
    path.write_bytes(content)
    error = refusal(path)
    assert "\n" not in str(error)
    assert error is None or not isinstance(error.__cause__, OURS)


def refusal(path):
    """The error of reading a file, or None."""
    try:
        frame, format, _ = read_table(path)
    except InputError as error:
        return error
    assert len(frame)
    TableFormat(**format.options())
    return None


@pytest.mark.parametrize(
    ("like", "content", "read"),
    [
        (TableFormat(separator=",", decimal="."), "a;b\n5,100;3,500\n", [5.1, 3.5]),
        (TableFormat(separator=";", decimal=","), 'a,b\n5.100,"3.500"\n', [5.1, 3.5]),
        (TableFormat(separator=";", decimal="."), "a;b\n5,100;3,500\n", [5100, 3500]),
        (TableFormat(decimal=","), "a\tb\n5,100\t3,500\n", [5.1, 3.5]),
    ],
)
def test_the_decimal_sign_goes_with_the_separator_or_with_a_file_that_is_separated_alike(like, content, read):
    assert read_table("new.csv", content=content, like=like).frame.iloc[0].tolist() == read


def test_short_rows_are_said_wherever_they_are(tmp_path):
    path = tmp_path / "late.csv"
    rows = [f"{i % 7}.25,{i % 5},{'AB'[i % 2]}" for i in range(12_000)]  # more than is looked at first
    path.write_text("a,b,y\n" + "\n".join([*rows, "1.5", *rows[:20]]) + "\n")
    assert read_table(path).notes == [
        "1 line has fewer fields than columns, the first is line 12002: the last are missing"
    ]


@pytest.mark.parametrize("first", ["Bob,absent", "m,2.0", "a long remark,kg", "x,kg"])
def test_a_first_row_that_is_none_of_units_stays(first):
    content = "name,mass\n" + first + "\nx,1.5\ny,2.5\nz,3.5\n"
    assert read_table("a.csv", content=content).frame.iloc[0].astype(str).tolist() == first.split(",")


def test_a_first_row_with_units_is_none_of_units():
    content = "a,b\n2.8 kg,1.7 kg\n3.5 kg,2 kg\n1 kg,2 kg\n4 kg,5.5 kg\n"
    assert len(read_table("a.csv", content=content, numbers=("a", "b")).frame) == 4


@pytest.mark.parametrize(
    ("missing", "absent"), [("-99", []), ("-99.0", []), ("unknown", []), ("unknwon", ["unknwon"])]
)
def test_a_text_for_missing_entries_that_does_not_occur_is_said(missing, absent):
    content = "a,b\n1,x\n-99.00,unknown\n2,y\n"
    read = read_table("a.csv", content=content, format=TableFormat(missing=(missing,)))
    assert read.notes == [f"--missing {text!r} is nowhere in the file" for text in absent]
    assert read.frame.isna().sum().sum() == 1 - len(absent)
    assert not read_table("a.csv", content=content, format=read.format.of_others(), like=read.format).notes


def test_a_long_entry_and_many_columns_without_a_name_are_read():
    names, row = "a,b" + "," * 30, f"1,{'long ' * 40_000}" + ",2" * 30
    read = read_table("a.csv", content=f"{names}\n{row}\n{row}\n")
    assert len(read.frame["b"][0]) == 200_000
    assert len(read.notes) == 1
    assert read.notes[0].startswith("30 columns without a name are called 'Unnamed: 2', 'Unnamed: 3', ")


def test_headers_between_the_rows_are_left_out():
    rows = ["1.5,x", "2.5,y", "3.5,x"]
    read = read_table("joined.csv", content="\n".join(["a,b", *rows, "a,b", *rows, "a,b", "4.5,b", ""]))
    assert read.frame["a"].tolist() == [1.5, 2.5, 3.5, 1.5, 2.5, 3.5, 4.5]
    assert read.frame.index.tolist() == list(range(7))
    assert read.notes == ["rows that repeat the header left out: 2"]


def test_a_line_that_is_not_utf_8_is_named(tmp_path):
    path = tmp_path / "mixed.csv"
    lines = ["a,b", *(f"{i},ö{i % 3}" for i in range(20))]
    path.write_bytes("\n".join([*lines, ""]).encode() + "21,ö1\n".encode("latin-1") + b"22,x\n")
    said = ", as line 22 is not UTF-8, which the others are"
    assert read_table(path).notes == [f"the text is read as cp1252{said} (otherwise: --encoding)"]
    path.write_bytes("\n".join([*lines, ""]).encode("latin-1"))
    assert read_table(path).notes == ["the text is read as cp1252 (otherwise: --encoding)"]


@pytest.mark.parametrize("end", ["", "\n\n"])
def test_blank_lines_of_one_column_are_missing_entries(end):
    read = read_table("one.csv", content="a\n1.5\n\n2.5\n" + end)
    np.testing.assert_array_equal(read.frame["a"], [1.5, np.nan, 2.5])


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("# made in 2024\ncolor,n\n#ff0000,1\nred,2\n#00ff00,3\nblue,4\ngreen,5\n", "#ff0000"),
        ("% export\na,n\n%x,1\nb,2\nc,3\nd,4\n", "%x"),
        ("# made in 2024\na,n\n#N/A,1\nb,2\nc,3\nd,4\n", None),
        ("a\tb\tn\n\t#1\t1\nx\t#2\t2\ny\t#3\t3\nz\t#4\t4\n", None),
    ],
)
def test_rows_that_begin_with_the_sign_of_comments_are_rows(tmp_path, text, first):
    path = tmp_path / "a.csv"
    path.write_text(text)
    frame, format, _ = read_table(path)
    assert len(frame) == text.count("\n") - (2 if text[0] in "#%" else 1)
    assert frame["n"].tolist() == list(range(1, len(frame) + 1))
    assert frame.iloc[0, 0] == first if first else pd.isna(frame.iloc[0, 0])
    again = read_table(path, format=TableFormat(**format.options())).frame
    pd.testing.assert_frame_equal(again, frame)


def test_a_first_entry_that_excel_could_not_compute_begins_no_comment(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("".join(f"{'#N/A' if i % 4 == 0 else i},{i}.5,x\n" for i in range(40)))
    frame = read_table(path).frame
    assert (len(frame), int(frame["column1"].isna().sum())) == (40, 10)


def test_blanks_separate_numbers_with_decimal_commas_without_a_header(tmp_path):
    path = tmp_path / "a.dat"
    path.write_text("2,466 0,064 5,81\n" * 20)
    frame = read_table(path).frame
    assert frame.iloc[0].tolist() == [2.466, 0.064, 5.81]
