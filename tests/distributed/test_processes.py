"""Two real processes, each with a device: what they exchange, where they listen, and how one's end ends the other."""

import contextlib
import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

HOST = socket.gethostname()
SILENCE = 3  # seconds, in place of 20
FIRST_PORT = 61440  # of a job of Slurm: JAX adds the job's number, modulo 4096


ENVIRONMENT = os.environ | {
    "JAX_PLATFORMS": "cpu",
    "JAX_NUM_CPU_DEVICES": "1",
    "http_proxy": "http://127.0.0.1:9",  # which answers nothing
}

pytestmark = pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")


def free_port():
    """A port that a job of Slurm may have."""
    for port in random.sample(range(FIRST_PORT, FIRST_PORT + 4096), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    pytest.fail("no free port")


def slurm(port):
    """What srun tells the second of two processes."""
    return {
        "SLURM_JOB_ID": str(port - FIRST_PORT),
        "SLURM_STEP_NODELIST": "127.0.0.1",
        "SLURM_NTASKS": "2",
        "SLURM_PROCID": "1",
        "SLURM_LOCALID": "0",
    }


@contextlib.contextmanager
def processes(mode, launcher=lambda port: {}):
    """Both processes, the second as a launcher starts it; they are killed at the end, if they still live."""
    port = free_port()
    command = [sys.executable, Path(__file__).parent / "worker.py", port]
    both = [
        subprocess.Popen(
            [str(word) for word in (*command, i, SILENCE if mode == "stop_itself" else 20, mode)],
            env=ENVIRONMENT | (launcher(port) if i else {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for i in range(2)
    ]
    try:
        yield both
    finally:
        for process in both:
            process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def seen():
    """What both processes saw, and their standard errors."""
    with processes("use", slurm) as both:
        out = [process.communicate(timeout=60) for process in both]
        assert [process.returncode for process in both] == [0, 0], out
    return [(json.loads(output), errors) for output, errors in out]


def test_all_see_the_same_but_their_number(seen):
    zero, one = (found for found, _ in seen)
    assert (zero["index"], one["index"]) == (0, 1)
    assert {k for k in zero if zero[k] != one[k]} <= {"index", "listening"}


def test_what_processes_exchange(seen):
    found = seen[1][0]
    assert found["count"] == 2
    assert found["gather"] == [{"é": [0, None]}, {"é": [1, None]}]
    assert found["agree"] == [1, 0, None, 1, "a"]
    assert found["broadcast"] == [hashlib.sha256(data).hexdigest() for data in (b"", bytes(3 << 20))]


def test_jax_computes_over_the_devices_of_both(seen):
    assert seen[0][0]["devices"] == [0, 1]
    assert seen[0][0]["sum"] == [1.0, 3.0]


def test_facts_that_differ_are_refused(seen):
    assert seen[0][0]["refused"][1] == (
        f"process 1 ({HOST}): data is 'abc1', expected 'abc0', as in process 0 ({HOST}); make it the same in all "
        "processes."
    )


def test_a_second_start_is_refused(seen):
    second, late = seen[0][0]["refused"][::2]
    assert second.startswith("start: it was called before")
    assert late.startswith("start: JAX was used in this process before")


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the system has no /proc/net/tcp")
def test_all_listen_on_loopback_only(seen):
    loopback = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
    for found, _ in seen:
        assert found["listening"]
        assert set(found["listening"]) <= loopback


def test_a_good_end_is_silent(seen):
    assert [errors for _, errors in seen] == ["", ""]


@pytest.mark.parametrize(("mode", "victim"), [("wait_in_jax", 1), ("wait_in_gather", 0)])
def test_a_process_that_is_killed_ends_the_other_with_one_line(mode, victim):
    with processes(mode) as both:
        for process in both:
            assert process.stdout.readline() == "ready\n"
        both[victim].kill()
        _, errors = both[1 - victim].communicate(timeout=30)
        assert errors == f"deltaprop: process {victim} ({HOST}) died: its connection ended.\n"
        assert both[1 - victim].returncode == 1


def test_a_process_that_stands_still_ends_the_other_with_one_line():
    with processes("stop_itself") as both:
        _, errors = both[0].communicate(timeout=60)
        assert errors == f"deltaprop: process 1 ({HOST}) does not answer: no sign of life for {SILENCE} s.\n"
        assert both[0].returncode == 1
        both[1].send_signal(signal.SIGCONT)
        _, errors = both[1].communicate(timeout=60)
        assert errors == f"deltaprop: process 1 ({HOST}) does not answer: no sign of life for {SILENCE} s.\n"


def test_an_error_ends_the_other_with_its_line():
    with processes("raise_error") as both:
        _, errors = both[0].communicate(timeout=60)
        assert errors == f"deltaprop: process 1 ({HOST}) ended: ValueError: no such\n"
        assert both[0].returncode == 1
        _, errors = both[1].communicate(timeout=60)
        assert errors.startswith("Traceback")
        assert errors.endswith("ValueError: no such\nfile\n")
        assert both[1].returncode == 1
