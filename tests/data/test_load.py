"""Data by name or path."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn import datasets

from deltaprop.data import NAMES, Preprocessing, load, load_rows
from deltaprop.data.named import NAMED
from deltaprop.data.reading.table_format import FORMAT_OPTIONS, TableFormat
from deltaprop.data.targets import ClassTarget
from deltaprop.data.toys import TOYS
from deltaprop.data.transforms import Numeric, Table
from deltaprop.errors import InputError


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [
        ("digits", (1797, 64), 10),
        ("iris", (150, 4), 3),
        ("wine", (178, 13), 3),
        ("breast_cancer", (569, 30), 2),
        ("breast-cancer", (569, 30), 2),
        ("diabetes", (442, 10), 0),
    ],
)
def test_named(name, shape, classes):
    data = load(name)
    assert data.x.shape == shape
    assert len(data.feature_names) == shape[1]
    assert len(data.classes) == classes
    assert data.reason.endswith(data.task)


@pytest.mark.parametrize("name", NAMED)
def test_named_sets_are_those_of_the_loaders_of_scikit_learn(name):
    source = getattr(datasets, f"load_{name}")(**{"scaled": False} if name == "diabetes" else {})
    data = load(name)
    classes = source.get("target_names")
    np.testing.assert_array_equal(data.x, source.data)
    np.testing.assert_array_equal(data.t, source.target if classes is None else classes[source.target])
    assert data.feature_names == tuple(source.feature_names)


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_named_sets_come_from_the_loaders_where_the_files_are_elsewhere(name, monkeypatch):
    expected = load(name)
    elsewhere = replace(NAMED[name], files=("elsewhere.csv",) * len(NAMED[name].files))
    monkeypatch.setitem(NAMED, name, elsewhere)
    np.testing.assert_array_equal(load(name).x, expected.x)
    np.testing.assert_array_equal(load(name).t, expected.t)


@pytest.mark.parametrize("samples", [2, 3, 2000])
def test_moons_are_those_of_scikit_learn(samples):
    x, t = datasets.make_moons(samples, shuffle=False)
    data = load("moons", samples=samples)
    np.testing.assert_array_equal(TOYS["moons"](samples, noise=0.0).x, x)
    np.testing.assert_array_equal(data.t, t)


@pytest.mark.parametrize("name", TOYS)
def test_toys_are_seeded(name):
    one, same, other = load(name, seed=3), load(name, seed=3), load(name, seed=4)
    assert one.x.shape == (2000, 2)
    assert np.bincount(one.t).min() >= 2000 // len(one.classes)
    np.testing.assert_array_equal(one.x, same.x)
    assert not np.array_equal(one.x, other.x)
    assert len(load(name, samples=30)) == 30


@pytest.mark.parametrize("name", TOYS)
def test_toys_noise_is_a_standard_deviation_around_the_clean_points(name):
    clean, noisy = TOYS[name](noise=0.0, seed=1), TOYS[name](noise=0.3, seed=1)
    np.testing.assert_array_equal(clean.t, noisy.t)
    assert (noisy.x - clean.x).std() == pytest.approx(0.3, rel=0.05)


def test_samples_of_a_named_set_are_a_stratified_subset():
    data = load("iris", samples=30, seed=1)
    assert np.bincount(data.codes).tolist() == [10, 10, 10]
    whole = {tuple(row) for row in load("iris").x.tolist()}
    assert {tuple(row) for row in data.x.tolist()} <= whole


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: load("irs"),
            "^data: name is 'irs', expected digits, iris, wine.*or a .csv or .parquet file",
        ),
        (
            lambda: load("no/such.csv", target="t"),
            "^data: no/such.csv does not exist, expected a .csv or .parquet",
        ),
        (
            lambda: load("iris", target="species"),
            "^iris: --target is 'species', expected none for a named data set",
        ),
        (lambda: load("iris", drop=["x"]), "^iris: --drop is"),
        (lambda: load("iris", task="regression"), "^iris: --task is 'regression', expected 'classification'"),
        (lambda: load("iris", samples=151), r"^iris: samples is 151, expected an integer in \[1, 150\]"),
        (lambda: load("rings", samples=0), "^rings: samples is 0"),
        (lambda: load("rings", seed=-1), "seed is -1"),
        (lambda: TOYS["moons"](noise=-1.0), "^moons: noise is -1.0"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_every_name_but_mnist_loads_as_rows():
    for name in NAMES:
        if name != "mnist":
            x, t = load_rows(name, samples=20)
            assert len(x) == len(t) == 20


def test_rows_of_a_table_with_and_without_target(tmp_path):
    path = tmp_path / "new.csv"
    pre = Preprocessing(Table((Numeric("a", 0.0, 0.0, 1.0, False),)), ClassTarget("t", ("x", "y")))
    path.write_text("a,t\n1,x\n2,y\n")
    x, t = load_rows(path, pre)
    assert list(x.columns) == ["a", "t"]
    assert t.tolist() == ["x", "y"]
    assert load_rows(path)[1] is None
    assert len(load_rows(path, pre, samples=1)[0]) == 1
    for text in ("a,t\n1,x\n2,\n", "a,u\n1,x\n"):
        path.write_text(text)
        assert load_rows(path, pre)[1] is None
    path.write_text("a,t\n")
    with pytest.raises(InputError, match=r"^new.csv: the table has no rows"):
        load_rows(path, pre)


def test_texts_that_look_like_numbers_stay_as_written(tmp_path):
    path = tmp_path / "old.csv"
    path.write_text("zip,t\n" + "01234,x\n1234,y\n,x\n" * 4)
    pre = Preprocessing.learn(load(path, target="t", category="zip"))
    assert pre.inputs.columns[0].categories == ("01234", "1234")
    path.write_text("zip\n01234\n")
    assert pre.transform(load_rows(path, pre)[0]).tolist() == [[1.0, 0.0, 0.0]]


def test_import_is_light():
    import subprocess
    import sys

    code = "import sys, deltaprop.data; print({'sklearn', 'pandas', 'matplotlib'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


@pytest.mark.parametrize(
    "arguments",
    [
        {"name_or_path": None},
        {"name_or_path": b"digits"},
        {"name_or_path": "x" * 10**6},
        {"name_or_path": "x" * 10**6 + ".csv"},
        {"name_or_path": "x.csv", "target": 3},
        {"name_or_path": "x.csv", "target": "t", "drop": 3},
        {"name_or_path": "iris", "target": 3},
    ],
    ids=lambda arguments: str(arguments)[:60],
)
def test_arguments_of_other_types_and_overlong_paths_are_refused(arguments):
    with pytest.raises(InputError):
        load(**arguments)


def test_preprocessing_is_learned_from_a_data_set_only():
    with pytest.raises(InputError, match=r"^Preprocessing: train is None, expected a Dataset"):
        Preprocessing.learn(None)


def test_a_target_that_cannot_be_read_is_ignored_with_a_warning(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text("a,t\n" + "".join(f"{i / 2},{i / 7}\n" for i in range(30)))
    pre = Preprocessing.learn(load(path, target="t"))
    new = tmp_path / "new.csv"
    new.write_text("a,t\n1,0.5\n2,abc\n3,0.5\n")
    with pytest.warns(UserWarning, match=r"^new.csv: the target is ignored \(.*'abc' in row 2"):
        x, t = load_rows(new, pre)
    assert t is None
    assert pre.transform(x).shape == (3, 1)


@pytest.mark.parametrize(
    "given", [{"encoding": "cp1251"}, {"separator": ":"}, {"separator": ":", "header": False}]
)
def test_rows_to_predict_are_read_in_the_format_that_training_was_told(given, tmp_path):
    path, separator = tmp_path / "ru.csv", given.get("separator", ",")
    rows = [separator.join(row) for row in [("нет", "0.5", "дом"), ("да", "1.5", "лес")] * 9]
    header = [separator.join(("ответ", "икс", "слово"))] * given.get("header", True)
    path.write_bytes("\n".join([*header, *rows, ""]).encode(given.get("encoding", "utf-8")))
    data = load(path, target="ответ" if header else "1", **given)
    like = TableFormat(**{k: v for k, v in data.recognized.items() if k in FORMAT_OPTIONS})
    said = []
    x, t = load_rows(path, Preprocessing.learn(data), like=like, note=said.append)
    assert t.tolist() == data.t.tolist()
    assert [x[name].tolist() for name in data.x] == [data.x[name].tolist() for name in data.x]
    named = "the text is read as cp1251" if "encoding" in given else "the fields are separated by ':'"
    assert said[0].startswith(named)


def test_rows_without_header_have_the_columns_of_training_by_number(tmp_path):
    path, new = tmp_path / "t.csv", tmp_path / "new.csv"
    rows = [f"{i % 7}.25,{'AB'[i % 2]},{i % 5}.5,{i % 3}" for i in range(30)]
    path.write_text("\n".join(rows) + "\n")
    for target, drop, fits in (("2", "4", [4]), ("4", "2", [3, 4])):
        data = load(path, target=target, drop=drop)
        preprocessing = Preprocessing.learn(data)
        for columns in (2, 3, 4, 5):
            new.write_text("".join(",".join([*row.split(","), "1"][:columns]) + "\n" for row in rows))
            like, unused = TableFormat(header=False), [f"column{drop}"]
            if columns in fits:
                x, _ = load_rows(new, preprocessing, like=like, unused=unused)
                assert x["column3"].tolist() == data.x["column3"].tolist()
            else:
                with pytest.raises(
                    InputError, match=rf"no header and {columns} columns, expected the 4 of training"
                ):
                    load_rows(new, preprocessing, like=like, unused=unused)


def test_a_file_without_the_header_of_training_is_refused(tmp_path):
    path, new = tmp_path / "t.csv", tmp_path / "new.csv"
    rows = "".join(f"{i % 7}.25,{i % 5}.5,{'AB'[i % 2]}\n" for i in range(30))
    path.write_text("x,z,y\n" + rows)
    new.write_text(rows)
    data = load(path, target="y")
    refused = pytest.raises(
        InputError, match=r"^new\.csv: the file has no header, expected one that names the columns"
    )
    with refused:
        load_rows(new, Preprocessing.learn(data), like=TableFormat(header=True))
    with refused:
        load(path, target="y", test_data=new)
