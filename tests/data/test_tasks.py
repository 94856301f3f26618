"""Classification or regression."""

import numpy as np
import pandas as pd
import pytest

from deltaprop.data.tasks import infer_task, notes, targets_in
from deltaprop.errors import InputError


@pytest.mark.parametrize(
    ("values", "task", "said", "labels"),
    [
        (["b", "a"] * 3, "classification", "2 distinct texts", ["b", "a"] * 3),
        ([True, False, False], "classification", "2 booleans", [True, False, False]),
        ([0, 1, 1, 0], "classification", "2 distinct whole numbers", [0, 1, 1, 0]),
        ([-1.0, 1.0, 1.0], "classification", "2 distinct whole numbers", [-1, 1, 1]),
        ([3, 4, 5] * 5, "classification", "3 distinct whole numbers", [3, 4, 5] * 5),
        ([3, 4, 5] * 4, "regression", "3 distinct whole numbers", [3, 4, 5] * 4),
        (list(range(21)) * 9, "regression", "21 distinct whole numbers", list(range(21)) * 9),
        ([0.5, 1.5] * 9, "regression", "2 distinct numbers", [0.5, 1.5] * 9),
    ],
)
def test_inferred_and_reported(values, task, said, labels):
    t, inferred, sentence = infer_task("data", pd.DataFrame({"t": values}))
    assert inferred == task
    assert sentence == f"target 't' has {said}: {task}"
    assert t.tolist() == labels


@pytest.mark.parametrize(
    ("values", "task", "expected"),
    [
        ([3, 4, 5] * 5, "regression", [3.0, 4.0, 5.0] * 5),
        ([0.5, 1.5, 2.5], "classification", [0.5, 1.5, 2.5]),
        (["1", "2", "2b"], "classification", ["1", "2", "2b"]),
        (["p", "q", "r"], "classification", ["p", "q", "r"]),
        (["2020-01-01", "2021-01-01"], "classification", ["2020-01-01", "2021-01-01"]),
        ([True, False], "regression", [1.0, 0.0]),
    ],
)
def test_as_asked_for(values, task, expected):
    t, given, sentence = infer_task("data", pd.DataFrame({"t": values}), task)
    assert given == task
    assert sentence.endswith(f"{task}, as requested")
    assert t.tolist() == expected


@pytest.mark.parametrize(
    "values", [["b", "a"] * 3, [True, False], [0.0, 1.0], [3, 4, 5] * 5, [0.5, 1.5], range(30)]
)
def test_what_would_have_been_inferred_is_not_said_to_be_requested(values):
    frame = pd.DataFrame({"t": values})
    t, task, sentence = infer_task("data", frame)
    again = infer_task("data", frame, task)
    assert (again[0].tolist(), *again[1:]) == (t.tolist(), task, sentence)


@pytest.mark.parametrize(
    ("values", "task", "hint"),
    [
        (
            [1, 2, 3, 4, 5] * 20,
            None,
            "each of the 5 numbers is a class; to predict a quantity: --task regression",
        ),
        (
            [1, 2, 3, None] * 4,
            None,
            "the 3 numbers are a quantity; to predict classes: --task classification",
        ),
        ([1, 2, 3] * 20, "classification", None),
        ([0.0, 1.0] * 20, None, None),
        ([9.99, 19.99, 29.99] * 20, None, None),
        (list(range(50)), None, None),
    ],
)
def test_the_other_reading_of_a_few_numbers_is_named(values, task, hint):
    frame = pd.DataFrame({"t": values})
    t, inferred, _ = infer_task("data", frame, task)
    assert notes(frame, t, inferred, task is not None) == ([] if hint is None else [hint])


def test_a_slip_of_the_pen_makes_no_classes():
    frame = pd.DataFrame({"t": ["1.5", "2.5", "3.5", "4,5"]})
    with pytest.raises(InputError, match=r"^data: column 't' has '4,5' in row 4, expected a number; correct"):
        infer_task("data", frame)
    assert infer_task("data", frame, as_text=True, task="classification")[0].tolist()[3] == "4,5"


def test_missing_targets_do_not_count():
    frame = pd.DataFrame({"t": [True, None, False, None]}, dtype=object)
    t, task, sentence = infer_task("data", frame)
    assert (t[[0, 2]].tolist(), task) == ([True, False], "classification")
    assert "2 booleans" in sentence
    t, _, sentence = infer_task("data", pd.DataFrame({"t": [1.0, np.nan, 0.0]}))
    assert (t[[0, 2]].tolist(), t.dtype.kind) == ([1, 0], "i")


def test_targets_of_new_rows():
    frame = pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5], "c": [1.0, None]})
    assert targets_in(frame, ("a",), "classification").tolist() == ["1", "2"]
    assert targets_in(frame, ("b",), "regression").tolist() == [0.5, 1.5]
    assert targets_in(frame, ("a", "b")).shape == (2, 2)
    assert targets_in(frame, ("c",)) is None
    assert targets_in(frame, ("d",)) is None


def test_integers_that_doubles_merge_are_said():
    frame = pd.DataFrame({"t": 10**17 + np.arange(60)})
    t, task, _ = infer_task("data", frame)
    said = "target 't': 60 distinct numbers are 5 once rounded to 53 bits"
    assert notes(frame, t, task, requested=False) == [said]
    assert said not in notes(frame - 10**17, np.arange(60.0), task, requested=False)
