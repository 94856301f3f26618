"""A file is written whole or not at all."""

import os
from pathlib import Path

import pytest

from deltaprop import files
from deltaprop.errors import InputError
from deltaprop.files import write


def test_text_and_bytes(tmp_path):
    write(tmp_path / "a", "ä\n")
    write(str(tmp_path / "b"), b"\0\1")
    assert (tmp_path / "a").read_bytes() == "ä\n".encode()
    assert (tmp_path / "b").read_bytes() == b"\0\1"


POSIX = pytest.mark.skipif(os.name != "posix", reason="modes, links and devices are those of POSIX")


@POSIX
def test_others_may_read_it_as_the_umask_says(tmp_path):
    before = os.umask(0o022)
    try:
        write(tmp_path / "a", "x")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, call):
    write(tmp_path / "a", "old")

    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(InputError, match=r"a: could not be written \(No space left on device\)"):
        write(tmp_path / "a", "new")
    assert os.listdir(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "old"


@pytest.mark.parametrize(("refusals", "content"), [(2, "new"), (3, "old")])
def test_a_target_that_is_open_elsewhere_is_tried_again(tmp_path, monkeypatch, refusals, content):
    write(tmp_path / "a", "old")
    replace, refused = os.replace, []

    def sometimes(*arguments):
        if len(refused) < refusals:
            refused.append(PermissionError(13, "Permission denied"))
            raise refused[-1]
        replace(*arguments)

    monkeypatch.setattr(files, "ATTEMPTS", 3)
    monkeypatch.setattr(os, "replace", sometimes)
    if content == "new":
        write(tmp_path / "a", "new")
    else:
        with pytest.raises(InputError, match=r"could not be written \(Permission denied\)"):
            write(tmp_path / "a", "new")
    assert os.listdir(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == content


@POSIX
def test_links_modes_and_devices_stay_what_they_are(tmp_path):
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o640
    write("/dev/null", "gone")
    assert Path("/dev/null").is_char_device()
