"""A command whose output cannot be written does its work all the same."""

import errno
import io
import os
import sys

import pytest

from deltaprop.cli import main
from deltaprop.commands.streams import Lasting, lasting_output

pytestmark = pytest.mark.usefixtures("without_figures")


class Failing(io.StringIO):
    """A stream that takes a few lines."""

    def __init__(self, lines, number):
        super().__init__()
        self.lines, self.number = lines, number

    def write(self, text):
        self.lines -= text.count("\n")
        if self.lines < 0:
            raise OSError(self.number, os.strerror(self.number))
        return super().write(text)


@pytest.mark.parametrize("lines", [0, 1, 14])
@pytest.mark.parametrize(("number", "status"), [(errno.EPIPE, 141), (errno.ENOSPC, 2)])
def test_a_training_is_saved(lines, number, status, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", Failing(lines, number))
    run = tmp_path / "run"
    assert (
        main(["train", "iris", "--epochs", "2", "--layers", "4", "--threads", "1", "--out", str(run)])
        == status
    )
    assert {path.name for path in run.iterdir()} == {
        "model.safetensors",
        "history.csv",
        "config.toml",
        "report.html",
    }
    said = capsys.readouterr().err
    assert said == (
        ""
        if status == 141
        else "deltaprop: output: No space left on device; check the disk and the permissions.\n"
    )


def test_another_status_counts_more(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", Failing(0, errno.EPIPE))
    assert main(["train", "no such file.csv"]) == 2
    assert capsys.readouterr() == ("", "")


def test_signs_that_the_encoding_does_not_have_are_written_as_numbers(monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), "cp1252")
    monkeypatch.setattr(sys, "stdout", narrow)
    with lasting_output() as errors:
        print("目标 ß → 1")
    assert narrow.buffer.getvalue().decode("cp1252") == "\\u76ee\\u6807 ß \\u2192 1\n"
    assert errors == []


def test_what_is_written_before_arrives_and_the_rest_is_discarded():
    stream = Lasting(Failing(1, errno.EPIPE))
    assert [stream.write(text) for text in ("one\n", "two\n", "three")] == [4, 4, 5]
    stream.flush()
    assert stream.getvalue() == "one\n"
    assert isinstance(stream.error, BrokenPipeError)
    nowhere = Lasting(None)
    nowhere.write("text")
    assert nowhere.error is None
    nowhere.close()
