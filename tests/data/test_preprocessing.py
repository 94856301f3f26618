"""Preprocessing: learned on the training part alone, exact through JSON, strict on the way back."""

import json
from dataclasses import replace

import mixed_table
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mixed_table import ENCODINGS
from sklearn.preprocessing import StandardScaler

from deltaprop.data import Dataset, Encoding, Preprocessing, load, load_rows, split
from deltaprop.data.targets import ClassTarget, QuantityTarget
from deltaprop.data.transforms import Standardize, Table
from deltaprop.errors import InputError


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(1)
    n = 60
    frame = pd.DataFrame(
        {
            "size": np.where(rng.random(n) < 0.2, np.nan, rng.normal(5.0, 2.0, n)),
            "colour": rng.choice(["red", "green", "blue"], n),
            "built": pd.to_datetime("2001-01-01") + pd.to_timedelta(rng.integers(0, 9000, n), unit="D"),
            "price": rng.normal(1e5, 2e4, n),
            "sold": rng.permutation(["yes", "no", "no"] * 20),
        }
    )
    path = tmp_path / "houses.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "options",
    [
        {"target": "sold"},
        {"target": "price"},
        {"target": ["price", "size"]},
        {"target": "sold", "drop": "size"},
    ],
)
def test_tables_through_json_and_from_the_raw_file(table, options):
    if options["target"] == ["price", "size"]:
        frame = pd.read_csv(table)
        frame.fillna({"size": 1.0}).to_csv(table, index=False)
    train, validation, _ = split(load(table, **options))
    pre = Preprocessing.learn(train)
    again = Preprocessing.from_spec(json.loads(json.dumps(pre.to_spec(), allow_nan=False)))
    assert again == pre
    x = pre.transform(train.x)
    assert x.shape == (len(train), pre.width) == (len(train), len(pre.names))
    assert x.dtype == np.float32
    assert x.flags.c_contiguous
    assert np.isfinite(x).all()
    whole = load(table, **options)
    rows, t = load_rows(table, pre)
    np.testing.assert_array_equal(again.transform(rows), pre.transform(whole.x))
    np.testing.assert_array_equal(again.encode_target(t), pre.encode_target(whole.t))
    assert len(pre.describe()) == len(train.columns) + 1
    decoded = pre.decode_target(pre.encode_target(validation.t))
    if train.task == "classification":
        assert decoded.tolist() == validation.t.tolist()
    else:
        np.testing.assert_allclose(decoded, validation.t, rtol=1e-6, atol=0.05)


def test_it_knows_nothing_of_the_other_parts():
    data = load("wine")
    train = split(data).train
    other = Dataset("wine", np.vstack([train.x, data.x * 1e6]), np.append(train.t, data.t), "classification")
    rows = np.arange(len(train))
    assert Preprocessing.learn(other.take(rows)).inputs.mean == Preprocessing.learn(train).inputs.mean
    z = Preprocessing.learn(train).transform(train.x)
    np.testing.assert_allclose(z.mean(axis=0), 0.0, atol=1e-6)
    np.testing.assert_allclose(z.std(axis=0), 1.0, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "kind", "outputs"),
    [("digits", Standardize, 10), ("diabetes", Standardize, 1), ("rings", Standardize, 2)],
)
def test_arrays(name, kind, outputs):
    pre = Preprocessing.learn(split(load(name)).train)
    assert isinstance(pre.inputs, kind)
    assert pre.outputs == outputs
    assert np.isfinite(pre.transform(load(name).x)).all()
    assert Preprocessing.from_spec(json.loads(json.dumps(pre.to_spec()))) == pre


def test_bytes_are_scaled_by_what_training_shows_unless_the_data_set_fixes_it():
    x = np.array([[1, 9], [3, 2], [5, 4]], np.uint8)
    expected = StandardScaler().fit(x)
    data = Dataset("counts", x, np.array([0, 1, 1]), "classification")
    for same in (x, x.astype(float)):
        z = Preprocessing.learn(data).transform(same)
        np.testing.assert_allclose(z, expected.transform(x), rtol=1e-6)
    together = Preprocessing.learn(replace(data, image_shape=(1, 2))).transform(x)
    np.testing.assert_allclose(together, (x - x.mean()) / x.std(), rtol=1e-6)
    fixed = Preprocessing.learn(replace(data, scaling=(2.0, 4.0))).transform(x)
    np.testing.assert_array_equal(fixed, (x - 2.0) / 4.0)


def test_a_network_of_a_named_set_predicts_a_table_of_its_features(tmp_path):
    data = load("iris")
    pre = Preprocessing.learn(data)
    path = tmp_path / "iris.csv"
    pd.DataFrame(data.x, columns=list(data.feature_names)).assign(species=data.t).to_csv(path, index=False)
    rows, t = load_rows(path, pre)
    np.testing.assert_array_equal(pre.transform(rows), pre.transform(data.x))
    np.testing.assert_array_equal(pre.encode_target(t), data.codes)


def test_counts_stay_as_they_are_on_request():
    data = load("diabetes")
    pre = Preprocessing.learn(data, standardize_target=False)
    assert pre.encode_target(data.t)[:2, 0].tolist() == data.t[:2].tolist()


@given(st.lists(st.one_of(st.integers(-9, 9), st.text(max_size=3)), min_size=2, max_size=8, unique_by=str))
def test_labels_and_their_positions(classes):
    labels = ClassTarget("t", tuple(classes))
    codes = np.arange(len(classes))[::-1]
    if all(isinstance(label, int) for label in classes) or all(isinstance(label, str) for label in classes):
        assert labels.encode(labels.decode(codes)).tolist() == codes.tolist()
    assert (
        labels.encode(np.array([str(label) for label in classes], dtype=object)).tolist()
        == codes[::-1].tolist()
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ClassTarget("t", ("a",)),
            r"^ClassTarget: classes is \('a',\), expected at least two distinct labels",
        ),
        (lambda: ClassTarget("t", (1, "1")), "^ClassTarget: classes is"),
        (
            lambda: ClassTarget("t", (0, 1)).encode(np.array([0, 2])),
            "^target 't': t has 2 in row 2, expected one of 0, 1",
        ),
        (
            lambda: ClassTarget("t", ("a", "b")).encode(["b", "c"]),
            "^target 't': t has 'c' in row 2, expected one of a, b",
        ),
        (
            lambda: ClassTarget("t", (0, 1)).encode(np.zeros((2, 2))),
            r"^ClassTarget: t has shape \(2, 2\), expected \(n,\)",
        ),
        (
            lambda: ClassTarget("t", (0, 1)).decode(np.array([2])),
            "^ClassTarget: codes reaches 2, expected integers of 0…1",
        ),
        (lambda: ClassTarget("t", (0, 1)).decode(np.array([0.5])), "^ClassTarget: codes has dtype float64"),
        (
            lambda: QuantityTarget(("a",), (0.0,), (1.0,)).encode(np.ones((2, 2))),
            r"^QuantityTarget: t has shape \(2, 2\), expected",
        ),
        (
            lambda: QuantityTarget(("a",), (0.0,), (1.0,)).encode(np.array([np.nan])),
            r"^QuantityTarget: t has nan at \[0\]",
        ),
        (
            lambda: QuantityTarget(("a",), (0.0,), (1.0,)).decode(np.ones((2, 2))),
            r"^QuantityTarget: y has shape \(2, 2\)",
        ),
        (lambda: QuantityTarget(("a",), (0.0,), (1.0,)).decode("a"), "^QuantityTarget: y has dtype <U1"),
        (lambda: QuantityTarget(("a",), (0.0,), (-1.0,)), "^QuantityTarget: scale is -1.0"),
        (
            lambda: Preprocessing.learn(load("iris").take(np.array([], int))),
            "^iris: training part has 0 samples",
        ),
    ],
)
def test_refusals(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_a_table_of_nothing_but_names_is_refused(tmp_path):
    path = tmp_path / "people.csv"
    pd.DataFrame({"name": [f"n{i}" for i in range(50)], "t": [0, 1] * 25}).to_csv(path, index=False)
    with pytest.raises(InputError, match=r"^people.csv: the training part has no column that can be used"):
        Preprocessing.learn(load(path, target="t", category="name"))


SPEC = {
    "type": "Preprocessing",
    "inputs": {
        "type": "Table",
        "columns": [
            {"type": "Numeric", "name": "a", "fill": 0.0, "mean": 0.0, "scale": 1.0, "indicator": False},
            {"type": "Categorical", "name": "b", "categories": ["x", "y"], "other": False, "missing": True},
            {
                "type": "Date",
                "name": "c",
                "format": "ISO8601",
                "fill": 0.0,
                "mean": 0.0,
                "scale": 1.0,
                "clock": False,
                "indicator": False,
            },
        ],
    },
    "target": {"type": "ClassTarget", "name": "t", "classes": ["no", "yes"]},
}


def changed(path, value):
    spec = json.loads(json.dumps(SPEC))
    place = spec
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return spec


NUMBER = ("inputs", "columns", 0)
CATEGORY = ("inputs", "columns", 1)


def test_a_specification_of_an_earlier_version_is_read():
    pre = Preprocessing.from_spec(SPEC)
    assert isinstance(pre.inputs, Table)
    assert pre.names[:5] == ("a", "b=x", "b=y", "b is missing", "c")
    later = changed(("inputs", "grouped"), False)
    for column in (0, 2):
        later["inputs"]["columns"][column]["clip"] = False
    assert pre.to_spec() == later
    frame = pd.DataFrame({"a": [2.0], "b": ["y"], "c": ["1970-01-02"]})
    assert pre.transform(frame)[0, :5].tolist() == [2.0, 0.0, 1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    "spec",
    [
        None,
        [],
        "Preprocessing",
        {},
        SPEC["target"],
        changed(("type",), "os.system"),
        changed(("inputs",), None),
        changed(("inputs",), SPEC["target"]),
        changed(("target",), SPEC["inputs"]),
        changed(("extra",), 1),
        changed((*NUMBER, "mean"), "0"),
        changed((*NUMBER, "mean"), float("nan")),
        changed((*NUMBER, "mean"), True),
        changed((*NUMBER, "scale"), -1.0),
        changed((*NUMBER, "indicator"), 1),
        changed((*NUMBER, "name"), 1),
        changed((*NUMBER, "type"), "ClassTarget"),
        changed((*CATEGORY, "categories"), "xy"),
        changed((*CATEGORY, "categories"), ["x", 1]),
        changed((*CATEGORY, "categories"), ["x", "x"]),
        changed(("inputs", "columns", 2, "format"), "%s"),
        changed(("inputs", "columns"), 3),
        changed(("target", "classes"), ["no"]),
        changed(("target", "classes"), [["no"], "yes"]),
        changed(("target", "classes"), [0.0, float("inf")]),
    ],
)
def test_anything_else_is_refused(spec):
    with pytest.raises(InputError):
        Preprocessing.from_spec(spec)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_columns_one_by_one(encoding):
    """Each column makes its own inputs, of which the network's are made."""
    for data in (mixed_table.dataset("regression"), load("wine")):
        pre = Preprocessing.learn(data, encoding=encoding)
        together = pre.encode_columns(data.x)
        np.testing.assert_array_equal(pre.combine(together), pre.transform(data.x))
        assert sorted(np.concatenate(list(pre.inputs_of.values()))) == list(range(together.shape[1]))
        for i, (name, places) in enumerate(pre.inputs_of.items()):
            values = data.x[name].to_numpy() if data.columns else data.x[:, i]
            np.testing.assert_allclose(pre.encode_column(name, values), together[:, places], atol=1e-6)


def test_what_is_the_column_itself():
    data = mixed_table.dataset("regression")
    pre = Preprocessing.learn(data)
    names = {name: [pre.names[i] for i in pre.own_inputs(name)] for name in data.x.columns}
    colors = [f"color={color}" for color in ("blue", "green", "red")]
    assert names == {
        "size": ["size"],
        "color": [*colors, "color is missing"],
        "when": ["when"],
        "new": ["new"],
        "width": ["width"],
    }
    codes = Preprocessing.learn(data, encoding=Encoding(categories="embedding", few=2))
    assert len(codes.inputs_of["color"]) == 1
    assert len(codes.own_inputs("color")) == 0
