"""What the report says of predictions: from a table and its columns to numbers, and back to lines of the file."""

import csv
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from mixed_table import COLUMNS, ENCODINGS, dataset, network, pipeline

from deltaprop.cli import main
from deltaprop.commands import insight, report
from deltaprop.data import Preprocessing, load, split
from deltaprop.functions import scores
from deltaprop.report import cases

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("column", [column.name for column in COLUMNS])
def test_dependence_is_the_mean_prediction_of_a_changed_table(encoding, column):
    data = dataset("regression")
    model = pipeline(data, encoding)
    found = insight.dependence(model.network, model.preprocessing, data, column, RNG)
    assert found.names == data.target_names
    for entry, output in zip(found.grid, found.outputs, strict=True):
        same = pd.Timestamp(entry, tz="UTC") if column == "when" else entry
        changed = data.x.assign(**{column: {"True": 1.0, "False": 0.0}.get(same, same)})
        assert output == pytest.approx([model.predict(changed).mean()], rel=1e-5)


def test_the_density_of_a_grid():
    data = dataset("classification")
    model = pipeline(data, ENCODINGS[0].values[0])
    of = {c.name: insight.dependence(model.network, model.preprocessing, data, c.name, RNG) for c in COLUMNS}
    shares = data.x["color"].value_counts() / len(data)
    assert dict(zip(of["color"].grid, of["color"].density, strict=True)) == pytest.approx(shares.to_dict())
    assert of["new"].density == pytest.approx([(data.x["new"] == 0).mean(), (data.x["new"] == 1).mean()])
    assert of["size"].density == pytest.approx(data.x["size"].quantile(np.arange(1, 10) / 10))
    days = (data.x["when"] - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)
    assert of["when"].density == pytest.approx(days.quantile(np.arange(1, 10) / 10))
    assert of["color"].outputs.sum(axis=1) == pytest.approx(1.0)


@pytest.mark.parametrize("column", ["size", "color"])
def test_a_column_without_two_entries_has_no_dependence(column):
    data = dataset("regression")
    for entry in (np.nan, data.x[column][0]):
        x = data.x.assign(**{column: entry}).astype({column: data.x[column].dtype})
        model = pipeline(replace(data, x=x), ENCODINGS[0].values[0])
        assert insight.dependence(model.network, model.preprocessing, replace(data, x=x), column, RNG) is None


def test_correlated_columns_are_named():
    data = dataset("regression")
    x = data.x.assign(width=3 * data.x["size"].fillna(50) + data.x["width"])
    data = replace(data, x=x)
    model = pipeline(data, ENCODINGS[0].values[0])
    t = model.preprocessing.encode_target(data.t)
    found, note = insight.importances(
        model.network, model.preprocessing, data, t, lambda z, t: scores.r2(z, t), RNG
    )
    assert {one.column for one in found} == set(x.columns)
    assert re.fullmatch(
        r"\(80 samples, 10 repeats\)\. Columns .* importance: size and width \((1.00|0.99)\)\.", note
    )


def test_probabilities_of_two_classes_are_those_of_the_rarer_one():
    data = dataset("classification")
    model = network(Preprocessing.learn(data))
    codes = np.repeat([0, 1], [15, 25])
    z = np.random.default_rng(0).normal(size=(40, 2))
    found, of = insight.reliability(model, z, codes, ("no", "yes"))
    assert (of, found.counts @ found.observed) == ("no", pytest.approx(15))
    found, of = insight.reliability(model, z, 1 - codes, ("no", "yes"))
    assert (of, found.counts @ found.observed) == ("yes", pytest.approx(15))
    three = np.random.default_rng(0).normal(size=(40, 3))
    found, of = insight.reliability(model, three, codes, ("a", "b", "c"))
    assert of == "the predicted class"
    assert found.counts @ found.observed == pytest.approx((three.argmax(axis=1) == codes).sum())
    margins = network(Preprocessing.learn(dataset("regression")))
    assert insight.reliability(margins, z, codes, ("no", "yes")) == (None, "")


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
    assert 5 < len(found) <= cases.MOST
    y = insight.predicted(model, pre, z)
    for case in found:
        row = rows[case.row - 1]
        assert len(case.entries) == cases.COLUMNS
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


@pytest.fixture
def reported(tmp_path, monkeypatch):
    """What the report of a training of a table says."""
    rng = np.random.default_rng(0)
    x = pd.DataFrame(rng.normal(size=(200, 3)), columns=["noise", "slope", "step"])
    x["quantity"] = 10 * x["slope"] + 3 * (x["step"] > 0)
    x["sign"] = np.where(x["slope"] > 0, "plus", "minus")
    x.to_csv(tmp_path / "data.csv", index=False)

    def train(*options: str):
        pages = []
        monkeypatch.setattr(report, "render", lambda run: pages.append(run) or "")
        options += ("--epochs", "100", "--layers", "8", "--seed", "1")
        assert main(["train", str(tmp_path / "data.csv"), *options, "--out", str(tmp_path / "run")]) == 0
        return pages[0]

    return train


def test_a_report_of_values_names_the_columns_that_matter(reported):
    run = reported("--target", "quantity", "--drop", "sign")
    assert [one.column for one in run.importances] == ["slope", "step", "noise"]
    assert run.importances[0].drop > 1 > 10 * abs(run.importances[2].drop)
    assert run.importance_note.startswith("Measured by the R² of the test part (50 samples, 10 repeats)")
    slope = run.dependences[0]
    assert slope.column == "slope"
    assert np.polyfit(slope.grid, slope.outputs[:, 0], 1)[0] == pytest.approx(10, rel=0.1)
    assert run.calibration is None
    assert list(run.cases[0].entries) == ["slope", "step", "noise"]


def test_a_report_without_held_out_samples_says_so(reported):
    run = reported("--target", "sign", "--drop", "quantity", "--test", "0", "--validation", "0")
    assert run.importances[0].column == "slope"
    assert "the training part, which the network was fitted to (200 samples" in run.importance_note
    assert run.calibrated in ("plus", "minus")
    assert run.calibration.counts.sum() == 200
    assert run.cases[0].measure == pytest.approx(0.5, abs=0.4)


def test_a_report_of_folds_speaks_of_what_they_tested(reported):
    run = reported("--target", "sign", "--drop", "quantity", "--folds", "3", "--test", "0")
    assert run.predictions.part == "cross-validation"
    assert len(run.predictions.t) == run.calibration.counts.sum() == 200
    assert "all training data, which the network was fitted to (200 samples" in run.importance_note
    assert run.scores["cross-validation"].score == pytest.approx(np.mean(run.folds["accuracy"]))
    assert len(run.folds["accuracy"]) == 3


def test_where_few_are_misclassified_the_least_sure_are_shown():
    data = load("iris")
    pre = Preprocessing.learn(data)
    z = 5.0 * np.eye(3, dtype=np.float32)[pre.encode_target(data.t)]
    z[[40, 60], 0] += [-4.0, 9.0]  # one less sure, one misclassified
    found = insight.cases(network(pre), pre, data, z, pre.encode_target(data.t), [])
    assert len(found) == insight.FEWEST
    assert [(case.row, case.truth == case.predicted) for case in found[:2]] == [(61, False), (41, True)]
