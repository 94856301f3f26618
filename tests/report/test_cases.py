"""The worst cases, by the lines of the file they were read from."""

import csv
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mixed_table import network

from deltaprop.commands import insight
from deltaprop.data import Preprocessing, load, split
from deltaprop.report.cases import COLUMNS, MOST, plain, worst, wrong_values


@given(arrays(float, st.integers(0, 90), elements=st.floats(-9, 9) | st.just(np.nan)))
def test_the_worst_are_the_largest(badness):
    chosen = worst(badness)
    assert len(chosen) == min(MOST, -(-len(badness) // 5), np.isfinite(badness).sum())
    rest = np.delete(badness, chosen)
    assert (np.diff(badness[chosen]) <= 0).all()
    if len(chosen) and np.isfinite(rest).any():
        assert np.nanmax(rest) <= badness[chosen[-1]]


@given(st.integers(-(10**14), 10**14) | st.decimals(-(10**4), 10**4, places=5))
def test_numbers_are_written_as_they_were(number):
    assert float(plain(float(number))) == float(number)
    assert re.fullmatch(r"-?\d+(\.\d+)?(e-\d+)?", plain(float(number)))


def test_errors_of_several_targets_are_compared_by_their_usual_size():
    t = np.zeros((50, 2))
    y = np.random.default_rng(0).normal(size=(50, 2)) * [1.0, 1000.0]
    y[7, 0] = 5.0
    size, target = wrong_values(y, t)
    assert (size.argmax(), target[7]) == (7, 0)


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """A table file with every kind of entry, and missing ones in the target too; and its lines below the header."""
    path = tmp_path_factory.mktemp("cases") / "table.csv"
    rng = np.random.default_rng(2)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*(f"n{i}" for i in range(6)), "color", "when", "new", "price", "weight", "kind"])
        for i in range(150):
            numbers = [*rng.integers(0, 999, 3), *rng.normal(size=3).round(4)]
            day = f"{rng.integers(1, 29):02}.{rng.integers(1, 13):02}.{rng.integers(2000, 2020)}"
            row = [*numbers, rng.choice(["red", "blue"]), day, rng.choice(["True", "False"])]
            row = ["" if i % 11 == j else entry for j, entry in enumerate(row)]
            price = "" if i % 7 == 0 else rng.integers(100, 999)
            writer.writerow([*row, price, rng.integers(1, 9) / 8, ["", "a", "b", "c"][i % 4]])
    with path.open(newline="", encoding="utf-8") as file:
        return path, list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("target", "drop"),
    [
        (["price"], ["kind", "weight"]),
        (["price", "weight"], ["kind"]),
        (["kind"], ["price", "weight"]),
    ],
)
def test_a_case_is_a_line_of_the_file(lines, target, drop):
    path, rows = lines
    data = split(load(path, target=target, drop=drop), test=0.4).test
    pre = Preprocessing.learn(data)
    model = network(pre)
    z, t = model.forward(pre.transform(data.x)), pre.encode_target(data.t)
    found = insight.cases(model, pre, data, z, t, ["when", "new"])
    assert 5 < len(found) <= MOST
    y = insight.predicted(model, pre, z)
    for case in found:
        row = rows[case.row - 1]
        assert len(case.entries) == COLUMNS
        assert list(case.entries)[:2] == ["when", "new"]
        shown = {
            name: float(v) if re.fullmatch(r"[-\d.]+", v) and v.count(".") < 2 else v
            for name, v in case.entries.items()
        }
        assert shown == {
            name: float(row[name]) if isinstance(v, float) else row[name] for name, v in shown.items()
        }
        if target == ["kind"]:
            i = data.row_numbers.tolist().index(case.row)
            assert case.truth == row["kind"]
            assert case.measure == pytest.approx(y[i, data.class_names.index(case.predicted)])
        else:
            name = case.truth.rpartition(" ")[0] or "price"
            assert float(case.truth.rpartition(" ")[2]) == float(row[name])
            predicted = float(case.predicted.rpartition(" ")[2])
            assert predicted == pytest.approx(float(row[name]) + case.measure, abs=0.51)


def test_samples_of_an_array_keep_their_numbers():
    data = load("iris")
    part = split(data, test=0.3, validation=0.2).test.take(np.array([4, 2]))
    assert data.row_numbers.tolist() == list(range(1, 151))
    assert (data.x[part.row_numbers - 1] == part.x).all()
    assert (data.t[part.row_numbers - 1] == part.t).all()
