"""One of the processes of test_processes.py: ``worker.py PORT ID SILENCE MODE``; prints what it saw as JSON."""

import hashlib
import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import numpy as np

from deltaprop import distributed
from deltaprop.distributed import launch
from deltaprop.errors import InputError


def main(port, process_id, silence, mode):
    found = launch.detected(60.0) or launch.given(f"127.0.0.1:{port}", 2, int(process_id))
    distributed._begin(found, 60.0, float(silence))
    MODES[mode](int(process_id))


def use(i):
    """Everything that processes do together; the end of the program is the end of the connections."""
    import jax
    from jax.experimental.multihost_utils import process_allgather

    seen = {
        "index": distributed.index(),
        "count": distributed.count(),
        "gather": distributed.gather({"é": [i, None]}),
        "agree": [distributed.agree(v) for v in (i, 0, None, i + 1, "ab"[i])],
        "broadcast": [
            hashlib.sha256(distributed.broadcast(d if i == 0 else b"?")).hexdigest()
            for d in (b"", bytes(3 << 20))
        ],
        "devices": [device.process_index for device in jax.devices()],
        "sum": process_allgather(np.arange(2.0) + i).sum(axis=0).tolist(),
        "listening": listening(),
        "refused": [refused(distributed.start, "127.0.0.1:1", 2, i)],
    }
    distributed.check_equal({"version": "1", "data": "abc"})
    seen["refused"] += [
        refused(distributed.check_equal, {"version": "1", "data": f"abc{i}"}),
        refused(distributed.start, "127.0.0.1:1", 2, i),  # the processes have parted
    ]
    print(json.dumps(seen))


def refused(function, *arguments):
    """The message of its InputError."""
    try:
        function(*arguments)
    except InputError as error:
        return str(error)


def listening():
    """The addresses at which this process listens, in the notation of the kernel; empty where there is none."""
    if not Path("/proc/net/tcp").exists():
        return []
    links = [os.readlink(link) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    own = {match[1] for link in links if (match := re.match(r"socket:\[(\d+)\]", link))}
    lines = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path("/proc/net", name).read_text().splitlines()[1:]
    ]
    return sorted({line[1].split(":")[0] for line in lines if line[3] == "0A" and line[9] in own})


def wait_in_jax(i):
    """Process 1 comes to no collective: process 0 waits in one for it."""
    from jax.experimental.multihost_utils import process_allgather

    print("ready", flush=True)
    if i == 0:
        process_allgather(np.zeros(1))
    time.sleep(60)


def wait_in_gather(i):
    """Process 0 comes to no exchange: process 1 waits in one for it."""
    print("ready", flush=True)
    if i == 1:
        distributed.gather(None)
    time.sleep(60)


def stop_itself(i):
    if i == 1:
        os.kill(os.getpid(), signal.SIGSTOP)
    distributed.gather(None)


def raise_error(i):
    if i == 1:
        raise ValueError("no such\nfile")
    wait_in_jax(i)


MODES = {f.__name__: f for f in (use, wait_in_jax, wait_in_gather, stop_itself, raise_error)}

if __name__ == "__main__":
    main(*sys.argv[1:])
