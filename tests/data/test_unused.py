"""Which columns are left out: identifiers, long texts, single values; never what varies and is measured."""

import uuid

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from deltaprop.data import Encoding, Preprocessing
from deltaprop.data.columns import infer_kind
from deltaprop.data.dataset import Dataset
from deltaprop.data.inputs import read_inputs
from deltaprop.data.unused import doubt, why_unused
from deltaprop.errors import InputError

N = 60
RNG = np.random.default_rng(0)
SHUFFLED = RNG.permutation(N)
WORDS = [f"seen near the river on day {i % 45}" for i in range(N)]
UUIDS = [str(uuid.UUID(int=int(i) << 90 | 7)) for i in SHUFFLED]


def why(name, values):
    values = pd.Series(values)
    return why_unused(infer_kind("data", name, values), values)


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("row", range(N), "row number"),
        ("rank", range(1, N + 1), "row number"),
        ("rank", [1, 2, 3], "row number"),
        ("rank", [0, 1], None),
        ("rank", range(2, N + 2), None),
        ("rank", range(N, 0, -1), None),
        ("rank", [float(i) for i in range(N)], None),
        ("t", range(1, N + 1), None),
        ("ageYears", range(N), None),
        ("day_of_year", range(1, N + 1), None),
        ("id", SHUFFLED, "identifier"),
        ("PassengerId", SHUFFLED + 1000, "identifier"),
        ("customer id", SHUFFLED + 1000, "identifier"),
        ("Kunden-Nr.", SHUFFLED * 7, "identifier"),
        ("USERID", SHUFFLED, "identifier"),
        ("样本编号", SHUFFLED, "identifier"),
        ("Unnamed: 0", SHUFFLED, "identifier"),
        ("key", [*SHUFFLED[:-1], None], "identifier"),
        ("code_key", [*SHUFFLED[:-3], "A1", "A2", "A3"], "identifier"),
        ("EmployeeNumber", SHUFFLED, "identifier"),
        ("docno", SHUFFLED, "identifier"),
        ("Student", SHUFFLED, "identifier"),
        ("Kundennummer", SHUFFLED, "identifier"),
        ("id", np.maximum(SHUFFLED, 6), "identifier"),
        ("id", np.maximum(SHUFFLED, 7), None),
        ("id", SHUFFLED // 2, None),
        ("atomic number", SHUFFLED, None),
        ("id", SHUFFLED - 5, None),
        ("id", SHUFFLED + 0.5, None),
        ("id", [7, 3, 9, 1], None),
        ("price", SHUFFLED + 1000, None),
        ("population", SHUFFLED * 997, None),
        ("year", SHUFFLED + 1900, None),
        ("humid", SHUFFLED, None),
        ("bid", SHUFFLED, None),
        ("volume_index", SHUFFLED, None),
        ("width", RNG.normal(size=N), None),
        ("uuid", UUIDS, "distinct text"),
        ("url", [f"https://example.org/{i}" for i in range(N)], "distinct text"),
        ("who", [f"person {i}" for i in range(N - 6)] + ["person 0"] * 6, "distinct text"),
        ("who", [f"person {i}" for i in range(N - 7)] + ["person 0"] * 7, None),
        ("who", [f"person {i}" for i in range(19)] + [None] * 9, None),
        ("city", [f"city {i % 30}" for i in range(N)], None),
        ("note", WORDS, "long text"),
        ("note", WORDS[:15] * 4, None),
        ("blob", [f"{i % 40:040d}x" for i in range(N)], "long text"),
        ("when", pd.date_range("2024-01-01", periods=N).astype(str), None),
        ("flag", [True, False] * (N // 2), None),
    ],
)
def test_reasons(name, values, reason):
    assert why(name, values) == reason


measured = st.one_of(
    st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=60),
    st.lists(st.integers(-(2**50), 2**50), min_size=2, max_size=60),
    st.lists(st.integers(3, 10**6), min_size=20, max_size=60, unique=True),
)


@given(measured, st.sampled_from(["price", "year", "area_index", "humid", "Anzahl", "x1"]), st.booleans())
def test_numbers_that_vary_and_are_no_identifier_are_used(values, name, gap):
    values = pd.Series([*values, None] if gap else values)
    if not gap and (values.nunique() == 1 or (np.diff(values) == 1).all()):
        return  # a single value, or perhaps the number of the row
    table = pd.DataFrame({name: values, "other": np.arange(len(values)) % 2})
    assert list(read_inputs("data", table, np.ones(len(values), bool)).x) == [name, "other"]


def extended(load, **more):
    """A table of scikit-learn with further columns; (n,) values of each."""
    frame = load(as_frame=True).data.sample(frac=1.0, random_state=1)
    extra = {name: made(len(frame)) for name, made in more.items()}
    return pd.concat([frame, pd.DataFrame(extra, index=frame.index)], axis=1).reset_index(drop=True)


def ids(n):
    return np.random.default_rng(n).permutation(n) + 842000


def notes(n):
    return [f"measured again on day {i}, see the file" for i in range(n)]


@pytest.mark.parametrize(
    ("load", "more", "left_out"),
    [
        (load_iris, {}, []),
        (load_wine, {}, []),
        (load_diabetes, {}, []),
        (load_breast_cancer, {}, []),
        (load_iris, {"Id": lambda n: range(1, n + 1), "unit": lambda n: ["cm"] * n}, ["Id", "unit"]),
        (load_iris, {"notes": notes, "checked": lambda n: [None] * n}, ["notes", "checked"]),
        (load_wine, {"bottle_no": ids, "price": ids, "vintage": lambda n: ids(n) % 30}, ["bottle_no"]),
        (load_wine, {"estate": lambda n: [f"estate {i % 60}" for i in range(n)]}, []),
        (load_diabetes, {"patientId": ids, "site": lambda n: ["A", *[None] * (n - 1)]}, ["patientId"]),
        (load_breast_cancer, {"id": ids, "Unnamed: 32": lambda n: [np.nan] * n}, ["id", "Unnamed: 32"]),
    ],
)
def test_real_tables_with_what_people_add(load, more, left_out):
    table = extended(load, **more)
    inputs = read_inputs("data", table, np.ones(len(table), bool))
    assert set(inputs.unused) == set(left_out)
    assert list(inputs.x) == [name for name in table if name not in left_out]
    everything = read_inputs("data", table, np.ones(len(table), bool), keep=left_out)
    assert (list(everything.x), everything.notes) == (list(table), [])


def test_codes_among_numbers_are_text_and_a_few_texts_among_numbers_are_refused():
    ticket = [f"A/5 {i // 2}" if i % 3 == 0 else str(i // 2) for i in range(N)]
    table = pd.DataFrame({"x": RNG.normal(size=N), "ticket": ticket})
    inputs = read_inputs("data", table, np.ones(N, bool))
    said = "text: entries such as 'A/5 0' are no numbers"
    assert inputs.columns[1].reason == said
    assert inputs.notes == [f"column 'ticket' is read as {said}"]
    assert (inputs.columns[1].kind, inputs.x["ticket"].tolist()) == ("category", ticket)
    table["ticket"] = [text if i < 28 else text.removeprefix("A/5 ") for i, text in enumerate(ticket)]
    assert read_inputs("data", table, np.ones(N, bool)).columns[1].kind == "category"
    answers = pd.Series(["0", "1", "2", "3+"] * 15)
    inputs = read_inputs("data", table.assign(ticket=answers), np.ones(N, bool))
    assert inputs.columns[1].kind == "category"
    assert inputs.notes[0].endswith("'3+' are no numbers (if it marks missing entries: --missing TEXT)")
    answers[answers == "3+"] = [*["3"] * 14, "3+"]
    for few in (
        answers,
        ["unknown"] * 20 + [str(i / 2) for i in range(40)],
        ["$5", "1,234"] * 30,
        [f"c{i}" for i in range(9)] + ["7"] * 51,
    ):
        with pytest.raises(
            InputError,
            match=r"expected a number; correct or empty the entry \(if it marks missing ones: --missing TEXT\), leave",
        ):
            read_inputs("data", table.assign(ticket=few), np.ones(N, bool))


def test_identifiers_that_repeat_are_used_and_said():
    table = pd.DataFrame({"store_id": SHUFFLED // 5, "stores": SHUFFLED // 5, "id": SHUFFLED / 7})
    said = "as categories: --category 'store_id'; to keep its rows in one part: --group 'store_id'"
    inputs = read_inputs("data", table, np.ones(N, bool))
    assert (list(inputs.x), inputs.notes) == (
        list(table),
        [f"column 'store_id' is used as a number ({said})"],
    )
    assert read_inputs("data", table, np.ones(N, bool), texts=["store_id"]).notes == []
    for name, said in (
        ("No", []),
        ("t", ["column 't' numbers the rows (if it tells nothing else: --drop 't')"]),
    ):
        table = pd.DataFrame(
            {name: {"No": SHUFFLED // 5, "case": SHUFFLED // 7}.get(name, range(N)), "x": SHUFFLED / 7}
        )
        assert read_inputs("data", table, np.ones(N, bool)).notes == said


def test_single_values_are_judged_in_the_rows_that_have_a_target():
    table = pd.DataFrame(
        {"a": [1, 1, 1, 2], "b": [1, 1, None, 2], "c": [None] * 3 + ["x"], "d": [1, 2, 4, 1]}
    )
    inputs = read_inputs("data", table, np.array([True, True, True, False]))
    assert inputs.unused == {"a": "constant", "c": "empty"}
    assert inputs.notes == [
        "column 'c' left out: it has no value (to use it: --keep 'c')",
        "column 'a' left out: it has a single value (to use it: --keep 'a')",
    ]
    assert set(read_inputs("data", table, np.arange(4) == 0, ["c"]).x) == {"a", "b", "c", "d"}  # one row


def test_what_is_left_out_is_named_where_nothing_remains():
    table = pd.DataFrame(
        {"n": range(N), "a": 1, "b": "x", "name": UUIDS, "huge": [2**62 + i for i in range(N)]}
    )
    with pytest.raises(
        InputError, match=r"^data: no input is left, as columns 'a', 'b' have a single value"
    ) as error:
        read_inputs("data", table, np.ones(N, bool))
    assert "'huge' has a single value once rounded to 53 bits, column 'n' numbers the rows" in str(
        error.value
    )
    assert str(error.value).endswith("or use one all the same: --category 'name'.")


@pytest.mark.parametrize("scaling", ["standard", "robust", "decorrelate"])
@pytest.mark.parametrize("categories", ["one_hot", "embedding"])
def test_columns_that_do_not_vary_in_the_training_part(scaling, categories):
    table = pd.DataFrame(
        {
            "number": [1.0] * 10 + [2.0, 3.0],
            "boolean": [True] * 10 + [False, None],
            "category": ["a"] * 10 + ["b", None],
            "date": ["2020-01-01"] * 10 + ["2021-01-01", None],
            "no_number": [None] * 10 + [1.0, 2.0],
            "no_boolean": [None] * 10 + [True, False],
            "no_category": [None] * 10 + ["u", "v"],
            "no_date": [None] * 10 + ["2020-01-01", "2021-01-01"],
        }
    )
    encoding = Encoding(scaling, categories=categories)

    def transformed(columns):
        inputs = read_inputs("data", table[columns], np.ones(12, bool))
        data = Dataset("data", inputs.x, np.array(["p", "q"] * 6), "classification", columns=inputs.columns)
        train, test = data.take(np.arange(10)), data.take(np.arange(10, 12))
        pre = Preprocessing.learn(train, encoding=encoding)
        assert np.isfinite(pre.transform(train.x)).all()
        return pre, pre.transform(test.x)

    _, z = transformed(list(table))
    assert np.isfinite(z).all()
    _, z = transformed(["date"])
    assert (z[0] == z[1]).all()  # one date in training: others say nothing
    if categories == "embedding":
        with pytest.raises(InputError, match=r"^data: the training part has no column that can be used"):
            transformed(["category"])
    else:
        pre, z = transformed(["category"])
        assert (pre.names, z.tolist()) == (("category=a",), [[0.0], [0.0]])


@pytest.mark.parametrize(
    ("mark", "others", "said"),
    [
        (-999, [0.5, 1.5, 2.5], True),
        (99999, [10, 20, 35000], True),
        (-9, [0, 1, 2, 3], True),
        (99, [18, 40, 75], False),  # as far as others from each other
        (-1, [5, 6, 7], False),
        (-999, [1, 1, 1], False),
        (-999, [-1500, 20, 30], False),
    ],
)
def test_a_number_for_missing_entries_is_said(mark, others, said):
    values = pd.Series([mark, *others, mark, *others], name="m")
    note = f"column 'm' has {mark} in 2 of {len(values)} rows, far from all other entries"
    found = doubt(infer_kind("data", "m", values), values)
    assert (found or "").startswith(note) == said
    assert said or found is None
