"""Tables of one's own: kinds, targets and inputs; unusable ones are refused in one line."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from deltaprop.errors import InputError
from deltaprop.playground import table
from deltaprop.playground.complaints import Complaint
from deltaprop.playground.settings import Data, TableUse

ROWS = 60


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "id": np.arange(1, ROWS + 1),
            "age": rng.normal(40.0, 10.0, ROWS).round(1),
            "rooms": rng.integers(1, 9, ROWS),
            "member": rng.integers(0, 2, ROWS).astype(bool),
            "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, ROWS), unit="D"),
            "country": "CH",
            "nothing": np.nan,
            "price": rng.normal(1e5, 1e4, ROWS),
            "species": rng.choice(["cat", "dog", "horse"], ROWS),
        }
    )


def read(frame, name="pets.csv", **options):
    return table.read(name, frame.to_csv(index=False, **options))


def take(tab, target, **use):
    data = {key: use.pop(key) for key in ("samples", "test_share", "seed") if key in use}
    use = TableUse(target=target, **use)
    return tab.take(Data(**{"name": "table", "table": use, "samples": 5000, **data}), use)


@pytest.mark.parametrize(("separator", "end"), [(",", "\n"), (";", "\r\n"), ("\t", "\r"), ("|", "\n")])
def test_the_kinds_of_columns(frame, separator, end):
    description = read(frame, sep=separator, lineterminator=end).describe()
    assert (description["name"], description["rows"]) == ("pets.csv", ROWS)
    assert {column["name"]: column["kind"] for column in description["columns"]} == {
        "id": "id",
        "age": "number",
        "rooms": "number",
        "member": "boolean",
        "joined": "date",
        "country": "constant",
        "nothing": "empty",
        "price": "number",
        "species": "category",
    }
    suggested = Data.model_validate(description["suggested"])
    assert suggested.table is not None
    assert (suggested.table.target, suggested.samples) == ("species", ROWS)


def test_inputs_are_standardized_over_the_training_part_with_gaps_filled(frame):
    frame.loc[::7, "age"] = np.nan
    part = take(read(frame), "species", test_share=0.25)
    assert part.names == ("age", "rooms", "member", "price")
    assert part.classes == ("cat", "dog", "horse")
    x = frame[list(part.names)].astype(float).to_numpy()
    # scikit-learn's way; the median of the present entries fills the gaps, which do not count for mean and scale
    scaler, filled = StandardScaler().fit(x[~part.test]), SimpleImputer(strategy="median").fit(x[~part.test])
    expected: Any = scaler.transform(filled.transform(x))
    np.testing.assert_allclose(part.inputs, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(part.targets, frame["species"].map({"cat": 0, "dog": 1, "horse": 2}))
    assert (part.inputs.dtype, part.targets.dtype) == (np.float32, np.int64)


def test_values_are_standardized_and_rows_without_target_left_out(frame):
    frame.loc[:9, "price"] = np.nan
    part = take(read(frame), "price", columns=("rooms", "age"))
    assert (part.names, part.classes, len(part.inputs)) == (("rooms", "age"), (), ROWS - 10)
    price = frame["price"].to_numpy()[10:, None]
    scaler: Any = StandardScaler().fit(price[~part.test])
    np.testing.assert_allclose(part.targets, scaler.transform(price)[:, 0], rtol=1e-5)
    assert part.targets.dtype == np.float32


def test_fewer_samples_are_a_stratified_part_of_the_rows(frame):
    whole = take(read(frame), "species")
    for seed in (0, 1):
        part = take(read(frame), "species", samples=30, seed=seed)
        counts = np.bincount(part.targets, minlength=3)
        assert counts.sum() == 30
        assert np.abs(counts - np.bincount(whole.targets) / 2).max() < 1.0


def test_a_class_of_one_row_is_trained_on(frame):
    frame["rare"] = ["once", *["often"] * (ROWS - 1)]
    part = take(read(frame), "rare")
    assert part.classes == ("often", "once")
    assert not part.test[0]


def test_a_message_is_one_line_whatever_the_names_are(frame):
    tab = read(frame.rename(columns={"species": "kind\nof\r\npet"}), name="two\nlines.csv")
    with pytest.raises(Complaint) as refused:
        take(tab, "x" * 200)
    for language in ("en", "zh"):
        assert len(refused.value.text(language).splitlines()) == 1


def test_numbers_can_be_classes_and_values(frame):
    few = frame.assign(rooms=frame["rooms"] % 3)
    assert take(read(few), "rooms").classes == ("0", "1", "2")
    assert take(read(few), "rooms", task="regression").classes == ()
    assert take(read(frame), "member").classes == ("False", "True")


def test_a_table_is_made_again_from_its_name_and_text(frame):
    one = read(frame)
    two = table.read(one.name, one.text)
    assert one.describe() == two.describe()
    np.testing.assert_array_equal(take(one, "species").inputs, take(two, "species").inputs)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("\ufeff \n\n", "is empty"),
        ("a,b,c\n", "no rows"),
        ("a,b,c\n1,2,3\n", "no column to learn|inputs: 0"),
        ("PK\x03\x04\0\0", "is no text"),
        ("Dear reader\nthis is a letter.\n", "inputs: 0"),
        ("<html>\n<body>\n</body>\n</html>\n", "holds HTML"),
        ('{"a": 1,\n"b": 2}\n', "holds JSON"),
        ("a,kind\n1,x\n5,y\n3,x\n", "inputs: 1"),
        ("a,b\n1,2\n3,4,5\n", "line 3 has 3 fields, expected 2"),
        ('a,b\n"1,2\n3,4\n', "opens a quote|no rows"),
        ("a,a\n1,2\n3,4\n", "twice"),
        (f"a,b,{'c' * 201}\n1,2,0\n3,4,1\n", "more than 200 characters"),
        ("a,b,name\n1,4,anna\n2,3,bert\n7,1,carl\n", "no column to learn"),
        (",".join(map(str, range(500))) + "\n", "more than 100 columns"),
        ("a,b,c\n" + "," * 3_800_000, "more than 100 columns"),
        ("a,b\n" + "1,2\n" * 100_001, "more than 100000 rows"),
        ("a,b\r" + "1,2\r" * 100_001, "more than 100000 rows"),
        ("a,b\n" + "1,2\n" * 1_000_000, "more than 4 million"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(text, said):
    with pytest.raises(Complaint, match=said) as refused:
        table.read("t.csv", text)
    for language in ("en", "zh"):
        assert "\n" not in refused.value.text(language)


@pytest.mark.parametrize(
    ("target", "use", "said"),
    [
        ("colour", {}, "column colour cannot"),
        ("joined", {}, "column joined cannot"),
        ("country", {}, "column country cannot"),
        ("nothing", {}, "column nothing cannot"),
        ("age", {"task": "classification"}, "expected at most 10"),
        ("species", {"task": "regression"}, "is text"),
        ("species", {"columns": ("age",)}, "inputs: 1"),
        ("species", {"columns": ("age", "joined")}, "column joined"),
        ("species", {"columns": ("age", "species")}, "column species"),
        ("species", {"columns": ("age", "colour")}, "column colour"),
        ("species", {"columns": ("age", "age")}, "different ones"),
        ("species", {"columns": tuple("abcdefghijklmnopq")}, "17 columns"),
    ],
)
def test_what_the_settings_name_must_be_there(frame, target, use, said):
    with pytest.raises(Complaint, match=said):
        take(read(frame), target, **use)


@pytest.mark.parametrize(("entry", "said"), [("1e400", "inf in row 3"), ("many", "'many' in row 3")])
def test_an_entry_that_is_no_number_is_named(entry, said):
    tab = table.read("t.csv", f"a,b,c\n1,1,0\n3,3,1\n4,{entry},0\n1,2,1\n")
    with pytest.raises(Complaint, match=f"column 'b' has {said}"):
        take(tab, "c")


def test_a_wide_table_begins_with_its_first_columns():
    x = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 30))).add_prefix("c")
    part = take(read(x.assign(t=[0, 1] * 10)), "t")
    assert part.names == tuple(f"c{i}" for i in range(16))


@settings(max_examples=60)
@example('a,b\n"')
@example("\ufeffa,b,c\n1,2,3\n2,1,3\n")
@given(st.text(alphabet=st.sampled_from('abc12.-,;\t|"\n\r \ufeff?ä'), max_size=80))
def test_any_text_is_a_table_or_refused(text):
    try:
        tab = table.read("any.csv", text)
        use = tab.suggested.table
        assert use is not None
        part = take(tab, use.target, test_share=0)
    except Complaint:
        return
    except InputError as error:
        raise AssertionError(f"no complaint: {error}") from error
    assert np.isfinite(part.inputs).all()
    assert len(part.inputs) == len(part.targets)
