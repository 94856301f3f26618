"""Numbers with a currency or a unit are read as numbers, codes are not; at predict with and without the unit."""

import numpy as np
import pandas as pd
import pytest

from deltaprop.data import TableFormat, load, load_rows
from deltaprop.data.preprocessing import Preprocessing
from deltaprop.data.reading.numerals import read_column
from deltaprop.data.reading.units import split
from deltaprop.errors import InputError

NUMBERS = [1234.5, 20.25, 987654.0, 7.75, -3.5] * 5


def swiss(x):
    return f"{x:,.2f}".replace(",", "'")


def german(x):
    return f"{x:,.2f}".translate(str.maketrans(",.", ".,"))


@pytest.mark.parametrize(
    "written",
    [
        lambda x: f"CHF {swiss(x)}",
        lambda x: f"Fr. {swiss(x)}",
        lambda x: f"{german(x)} EUR",
        lambda x: f"{german(x)}EUR",
        lambda x: f"{german(x)} m²",
        lambda x: f"{x:.2f}L",
        lambda x: f"{x:.2f} km/h",
        lambda x: f"{x:.2f} °C",
        lambda x: f"-$ {-x:,.2f}" if x < 0 else f"$ {x:,.2f}",
    ],
)
def test_numbers_with_a_unit_are_numbers(written):
    values = pd.Series([None, *map(written, NUMBERS)], dtype=object)
    decimal = "," if "," in written(20.25) else "."
    read = read_column(values, TableFormat(decimal=decimal), TableFormat())
    np.testing.assert_array_equal(read.values, [np.nan, *NUMBERS])


@pytest.mark.parametrize(
    "codes",
    [
        [f"A{i}" for i in range(40)],
        [f"K {i}" for i in range(40)],
        [f"PC {17000 + i}" for i in range(40)],
        [f"{i}A" for i in range(1, 41)],
        [f"{i % 5 + 1} rooms" for i in range(40)],
        [f"{[10, 20, 40][i % 3]}mg" for i in range(40)],
        [f"{i % 12 + 1}{'st' if i % 12 == 0 else 'th'}" for i in range(40)],
        [f"{i}.5 kg" if i % 2 else f"{i}.5 lb" for i in range(40)],
        [f"{i:03} x" for i in range(40)],
        [f"{i}-{i + 1}" for i in range(40)],
    ],
)
def test_codes_are_no_numbers(codes):
    assert read_column(pd.Series(codes), TableFormat(decimal="."), TableFormat()) is None


def test_few_rows_to_predict_are_read_as_those_of_training(tmp_path):
    path, new = tmp_path / "flats.csv", tmp_path / "new.csv"
    path.write_text("area;y\n" + "".join(f"{i},5 m²;{'AB'[i % 2]}\n" for i in range(30)))
    data = load(path, target="y")
    assert data.notes[-1] == "column 'area': numbers are read without 'm²' (otherwise: --category 'area')"
    preprocessing = Preprocessing.learn(data)
    for unit in (" m²", "m", ""):
        new.write_text(f"area\n7{unit}\n7{unit}\n")
        assert load_rows(new, preprocessing)[0]["area"].tolist() == [7, 7]


def test_a_long_text_is_looked_at_once():
    assert split("-" + 10**5 * " " + "x").number == "-" + 10**5 * " " + "x"


@pytest.mark.parametrize("minus", ["−{}", "{}-", "({})", "(${})"])
def test_minus_signs_as_programs_write_them(minus):
    money = "$" * ("$" in minus)
    texts = [minus.format(f"{-x:,.2f}") if x < 0 else f"{money}{x:,.2f}" for x in NUMBERS]
    read = read_column(pd.Series(texts), TableFormat(decimal="."), TableFormat())
    np.testing.assert_array_equal(read.values, NUMBERS)


def test_numbers_in_parentheses_throughout_are_labels():
    assert read_column(pd.Series(["(1)", "(2)"] * 20), TableFormat(decimal="."), TableFormat()) is None


@pytest.mark.parametrize(
    ("odd", "row"), [("5000 g", 4), ("ca. 50 kg", 60)]
)  # among the first entries, and later
def test_an_entry_without_the_unit_is_refused_by_its_row(odd, row, tmp_path):
    rows = [f"{40 + i / 4} kg" for i in range(120)]
    rows[row - 1] = odd
    path = tmp_path / "w.csv"
    path.write_text("w,y\n" + "".join(f"{weight},{'AB'[i % 2]}\n" for i, weight in enumerate(rows)))
    with pytest.raises(InputError, match=rf"^w\.csv: column 'w' has '{odd}' in row {row}, expected a number"):
        load(path, target="y")


def test_telephone_numbers_are_texts(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        "tel,x,y\n" + "".join(f"+41 79 {101 + i} 11 21,{i % 7},{'AB'[i % 2]}\n" for i in range(30))
    )
    assert load(path, target="y").feature_names == ("x",)


def test_cells_of_a_workbook_that_are_numbers_stay_beside_texts():
    cells = pd.Series([1234.5, "1.234,50 €", None, 7, "8 €", "9,5 €"], dtype=object)
    read = read_column(cells, TableFormat(decimal="."), TableFormat())
    np.testing.assert_array_equal(read.values, [1234.5, 1234.5, np.nan, 7, 8, 9.5])
    assert (
        read_column(pd.Series([True, "8 €"], dtype=object), TableFormat(decimal="."), TableFormat()) is None
    )


def test_groups_of_two_digits_as_in_india():
    read = read_column(pd.Series(["1,23,456.50", "99"]), TableFormat(decimal="."), TableFormat())
    assert read.values.tolist() == [123456.5, 99]


def test_the_odd_entry_of_a_small_table_is_named(tmp_path):
    path = tmp_path / "t.csv"
    for number, odd in (("({}.5)", "x"), ("{},5", "none yet"), ("{}.5 kg", "12 lb")):
        rows = [number.format(i + 1) if i % 3 else f"{i}.5" for i in range(12)]
        rows = [row.replace(".", ",") for row in rows] if "," in number else rows
        rows = [row if "kg" not in number or "kg" in row else f"{row} kg" for row in rows]
        rows[7] = odd
        path.write_text("w;y\n" + "".join(f"{row};{'AB'[i % 2]}\n" for i, row in enumerate(rows)))
        with pytest.raises(InputError, match=rf"column 'w' has '{odd}' in row 8, expected a number"):
            load(path, target="y")


def test_one_mark_of_missing_entries_among_numbers_with_a_unit_stays_to_be_refused():
    values = pd.Series(["-" if i % 3 == 0 else f"{i}.25 mg/l" for i in range(60)])
    read = read_column(values, TableFormat(decimal="."), TableFormat())
    assert read.values.iloc[:3].tolist() == ["-", 1.25, 2.25]
    values = pd.Series(["low" if i % 3 == 0 else "high" if i % 3 == 1 else f"{i}.25 mg/l" for i in range(60)])
    assert read_column(values, TableFormat(decimal="."), TableFormat()) is None
