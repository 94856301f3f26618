"""Run folders: each new, none overwritten."""

from pathlib import Path

import pytest

from deltaprop.commands.folder import RunFolder
from deltaprop.errors import InputError


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_numbers_go_on_after_the_highest():
    assert RunFolder.create(None, "iris").path == Path("runs/iris-001")
    Path("runs/iris-007").mkdir()
    Path("runs/iris-x").mkdir()
    Path("runs/iris-more-009").mkdir()
    assert RunFolder.create(None, "iris").path == Path("runs/iris-008")


@pytest.mark.parametrize("name", ["a b/c", "../up", "", "…"])
def test_any_name_of_data_makes_a_folder_within_runs(name):
    assert RunFolder.create(None, name).path.parent == Path("runs")


def test_an_empty_folder_may_be_given_and_a_full_one_not():
    Path("mine").mkdir()
    assert RunFolder.create(Path("mine"), "x").path == Path("mine")
    Path("mine/file").write_text("")
    with pytest.raises(InputError, match="exists"):
        RunFolder.create(Path("mine"), "x")


def test_discarded_only_while_nothing_but_the_configuration_is_in_it():
    folder = RunFolder.create(Path("a/b/run"), "x")
    folder.config.write_text("")
    folder.checkpoint.write_text("")
    folder.discard_if_unused()
    assert folder.config.exists()
    folder.checkpoint.unlink()
    folder.discard_if_unused()
    assert not Path("a").exists()


def test_discarding_keeps_folders_that_were_there_before():
    Path("a").mkdir()
    Path("mine").mkdir()
    RunFolder.create(Path("a/run"), "x").discard_if_unused()
    RunFolder.create(Path("mine"), "x").discard_if_unused()
    assert sorted(path.name for path in Path().iterdir()) == ["a", "mine"]


def test_what_is_no_run_is_said():
    with pytest.raises(InputError, match="does not exist"):
        RunFolder.open(Path("nothing"))
    Path("other").mkdir()
    with pytest.raises(InputError, match="has no config"):
        RunFolder.open(Path("other"))
