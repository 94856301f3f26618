"""One process at a time in a folder, with real processes."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deltaprop.cli import main
from deltaprop.commands import lock
from deltaprop.commands.lock import NAME, FolderLock
from deltaprop.errors import InputError

pytestmark = pytest.mark.usefixtures("without_figures")
QUICK = ["--epochs", "2", "--layers", "4", "--threads", "1"]
ENDLESS = ["--epochs", "1000000", "--layers", "4", "--threads", "1", "--checkpoint-seconds", "0"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def start(*command: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "deltaprop", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(what, process: subprocess.Popen) -> None:
    while not what():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.01)


def kill(process: subprocess.Popen) -> None:
    process.kill()
    process.communicate()


def refused(capsys, *command: str) -> str:
    """The one line with which the command is refused."""
    capsys.readouterr()
    assert main(list(command)) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    return err


def test_the_second_is_refused_while_the_first_lives_and_goes_on_when_it_is_killed(capsys):
    run = Path("run")
    first = start("train", "iris", *ENDLESS, "--out", "run")
    try:
        wait_for((run / "checkpoint.safetensors").exists, first)
        for command in (["iris", *QUICK, "--out", "run"], ["--resume", "run"]):
            said = refused(capsys, "train", *command)
            assert f"run is in use by process {first.pid} since 20" in said
        assert main(["show", "run"]) == 0
        if hasattr(signal, "SIGSTOP"):
            first.send_signal(signal.SIGSTOP)
            assert "in use" in refused(capsys, "train", "--resume", "run")
    finally:
        kill(first)
    second = start("train", "--resume", "run")
    try:
        wait_for(lambda: (run / NAME).read_text().startswith(f"{second.pid}\n"), second)
        assert f"process {second.pid} " in refused(capsys, "train", "--resume", "run")
    finally:
        kill(second)


def test_of_two_that_start_at_once_one_trains():
    Path("run").mkdir()
    both = [start("train", "iris", *QUICK, "--seed", f"{i}", "--out", "run") for i in range(2)]
    said = [process.communicate()[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 2]
    assert sorted(map(len, said))[0] == 0
    assert sorted(os.listdir("run")) == ["config.toml", "history.csv", "model.safetensors", "report.html"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no forks")
def test_neither_forks_nor_programs_keep_the_lock_of_a_process_that_is_killed():
    program = """
import os, pathlib, subprocess, time
from deltaprop.commands.lock import FolderLock
with FolderLock("train", pathlib.Path(".")):
    sleeping = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL)
    reading, writing = os.pipe()
    forked = os.fork()
    if forked:
        os.read(reading, 1)  # the fork has forgotten the lock
        print(sleeping.pid, forked, flush=True)
    else:
        os.write(writing, b"x")
    time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    others = [int(pid) for pid in process.stdout.readline().split()]
    try:
        with pytest.raises(InputError, match=f"process {process.pid} "), FolderLock("train", Path()):
            pass
        process.kill()
        process.wait()
        with FolderLock("train", Path()):
            for pid in others:
                os.kill(pid, 0)  # they live
    finally:
        for pid in others:
            os.kill(pid, signal.SIGKILL)
        kill(process)


def test_an_empty_folder_that_is_in_use_is_refused_and_stays(capsys):
    Path("run").mkdir()
    with FolderLock("train", Path("run")):
        assert "in use" in refused(capsys, "train", "iris", *QUICK, "--out", "run")
        assert os.listdir("run") == [NAME]
    assert os.listdir("run") == []


def test_what_a_killed_process_has_left_locks_nothing(capsys):
    Path("run").mkdir()
    Path("run", NAME).write_text("1\nhere\nlong ago")
    assert main(["train", "iris", *QUICK, "--out", "run"]) == 0
    assert NAME not in os.listdir("run")
    Path("run", NAME).write_text("1\nhere\nlong ago")
    assert "exists" in refused(capsys, "train", "iris", *QUICK, "--out", "run")


def test_a_run_in_training_can_be_looked_at(capsys):
    assert main(["train", "iris", *QUICK, "--out", "run"]) == 0
    with FolderLock("train", Path("run")):
        for command in (["predict", "run", "iris"], ["show", "run"], ["trace", "run"]):
            assert main(command) == 0
    assert NAME not in capsys.readouterr().out


@pytest.mark.parametrize("resume", [[], ["--resume"]])
def test_a_sweep_has_its_folder_for_itself(resume, capsys):
    Path("spec.toml").write_text('[settings]\ndata = "iris"\nepochs = 1\n[space]\nlayers = ["2"]\n')
    Path("out").mkdir()
    with FolderLock("sweep", Path("out")):
        assert "sweep: out is in use by" in refused(capsys, "sweep", "spec.toml", "--out", "out", *resume)
        assert os.listdir("out") == [NAME]


def test_a_file_system_without_locks_is_used_and_a_note_says_so(monkeypatch, capsys):
    def none(descriptor):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_lock", none)
    assert main(["train", "iris", *QUICK, "--out", "run"]) == 0
    assert "run cannot be locked (No locks available)" in capsys.readouterr().err
    assert NAME not in os.listdir("run")


def test_a_file_that_was_removed_meanwhile_is_not_taken_for_the_lock(tmp_path, monkeypatch):
    locked = lock._lock

    def late(descriptor):
        monkeypatch.setattr(lock, "_lock", locked)
        (tmp_path / NAME).unlink()  # by the process that had the lock, between opening and locking
        locked(descriptor)

    monkeypatch.setattr(lock, "_lock", late)
    with FolderLock("train", tmp_path), pytest.raises(InputError), FolderLock("train", tmp_path):
        pass


def test_a_process_on_another_machine_is_said_to_be_there(tmp_path, monkeypatch):
    with FolderLock("train", tmp_path):
        monkeypatch.setattr("platform.node", lambda: "elsewhere")
        here = os.uname().nodename if hasattr(os, "uname") else ""
        with (
            pytest.raises(InputError, match=f"process {os.getpid()} on {here}"),
            FolderLock("train", tmp_path),
        ):
            pass
