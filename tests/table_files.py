"""Table files as people have them: real data, written by Excel, R, NumPy or by hand.

Each function writes one file and returns the table that it holds. What `deltaprop.data.load` should make of the file is
said beside it.
"""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
from sklearn import datasets

CULTIVARS = ("Barolo", "Grignolino", "Barbera")
CLASSIC = {"separator": ",", "decimal": ".", "header": True, "encoding": "utf-8"}
DECIMAL_COMMA = "numbers have a decimal comma (otherwise: --decimal .)"
NO_HEADER = "the file has no header, its columns are called column1, column2, … (otherwise: --header)"
COMMENTS = "lines that begin with # are comments (otherwise: --comment)"


@dataclass(frozen=True)
class TableFile:
    """A file, how it is loaded, and what is to be recognised."""

    name: str
    write: Callable[[Path], pd.DataFrame]
    target: str | tuple[str, ...]
    task: str = "classification"
    options: Mapping[str, Any] = field(default_factory=dict)
    recognized: Mapping[str, Any] = field(default_factory=lambda: CLASSIC)
    notes: tuple[str, ...] = ()
    out: tuple[str, ...] = ()  # columns that are left out
    names: Mapping[str, str] = field(default_factory=dict)  # of columns, where loaded ones have others

    def __str__(self) -> str:
        return self.name


def separated(by: str) -> str:
    """The note on the separator."""
    return f"the fields are separated by {by} (otherwise: --separator)"


def thousands(column: str, sign: str, unit: str = "") -> str:
    """The note on a column with a sign between thousands."""
    remedy = f"--thousands none or --category {column!r}"
    return f"column {column!r}: numbers are read without {sign} between thousands{unit} (otherwise: {remedy})"


FILES: list[TableFile] = []


def table_file(name: str, target: str | tuple[str, ...], task: str = "classification", **expected: Any):
    """Enter what the function writes as a file of that name."""

    def enter(write: Callable[[Path], pd.DataFrame]) -> Callable[[Path], pd.DataFrame]:
        FILES.append(TableFile(name, write, target, task, **expected))
        return write

    return enter


@cache
def _iris() -> pd.DataFrame:
    bunch = datasets.load_iris()
    frame = pd.DataFrame(bunch.data, columns=["sepal length", "sepal width", "petal length", "petal width"])
    frame = frame.assign(species=bunch.target_names[bunch.target].astype(object))
    return frame.drop_duplicates(ignore_index=True)


@cache
def _wine() -> pd.DataFrame:
    bunch = datasets.load_wine()
    frame = pd.DataFrame(bunch.data, columns=bunch.feature_names)[
        ["alcohol", "malic_acid", "magnesium", "color_intensity", "proline"]
    ]
    return frame.round(2).assign(cultivar=np.array(CULTIVARS, dtype=object)[bunch.target])


@cache
def _diabetes() -> pd.DataFrame:
    frame = datasets.load_diabetes(as_frame=True, scaled=False).frame.iloc[:120]
    return frame[["age", "sex", "bmi", "bp", "s5", "target"]].rename(columns={"target": "progression"})


@cache
def _cancer() -> pd.DataFrame:
    bunch = datasets.load_breast_cancer()
    frame = pd.DataFrame(bunch.data[:, :5], columns=[str(name) for name in bunch.feature_names[:5]])
    return frame.assign(diagnosis=np.array(["M", "B"], dtype=object)[bunch.target]).iloc[:200]


def iris() -> pd.DataFrame:
    """149 different flowers: four lengths, the species."""
    return _iris().copy()


def wine() -> pd.DataFrame:
    """178 wines: five measurements, the cultivar."""
    return _wine().copy()


def diabetes() -> pd.DataFrame:
    """120 patients: five measurements, the progression of the disease."""
    return _diabetes().copy()


def cancer() -> pd.DataFrame:
    """200 tumors: five measurements, the diagnosis."""
    return _cancer().copy()


def lines(path: Path, rows: list[str], encoding: str = "utf-8", end: str = "\n") -> None:
    """Write lines of text."""
    path.write_bytes(end.join([*rows, ""]).encode(encoding))


def csv_lines(frame: pd.DataFrame, **options: Any) -> list[str]:
    """The lines that pandas writes."""
    return frame.to_csv(index=False, lineterminator="\n", **options).splitlines()


# Encodings, separators, decimal commas


@table_file("iris.csv", "species", recognized=CLASSIC)
def ordinary(path: Path) -> pd.DataFrame:
    iris().to_csv(path, index=False)
    return iris()


def german(x: float, digits: int) -> str:
    """1234.5 as 1.234,50."""
    return f"{x:,.{digits}f}".translate(str.maketrans(",.", ".,"))


@table_file(
    "wein.csv",
    "Rebsorte",
    recognized={"separator": ";", "decimal": ",", "thousands": ".", "header": True, "encoding": "cp1252"},
    notes=(
        "the text is read as cp1252 (otherwise: --encoding)",
        DECIMAL_COMMA,
        thousands("Prolin", "'.'"),
    ),
)
def german_excel(path: Path) -> pd.DataFrame:
    """Excel in German: sep=; on top, decimal commas, points between thousands, Windows-1252, line ends of Windows."""
    frame = wine()
    frame.columns = ["Alkohol", "Äpfelsäure", "Magnesium", "Farbstärke", "Prolin", "Rebsorte"]
    digits = {"Alkohol": 2, "Äpfelsäure": 2, "Magnesium": 0, "Farbstärke": 2, "Prolin": 1}
    frame["Rebsorte"] = frame["Rebsorte"].replace("Barolo", "Barolo – Spätlese")
    text = frame.assign(**{name: [german(x, k) for x in frame[name]] for name, k in digits.items()})
    lines(path, ["sep=;", *csv_lines(text, sep=";")], "cp1252", "\r\n")
    return frame


@table_file(
    "鸢尾花.txt",
    "种类",
    recognized={"separator": "tab", "decimal": ".", "header": True, "encoding": "utf-16"},
    notes=("the text is read as utf-16 (otherwise: --encoding)", separated("tabs")),
)
def unicode_text(path: Path) -> pd.DataFrame:
    """Excel's "Unicode text": UTF-16 with byte-order mark, separated by tabs."""
    frame = iris()
    frame.columns = ["萼片长", "萼片宽", "花瓣长", "花瓣宽", "种类"]
    frame["种类"] = frame["种类"].map(
        {"setosa": "山鸢尾", "versicolor": "变色鸢尾", "virginica": "维吉尼亚鸢尾"}
    )
    lines(path, csv_lines(frame, sep="\t"), "utf-16", "\r\n")
    return frame


@table_file("bom.csv", "cultivar", recognized=CLASSIC)
def byte_order_mark(path: Path) -> pd.DataFrame:
    """Excel's "CSV UTF-8": with byte-order mark."""
    lines(path, csv_lines(wine()), "utf-8-sig", "\r\n")
    return wine()


@table_file(
    "latin-1.csv",
    "cépage",
    recognized=CLASSIC | {"encoding": "cp1252"},
    notes=("the text is read as cp1252 (otherwise: --encoding)",),
)
def latin_1(path: Path) -> pd.DataFrame:
    frame = wine().rename(columns={"cultivar": "cépage", "alcohol": "degré d'alcool"})
    lines(path, csv_lines(frame), "latin-1")
    return frame


@table_file(
    "葡萄酒.csv",
    "品种",
    recognized=CLASSIC | {"encoding": "gb18030"},
    notes=("the text is read as gb18030 (otherwise: --encoding)",),
)
def gbk(path: Path) -> pd.DataFrame:
    """Excel in Chinese: GBK."""
    frame = wine().set_axis(["酒精", "苹果酸", "镁", "色度", "脯氨酸", "品种"], axis=1)
    frame["品种"] = frame["品种"].map(dict(zip(CULTIVARS, ["巴罗洛", "格丽尼奥里诺", "巴贝拉"], strict=True)))
    lines(path, csv_lines(frame), "gbk", "\r\n")
    return frame


@table_file(
    "vins.csv",
    "cépage",
    recognized={"separator": ";", "decimal": ",", "thousands": "space", "header": True},
    notes=(separated("semicolons"), DECIMAL_COMMA, thousands("proline", "a space")),
)
def french(path: Path) -> pd.DataFrame:
    """Excel in French: narrow no-break spaces between thousands."""
    frame = wine().rename(columns={"cultivar": "cépage"})
    proline = [f"{x:,.1f}".replace(",", "\u202f").replace(".", ",") for x in frame["proline"]]
    lines(path, csv_lines(frame.assign(proline=proline), sep=";", decimal=","))
    return frame


@table_file(
    "tabs.tsv",
    "diagnosis",
    options={"sheet": "first"},
    notes=("of no use for a .tsv file: --sheet",),
    recognized={"separator": "tab", "decimal": ".", "header": True},
)
def tabs(path: Path) -> pd.DataFrame:
    cancer().to_csv(path, index=False, sep="\t")
    return cancer()


@table_file(
    "bars.csv", "diagnosis", recognized=CLASSIC | {"separator": "|"}, notes=(separated("vertical bars"),)
)
def bars(path: Path) -> pd.DataFrame:
    cancer().to_csv(path, index=False, sep="|")
    return cancer()


@table_file(
    "aligned.dat",
    "progression",
    "regression",
    recognized={"separator": "space", "decimal": ".", "header": True},
    notes=(separated("blanks"),),
)
def aligned(path: Path) -> pd.DataFrame:
    """Columns of text, aligned by spaces."""
    path.write_text(diabetes().to_string(index=False) + "\n")
    return diabetes()


@table_file(
    "trailing.csv", "diagnosis", recognized=CLASSIC | {"separator": ";"}, notes=(separated("semicolons"),)
)
def trailing_separator(path: Path) -> pd.DataFrame:
    lines(path, [f"{line};" for line in csv_lines(cancer(), sep=";")])
    return cancer()


# What stands above the rows


@table_file(
    "iris.data", "5", recognized=CLASSIC | {"header": False}, notes=(NO_HEADER,), names={"5": "column5"}
)
def uci(path: Path) -> pd.DataFrame:
    """As the UCI repository has it: no header, a blank line at the end."""
    frame = iris()
    frame["species"] = "Iris-" + frame["species"]
    lines(path, [*csv_lines(frame, header=False), ""])
    return frame.set_axis(["column1", "column2", "column3", "column4", "5"], axis=1)


@table_file(
    "numbers.csv",
    "1",
    recognized=CLASSIC | {"header": False},
    notes=(NO_HEADER, "each of the 3 numbers is a class; to predict a quantity: --task regression"),
    names={"1": "column1"},
)
def numbers_without_header(path: Path) -> pd.DataFrame:
    frame = wine().assign(cultivar=np.repeat([1, 2, 3], [59, 71, 48]))
    frame = frame[["cultivar", "alcohol", "malic_acid", "proline"]]
    frame.to_csv(path, index=False, header=False)
    return frame.set_axis(["1", "column2", "column3", "column4"], axis=1)


@table_file(
    "car.data",
    "3",
    recognized=CLASSIC | {"header": False},
    options={"unique": True},
    notes=(NO_HEADER, "48 of 60 rows left out: they repeat an earlier row"),
    names={"3": "column3"},
)
def texts_without_header(path: Path) -> pd.DataFrame:
    """The entries of the first row, one of them twice, are in the columns below."""
    i = np.arange(60)
    costs, maintenance = np.array(["high", "med", "low"])[i % 3], np.array(["high", "low"])[i // 3 % 2]
    frame = pd.DataFrame(
        {"column1": costs, "column2": maintenance, "3": np.where(i % 7 < 3, "unacc", "good")}
    )
    frame = frame.astype(object)
    frame.to_csv(path, index=False, header=False)
    return frame.drop_duplicates()


@table_file("commented.csv", "species", recognized=CLASSIC | {"comment": "#"}, notes=(COMMENTS,))
def comment_lines(path: Path) -> pd.DataFrame:
    lines(path, ["# Fisher, 1936", "# lengths in cm, two of them of the sepals", "#", *csv_lines(iris())])
    return iris()


@table_file(
    "savetxt.txt",
    "progression",
    "regression",
    recognized={"header": True, "comment": "#", "separator": "space"},
    notes=(separated("blanks"), COMMENTS, "the header is the comment in line 1 (otherwise: --no-header)"),
)
def savetxt(path: Path) -> pd.DataFrame:
    """numpy.savetxt writes the header as a comment, and separates by spaces."""
    np.savetxt(path, diabetes(), header=" ".join(diabetes().columns))
    return diabetes()


@table_file(
    "titled.csv", "cultivar", recognized=CLASSIC, notes=("the 2 lines above the header were left out",)
)
def titled(path: Path) -> pd.DataFrame:
    lines(path, ["Wines of one region in Italy", "Forina et al. (PARVUS)", "", *csv_lines(wine())])
    return wine()


@table_file(
    "from-r.csv",
    "diagnosis",
    recognized=CLASSIC,
    notes=("the column without a name was left out: it numbers the rows",),
)
def write_csv_of_r(path: Path) -> pd.DataFrame:
    """R numbers the rows, in a column without a name, and quotes texts."""
    cancer().set_axis(range(1, 201)).to_csv(path, quoting=2)
    return cancer()


@table_file(
    "mtcars.txt",
    "diagnosis",
    recognized=CLASSIC | {"separator": "space"},
    out=("Unnamed: 0",),
    notes=(
        separated("blanks"),
        "the column without a name is called 'Unnamed: 0'",
        "column 'Unnamed: 0' left out: it has texts that hardly repeat (to use it: --category 'Unnamed: 0')",
    ),
)
def write_table_of_r(path: Path) -> pd.DataFrame:
    """R's write.table: names of the rows, for which the header has no field."""
    frame = cancer().set_axis([f"Tumor {i}" for i in range(200)])
    head, *rows = frame.to_csv(sep=" ", quoting=2).splitlines()
    lines(path, [head.removeprefix('"" '), *rows])
    return cancer()


@table_file(
    "printed.txt",
    "progression",
    "regression",
    recognized=CLASSIC | {"separator": "space"},
    notes=(separated("blanks"), "the column without a name was left out: it numbers the rows"),
)
def printed(path: Path) -> pd.DataFrame:
    """As pandas prints a table, with the numbers of the rows."""
    path.write_text(diabetes().to_string() + "\n")
    return diabetes()


@table_file(
    "framed.csv",
    "cultivar",
    notes=(
        "line 2, below the header, holds units and was left out",
        "2 empty rows at the end left out",
        "2 rows below the table left out: 'Total', 'Source: Forina'",
    ),
)
def units_and_totals(path: Path) -> pd.DataFrame:
    """Units below the header, sums below the rows."""
    frame = wine()
    head, *rows = csv_lines(frame)
    total = f"Total,,,,{frame['proline'].sum():.1f},"
    lines(path, [head, "% vol,g/l,mg/l,,mg/l,", *rows, total, "Source: Forina,,,,,", ",,,,,", ",,,,,"])
    return frame


# Files that are no plain text


@table_file("iris.csv.gz", "species")
@table_file("iris.csv.bz2", "species")
@table_file("iris.csv.xz", "species")
@table_file("iris.zip", "species")
def compressed(path: Path) -> pd.DataFrame:
    iris().to_csv(path, index=False)
    return iris()


@table_file("mac.zip", "species")
def zipped_on_a_mac(path: Path) -> pd.DataFrame:
    """macOS puts files of its own into archives."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("iris.csv", iris().to_csv(index=False))
        archive.writestr("__MACOSX/._iris.csv", b"\0\5\x16\7")
        archive.writestr(".DS_Store", b"\0\0\0\1Bud1")
    return iris()


@table_file(
    "formulas.xlsx",
    "diagnosis",
    recognized={"sheet": "Data"},
    notes=(
        "the sheet is 'Data', one of 'Cover', 'Lists', 'Data' (otherwise: --sheet)",
        "2 cells have formulas without a stored value: missing (to store values: save it in Excel)",
        "190 rows of merged cells have the entry of the first one",
    ),
)
def formulas(path: Path) -> pd.DataFrame:
    """As openpyxl writes formulas; cells that are merged over many rows; an empty and a hidden sheet before."""
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Cover"
    book.create_sheet("Lists").append(["x"])
    book["Lists"].sheet_state = "hidden"
    frame, sheet = cancer().sort_values("diagnosis", ignore_index=True), book.create_sheet("Data")
    frame["diagnosis"] = np.repeat(["B", "M"], 100).astype(object)
    for row in [[*frame.columns], *frame.astype(object).to_numpy().tolist()]:
        sheet.append(row)
    sheet["B4"], sheet["C9"] = "=A4*2", "=SUM(A2:A8)"
    for row in (2, 102):
        sheet.merge_cells(start_row=row, end_row=row + 95, start_column=6, end_column=6)
    book.save(path)
    frame.iloc[2, 1] = frame.iloc[7, 2] = np.nan
    return frame


@table_file("two.xlsx", "diagnosis", options={"sheet": "tumors"}, recognized={"sheet": "tumors"})
@table_file(
    "first.xlsx",
    "cultivar",
    recognized={"sheet": "wines"},
    notes=("the sheet is 'wines', one of 'wines', 'tumors' (otherwise: --sheet)",),
)
def workbook(path: Path) -> pd.DataFrame:
    with pd.ExcelWriter(path) as writer:
        wine().to_excel(writer, sheet_name="wines", index=False)
        cancer().to_excel(writer, sheet_name="tumors", index=False)
    return wine() if path.stem == "first" else cancer()


@table_file(
    "report.xlsx",
    "diagnosis",
    recognized={"header": True, "decimal": ".", "sheet": "Sheet"},
    notes=(
        "the 2 lines above the header were left out",
        "the column without a name is called 'Unnamed: 6'",
    ),
)
def report(path: Path) -> pd.DataFrame:
    """A sheet as it is sent round: a title, a date beside a word, a blank row; a column of remarks without a name."""
    frame = cancer().assign(**{"Unnamed: 6": np.where(np.arange(200) % 9 == 0, "checked", None)})
    book = openpyxl.Workbook()
    head = [["Diagnoses"], ["as of", "2024-05-01"], [], [*cancer().columns, None]]
    for row in [*head, *frame.astype(object).to_numpy().tolist()]:
        book.worksheets[0].append(row)
    book.save(path)
    return frame


@table_file(
    "cancer.feather",
    "diagnosis",
    options={"sheet": "first", "separator": ";"},
    recognized={"sheet": None},
    notes=("of no use for a .feather file: --separator, --sheet",),
)
@table_file("cancer.parquet", "diagnosis", recognized={})
def columnar(path: Path) -> pd.DataFrame:
    (cancer().to_feather if path.suffix == ".feather" else cancer().to_parquet)(path)
    return cancer()


# Entries


@table_file(
    "gaps.csv",
    "progression",
    "regression",
    options={"missing": ("?", "-999")},
)
def gaps(path: Path) -> pd.DataFrame:
    frame = diabetes().astype(object)
    frame.loc[[3, 17], "bmi"] = "?"
    frame.loc[[5, 40], "bp"] = -999
    frame.to_csv(path, index=False)
    return frame.replace(["?", -999], np.nan).astype(float)


@table_file("regions.csv", "species", options={"keep_na": ("continent",)})
def labels_called_na(path: Path) -> pd.DataFrame:
    """NA is North America, None is a label."""
    continents = np.array(["NA", "EU", "None"], dtype=object)[np.arange(149) % 3]
    frame = iris().assign(continent=continents)
    frame[["continent", *iris().columns]].to_csv(path, index=False)
    return frame[["continent", *iris().columns]]


@table_file(
    "dates.csv",
    "progression",
    "regression",
    notes=(
        "column 'birth' is read as dates like 2024-12-31",
        "column 'visit' is read as dates like 31.12.2024",
        "column 'letter' is read as dates like 12/31/2024",
    ),
)
def dates(path: Path) -> pd.DataFrame:
    days = pd.Series(pd.date_range("2021-01-04", periods=120, freq="3D"))
    frame = diabetes().assign(
        birth=days - pd.Timedelta(20000, "D"), visit=days, letter=days.iloc[::-1].to_numpy()
    )
    formats = {"birth": "%Y-%m-%d", "visit": "%d.%m.%Y", "letter": "%m/%d/%Y"}
    frame.assign(**{name: frame[name].dt.strftime(how) for name, how in formats.items()}).to_csv(
        path, index=False
    )
    return frame


@table_file(
    "prices.csv",
    "cultivar",
    notes=(
        "column 'alcohol': numbers are read without '%' (otherwise: --category 'alcohol')",
        thousands("proline", "','", " and '$'"),
    ),
)
def prices_and_percent(path: Path) -> pd.DataFrame:
    frame = wine()
    text = {
        "alcohol": [f"{x:.2f} %" for x in frame["alcohol"]],
        "proline": [f"${x:,.2f}" for x in frame["proline"]],
    }
    frame.assign(**text).to_csv(path, index=False)
    return frame


@table_file(
    "quoted.csv", "cultivar", recognized=CLASSIC | {"thousands": ","}, notes=(thousands("proline", "','"),)
)
def quoted_thousands(path: Path) -> pd.DataFrame:
    frame = wine()
    frame.assign(proline=[f"{x:,.0f}" for x in frame["proline"]]).to_csv(path, index=False, quoting=1)
    return frame


# Columns


@table_file("exercise.csv", ("Weight", "Waist", "Pulse"), "regression")
def several_targets(path: Path) -> pd.DataFrame:
    """Linnerud's 20 men: exercises and measures."""
    frame = datasets.load_linnerud(as_frame=True).frame
    frame.to_csv(path, index=False)
    return frame


@table_file(
    "wdbc.csv",
    "diagnosis",
    notes=(
        "column 'remark' left out: it has no value (to use it: --keep 'remark')",
        "column 'study' left out: it has a single value (to use it: --keep 'study')",
        "column 'id' left out: it has texts that hardly repeat (to use it: --category 'id')",
    ),
    out=("id", "study", "remark"),
)
def identifiers_and_constants(path: Path) -> pd.DataFrame:
    numbers = np.random.default_rng(0).permutation(np.arange(842_302, 842_502))
    frame = cancer().assign(id=[f"P{number}" for number in numbers], study="WDBC", remark=None)
    frame = frame[["id", *cancer().columns, "study", "remark"]]
    frame.to_csv(path, index=False)
    return frame


@table_file(
    "tasted.csv",
    "cultivar",
    notes=("column 'remarks' left out: it holds long texts (to use it: --category 'remarks')",),
    out=("remarks",),
)
def free_text(path: Path) -> pd.DataFrame:
    frame = wine()
    remarks = [
        f"Bottle {i}: {alcohol:g} % of alcohol and {acid:g} g of malic acid a litre, a long finish, some tannin."
        for i, alcohol, acid in zip(frame.index, frame["alcohol"], frame["malic_acid"], strict=True)
    ]
    frame.insert(1, "remarks", remarks)
    frame.to_csv(path, index=False)
    return frame


@table_file("tiny.csv", "species")
def tiny(path: Path) -> pd.DataFrame:
    frame = iris().iloc[::13].reset_index(drop=True)
    frame.to_csv(path, index=False)
    return frame


@table_file(
    "wide.csv",
    "digit",
    notes=(
        "each of the 10 numbers is a class; to predict a quantity: --task regression",
        "column 'pixel_0_0' left out: it has a single value (to use it: --keep 'pixel_0_0')",
    ),
    out=("pixel_0_0",),
)
def wide(path: Path) -> pd.DataFrame:
    """Images of digits: more columns than most tables, some of them constant."""
    bunch = datasets.load_digits()
    frame = pd.DataFrame(bunch.data[:120], columns=bunch.feature_names).assign(digit=bunch.target[:120])
    constant = [name for name in frame.columns if frame[name].nunique() == 1 and name != "pixel_0_0"]
    frame = frame.drop(columns=constant)
    frame.to_csv(path, index=False)
    return frame


# Rows


@table_file(
    "repeated.csv",
    "species",
    options={"unique": True},
    notes=("15 of 164 rows left out: they repeat an earlier row",),
)
def repeated_rows(path: Path) -> pd.DataFrame:
    """15 flowers are there twice."""
    frame = pd.concat([iris(), iris().iloc[30:45]], ignore_index=True)
    frame.to_csv(path, index=False)
    return frame.drop_duplicates()


@table_file(
    "visits.csv",
    "progression",
    "regression",
    options={"time": "visit"},
    notes=("column 'visit' orders the rows and is left out of the inputs; --keep 'visit' uses it as well",),
    out=("visit",),
)
def in_time(path: Path) -> pd.DataFrame:
    """One visit a week, in the order of the patients' names."""
    weeks = np.random.default_rng(1).permutation(120)
    frame = diabetes().assign(visit=pd.Timestamp("2022-03-01") + pd.to_timedelta(7 * weeks, "D"))
    frame.to_csv(path, index=False, date_format="%Y-%m-%d")
    return frame


@table_file(
    "patients.csv",
    "diagnosis",
    options={"group": "patient"},
    notes=(
        "column 'patient' names 49 groups and is left out of the inputs; --keep 'patient' uses it as well",
    ),
    out=("patient",),
)
def groups(path: Path) -> pd.DataFrame:
    """About four tumors of each patient."""
    patients = np.random.default_rng(2).integers(0, 50, 200)
    frame = cancer().assign(patient=[f"patient {number:02}" for number in patients])
    frame.to_csv(path, index=False)
    return frame


@table_file("rare.csv", "diagnosis")
def unequal_classes(path: Path) -> pd.DataFrame:
    """One malignant tumor among ten."""
    frame = pd.concat(
        [cancer().query("diagnosis == 'M'").iloc[:8], cancer().query("diagnosis == 'B'").iloc[:72]]
    )
    frame = frame.sample(frac=1, random_state=0).reset_index(drop=True)
    frame.to_csv(path, index=False)
    return frame
