"""Datasets hold what belongs together and refuse what does not."""

import numpy as np
import pytest

from deltaprop.data import Dataset
from deltaprop.errors import InputError

X = np.arange(8.0).reshape(4, 2)
T = np.array(["b", "a", "b", "a"])


def test_take_keeps_the_classes_of_the_whole_and_leaves_the_test_part():
    data = Dataset("d", X, T, "classification", x_test=X[:1], t_test=np.array(["c"]))
    part = data.take(np.array([1, 3]))
    assert part.classes == data.classes == ("a", "b", "c")
    assert part.codes.tolist() == [0, 0]
    assert part.test is None
    assert data.test.t.tolist() == ["c"]
    assert len(data.test) == 1


def test_names_are_made_where_none_are_given():
    data = Dataset("d", X, X, "regression")
    assert data.feature_names == ("x0", "x1")
    assert data.target_names == ("t0", "t1")
    assert data.target_name == "t0, t1"
    assert data.classes == data.class_names == ()


@pytest.mark.parametrize(
    ("x", "t", "task", "message"),
    [
        (
            np.array([[1.0, np.nan]] * 4),
            T,
            "classification",
            r"^d: x has nan at \[0, 1\], expected finite numbers",
        ),
        (np.array([[1.0, np.inf]] * 4), T, "classification", r"^d: x has inf at \[0, 1\]"),
        (np.array([["a", "b"]] * 4), T, "classification", "^d: x has dtype <U1, expected numbers"),
        (X, T[:3], "classification", "^d: t has 3 rows, expected 4 as x has"),
        (X[0], T, "classification", r"^d: x has shape \(2,\), expected \(n, d\)"),
        (X, X, "classification", r"^d: t has shape \(4, 2\), expected \(n,\)"),
        (X, np.array([0.0, 1.0, np.nan, 1.0]), "regression", r"^d: t has nan at \[2\]"),
        (X, T, "regression", "^d: t has dtype <U1, expected numbers"),
        (X, T, "ranking", "^d: task is 'ranking', expected classification or regression"),
    ],
)
def test_refusals(x, t, task, message):
    with pytest.raises(InputError, match=message):
        Dataset("d", x, t, task)


def test_labels_outside_the_classes_are_refused():
    with pytest.raises(InputError, match=r"^d: t has the label 'b', expected one of a, c; correct"):
        Dataset("d", X, T, "classification", classes=("a", "c"))
