"""Files that people have, by the command line: trained on, predicted in another format, or refused in a line."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest
import table_files

from deltaprop import Network
from deltaprop.cli import main
from deltaprop.commands.prepare import prepare
from deltaprop.commands.settings import Settings

QUICK = ("--epochs", "3", "--layers", "8", "--threads", "1")

pytestmark = pytest.mark.usefixtures("without_figures")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def train(name: str, write, *options: str) -> pd.DataFrame:
    """The table that `write` writes, trained on by the command line, into the folder ``run``."""
    frame = write(Path(name))
    assert main(["train", name, *options, *QUICK, "--out", "run"]) == 0
    return frame


def config() -> dict:
    return tomllib.loads(Path("run/config.toml").read_text("utf-8"))["data"]


def predicted(name: str, capsys) -> str:
    capsys.readouterr()
    assert main(["predict", "run", name]) == 0
    return capsys.readouterr().out


def assert_repeats() -> None:
    """The run's configuration gives the same weights and the same configuration."""
    assert main(["train", "--config", "run/config.toml", "--out", "again"]) == 0
    assert Path("again/config.toml").read_text("utf-8") == Path("run/config.toml").read_text("utf-8")
    weights = [Network.load(Path(run, "model.safetensors")).theta.tolist() for run in ("run", "again")]
    assert weights[0] == weights[1]


def test_a_configuration_serves_a_file_that_is_written_otherwise(capsys):
    """What was recognised is recognised anew, what was asked for stays."""
    rows = [[str(i), "c", f"{i % 9}.5", str(i % 7), f"{i % 5}.25"] for i in range(60)]
    for name, header, separator, decimal in (
        ("a.csv", "nr;k;a;b;y", ";", ","),
        ("b.csv", "k,a,b,y", ",", "."),
    ):
        kept = [row[5 - header.count(separator) - 1 :] for row in rows]
        lines = [separator.join(row).replace(".", decimal) for row in kept]
        Path(name).write_text("\n".join([header, *lines]))
    assert main(["train", "a.csv", "--target", "y", "--drop", "b", *QUICK, "--out", "run"]) == 0
    assert (config()["drop"], config()["separator"]) == (["b", "nr", "k"], ";")
    assert_repeats()
    again = ["train", "--config", "run/config.toml", "--out"]
    assert main([*again, "other", "b.csv"]) == 0
    data = tomllib.loads(Path("other/config.toml").read_text("utf-8"))["data"]
    assert (data["drop"], data["separator"], data["decimal"]) == (["b", "k"], ",", ".")
    assert main([*again, "same", "../" + Path.cwd().name + "/a.csv"]) == 0  # another path of the same file
    capsys.readouterr()


def test_a_run_of_a_file_that_has_changed_is_not_resumed(capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    lines = [f"{i % 7},{i % 3}.5" for i in range(40)]
    Path("a.csv").write_text("\n".join(["a,y", *lines]))
    with monkeypatch.context() as patch:
        patch.setattr("deltaprop.commands.train.save", interrupt)
        assert main(["train", "a.csv", "--target", "y", *QUICK, "--out", "run"]) == 130
    Path("a.csv").write_text("\n".join(["a,y", *lines[::-1]]))
    capsys.readouterr()
    assert main(["train", "--resume", "run"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("deltaprop: train: --resume is run, which was begun with other data")
    assert error.count("\n") == 1
    Path("a.csv").write_text("\n".join(["a,y", *lines]))
    assert main(["train", "--resume", "run"]) == 0


def test_control_characters_in_names_do_not_reach_the_terminal(capsys):
    name = "a\x1b[31m.csv"
    Path(name).write_text("\n".join(["b\x9b,y", *(f"{i % 7},{i % 3}.5" for i in range(40))]))
    assert main(["train", name, "--target", "y", *QUICK, "--out", "run"]) == 0
    assert main(["show", "run"]) == 0
    assert main(["predict", "run", name, "--out", "p\x1b.csv"]) == 0
    said = "".join(capsys.readouterr())
    assert r"a\x1b[31m.csv: 40 samples" in said
    assert r"b\x9b: number" in said
    assert not {"\x1b", "\x9b"} & {*said}


def test_in_what_new_rows_are_not_like_those_of_training(capsys):
    """A unit, an identifier that lost its zeros, an empty row; but not what was said of the table of training too."""
    lines = [f"{i},5 kg;0010{i % 3};{i % 7},25" for i in range(60)]
    Path("train.csv").write_text("\n".join(["mass;zip;y", *lines]))
    Path("new.csv").write_text("\n".join(["mass;zip;y", "1500,5 g;101;1", "2500,5 g;00102;2", ";;"]))
    assert main(["train", "train.csv", "--target", "y", *QUICK, "--out", "run"]) == 0
    capsys.readouterr()
    for data in ("new.csv", "train.csv"):
        assert main(["predict", "run", data, "--out", "p.csv"]) == 0
    said = capsys.readouterr().err.splitlines()
    differences = [
        "1 empty row at the end left out",
        "column 'mass': numbers are read without 'g'",
        "column 'zip': 1 of 2 rows has a category that training has not learned, such as '101'",
        "column 'mass': 'g' stands beside the numbers, 'kg' in training; they are taken as they are",
    ]
    assert said[:4] == [f"deltaprop: new.csv: {line}" for line in differences]
    assert not [line for line in said if ": train.csv" in line]
    asked = ["train", "train.csv", "--target", "y", "--test-data", "new.csv", *QUICK, "--out", "other"]
    assert main(asked) == 0
    out = capsys.readouterr().out
    assert out.count("separated by semicolons") == 1
    for line in (differences[0], *differences[2:]):
        assert f"new.csv: {line}\n" in out


def test_a_file_without_header_and_new_rows_in_a_workbook(capsys):
    frame = train("iris.data", table_files.uci, "--no-header", "--target", "5")
    said = capsys.readouterr().out
    assert "149 samples, 4 features, 3 classes" in said
    assert "target 'column5' has 3 distinct texts: classification" in said
    assert config()["header"] is False
    assert_repeats()
    frame.iloc[:, :4].to_excel("new.xlsx", header=False, index=False)
    assert predicted("new.xlsx", capsys) == predicted("iris.data", capsys)


def test_decimal_commas_and_new_rows_with_decimal_points(capsys):
    frame = train("wein.csv", table_files.german_excel, "--target", "Rebsorte")
    assert {name: config()[name] for name in ("separator", "decimal", "encoding")} == {
        "separator": ";",
        "decimal": ",",
        "encoding": "cp1252",
    }
    assert_repeats()
    frame.to_csv("new.tsv", index=False, sep="\t")
    assert predicted("new.tsv", capsys) == predicted("wein.csv", capsys)


def test_utf_16_and_new_rows_in_a_feather_file(capsys):
    frame = train("iris.txt", table_files.unicode_text, "--target", "种类")
    assert config()["encoding"] == "utf-16"
    assert_repeats()
    frame.to_feather("new.feather")
    text = predicted("new.feather", capsys)
    assert text == predicted("iris.txt", capsys)
    assert text.startswith("种类,probability 变色鸢尾")


def test_repeated_rows_are_left_out_when_asked(capsys):
    train("repeated.csv", table_files.repeated_rows, "--target", "species", "--unique")
    assert "149 samples" in capsys.readouterr().out
    assert config()["unique"] is True
    assert_repeats()


def test_the_last_visits_are_the_test(capsys):
    frame = train("visits.csv", table_files.in_time, "--target", "progression", "--time", "visit")
    assert config()["time"] == "visit"
    parts = prepare(Settings.from_toml(Path("run/config.toml"))[0]).parts
    visits = [parts[name].data.time for name in ("train", "validation", "test")]
    assert visits[0].max() < visits[1].min()
    assert visits[1].max() < visits[2].min()
    assert visits[2].max() == frame["visit"].max()
    assert_repeats()


GOOD = "age,name,dose\n" + "".join(f"{20 + i},{'ab'[i % 2]},{i / 4}\n" for i in range(40))


@pytest.mark.parametrize(
    ("content", "named"),
    [
        pytest.param(GOOD + "1,a,2,3\n", "line 42 has 4 fields", id="ragged"),
        pytest.param(b"\x7fELF\x02\x01\x01\0\0\0\0\0" * 20, "data.csv", id="binary"),
        pytest.param("", "is empty", id="empty"),
        pytest.param("\n\n \n", "is empty", id="blank"),
        pytest.param("# nothing\n# but comments\n", "data.csv", id="comments"),
        pytest.param("age,name,dose\n", "no rows", id="header alone"),
        pytest.param(GOOD.replace("20,", "years,", 1), "'years' in row 1", id="two header lines"),
        pytest.param(GOOD.replace("name", "age"), "'age' twice", id="repeated name"),
        pytest.param(GOOD.replace("5.0", "5,0", 1), "data.csv", id="one decimal comma"),
        pytest.param(GOOD.encode("utf-16")[:-7], "data.csv", id="half of a character"),
    ],
)
def test_a_broken_file_is_refused_in_a_line(content, named, capsys):
    Path("data.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    assert named in refused(capsys, "--target", "dose")


@pytest.mark.parametrize(
    "options",
    [
        ("--encoding", "klingon"),
        ("--encoding", "utf-16"),
        ("--separator", ""),
        ("--separator", "."),
        ("--decimal", "x"),
        ("--decimal", ",", "--thousands", ","),
        ("--thousands", "x"),
        ("--comment", "two\nlines"),
        ("--no-header",),
        ("--keep", "weight"),
        ("--keep-na", "weight"),
        ("--drop", "age", "--keep", "age"),
        ("--time", "weight"),
        ("--time", "name"),
        ("--time", "dose"),
        ("--group", "weight"),
        ("--time", "age", "--group", "name"),
        ("--test-data", "absent.csv"),
        ("--test-data", "data.csv", "--test", "0.2"),
        ("--folds", "1"),
        ("--folds", "100"),
        ("--metric", "beauty"),
        ("--metric", "accuracy"),
    ],
    ids=" ".join,
)
def test_an_option_that_does_not_fit_is_refused_in_a_line(options, capsys):
    Path("data.csv").write_text(GOOD)
    refused(capsys, "--target", "dose", *options)


def refused(capsys, *options: str) -> str:
    """The one line with which a training on data.csv is refused; it leaves nothing behind."""
    assert main(["train", "data.csv", *options, *QUICK]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("deltaprop: ")
    assert err.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["data.csv"]
    return err
