"""Several processes of ``deltaprop train --engine jax`` on this machine, started as a user does."""

import os
import socket
import subprocess
import sys

#: Each process has one device, so that the batch is divided among as many as there are processes.
ONE_DEVICE = {"JAX_PLATFORMS": "cpu", "JAX_NUM_CPU_DEVICES": "1"}


def start(count, *arguments, folder=None, differing=None):
    """The processes, each in a folder 0, 1, … of its own; `differing` has further arguments of some, by number."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "deltaprop", "train", *map(str, arguments), "--engine", "jax"]
    command += ["--coordinator", f"127.0.0.1:{port}", "--processes", str(count), "--process-id"]
    folders = [None if folder is None else folder / str(i) for i in range(count)]
    for own in filter(None, folders):
        own.mkdir()
    return [
        subprocess.Popen(
            [*command, str(i), *(differing or {}).get(i, ())],
            cwd=folders[i],
            env=os.environ | ONE_DEVICE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for i in range(count)
    ]


def end(processes, timeout=None):
    """Wait for all: (exit status, standard output, standard error) of each. None is left, whatever happens."""
    try:
        out = [process.communicate(timeout=timeout) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [(process.returncode, *texts) for process, texts in zip(processes, out, strict=True)]
