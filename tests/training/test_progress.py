"""The bar: in a terminal when it takes long, never in a pipe."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from deltaprop import Dense, Network
from deltaprop.training import fit

SCRIPT = """
import sys
import numpy as np
from deltaprop import Dense, Network
from deltaprop.training import Progress, fit
x = np.ones((8, 2))
net = Network([Dense(1)], inputs=2)
fit(net, x, x[:, 0], epochs=3, progress={progress})
print("rich" in sys.modules)
"""


def in_pipe(progress):
    command = [sys.executable, "-W", "error", "-c", SCRIPT.format(progress=progress)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip(), done.stderr


def in_terminal(progress, script=SCRIPT, columns=120):
    """What the script writes to standard output, and to a terminal as standard error."""
    pty = pytest.importorskip("pty", reason="the system has no pseudo-terminals")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-W", "error", "-c", script.format(progress=progress)]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": str(columns)}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=theirs, text=True, env=environment, check=True
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        written += part
    os.close(ours)
    return done.stdout.strip(), written.decode()


def test_it_is_silent_in_a_pipe_and_rich_is_not_even_imported():
    assert in_pipe("Progress(after=0)") == ("False", "")


def test_it_shows_in_a_terminal():
    imported, written = in_terminal("Progress(after=0)")
    assert imported == "True"
    assert "epoch 3/3" in written
    assert "loss" in written


def test_it_has_a_title():
    _, written = in_terminal("Progress(after=0, title='fold 2 of 5')")
    assert "fold 2 of 5: epoch 3/3" in written


VALIDATED = """
import numpy as np
from deltaprop import Dense, Network
from deltaprop.training import Progress, fit
x = np.random.default_rng(0).normal(size=(8, 2))
net = Network([Dense(1)], inputs=2)
fit(net, x, 7 * x[:, 0], epochs=150, validation=(x, 7 * x[:, 1]), progress={progress})
"""


def test_bar_times_and_numbers_fit_80_columns():
    _, written = in_terminal("Progress(after=0)", VALIDATED, columns=80)
    lines = re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", written).replace("\r", "\n").split("\n")
    last = next(line for line in reversed(lines) if line.strip())
    assert len(last) <= 80
    assert re.fullmatch(
        r"epoch 150/150 ━{4,} \d:\d\d:\d\d \d:\d\d:\d\d loss \S+  val\. \S+  score [-\d.e]+ *", last
    )


def test_a_short_fit_shows_nothing_even_in_a_terminal():
    assert in_terminal("'auto'") == ("False", "")


@pytest.mark.parametrize("progress", [False, "auto"])
def test_it_writes_nothing_here(progress, capsys):
    x = np.ones((4, 1))
    fit(Network([Dense(1)], inputs=1), x, x, epochs=2, progress=progress)
    assert capsys.readouterr() == ("", "")
