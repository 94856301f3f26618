"""Which functions are the same to a log."""

import os
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from deltaprop.errors import InputError
from deltaprop.sweeps import sweep
from deltaprop.sweeps.identity import identity


def compiled(text, **names):
    """The function that the text defines."""
    exec(text, names)
    return names["train"]


def train(settings, depth=0, *, scale=1.0):
    return settings["seed"] + depth * scale


def with_closure(value):
    return lambda settings: value


def countdown():
    def train(settings):
        return train(settings - 1) if settings else 0

    return train


class Scaled:
    def __init__(self, scale):
        self.scale = scale

    def __call__(self, settings):
        return self.scale

    def method(self, settings):
        return self.scale


BODY = "def train(settings):\n    return {}"
SETS = BODY.format("settings in {'a', 'b', 'c', 'd', 'e'}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (partial(train, depth=1), partial(train, depth=-5)),
        (partial(train, depth=1), partial(train, scale=1)),
        (partial(train, 1), partial(train, 2)),
        (partial(train), train),
        (lambda s: s["a"] + 1, lambda s: s["a"] + 2),
        (lambda s: s["a"] + 1, lambda s: s["a"] - 1),
        (lambda s: np.sum(s), lambda s: np.mean(s)),
        (lambda s: [x + 1 for x in s], lambda s: [x + 2 for x in s]),
        (lambda s, d=1: d, lambda s, d=2: d),
        (lambda s, *, d=1: d, lambda s, *, d=2: d),
        (with_closure(1), with_closure(2)),
        (with_closure(np.arange(3)), with_closure(np.arange(1, 4))),
        (with_closure(lambda: 1), with_closure(lambda: 2)),
        (Scaled(1), Scaled(2)),
        (Scaled(1).method, Scaled(2).method),
        (compiled(BODY.format("1")), compiled(BODY.format("1.0"))),
    ],
)
def test_another_function(one, other):
    assert identity(one) != identity(other)


@pytest.mark.parametrize(
    "make",
    [
        lambda: partial(train, 1, scale=2.0),
        lambda: with_closure({"a": np.arange(3)}),
        lambda: with_closure(lambda: 1),
        lambda: with_closure(iter([1])),  # cannot be hashed
        lambda: Scaled(1).method,
        lambda: compiled(SETS, __name__="module"),
        lambda: len,
        countdown,
    ],
)
def test_the_same_function(make):
    assert identity(make()) == identity(make())


def test_the_identity_is_that_of_every_process():
    code = f"exec({SETS!r})\nfrom deltaprop.sweeps.identity import identity\nprint(identity(train), end='')"
    told = {
        subprocess.check_output([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_the_log_of_another_function_is_refused(tmp_path):
    log = tmp_path / "trials.jsonl"
    sweep(partial(train, depth=1), {"x": [0]}, metric="loss", log=log)
    before = log.read_bytes()
    with pytest.raises(
        InputError, match=r"^[^\n]* holds trials of another search, with other function, [^\n]*$"
    ):
        sweep(partial(train, depth=-5), {"x": [0]}, metric="loss", log=log)
    assert log.read_bytes() == before
