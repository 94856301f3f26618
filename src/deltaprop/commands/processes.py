"""Several processes of ``deltaprop train --engine jax``: the first of them writes and prints, all train."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__, distributed
from ..data import known_name
from ..errors import InputError
from ..network import Network
from ..training.checkpoint import fingerprint
from .prepare import Prepared


@contextmanager
def together(engine: str | None, launch: dict[str, Any]) -> Iterator[None]:
    """This process among those that train together, if there are several; `launch` is for `distributed.start`.

    An error ends the others too: the command line tells them.
    """
    if engine != "jax":
        if given := next((name for name, value in launch.items() if value is not None), None):
            found = f"--{given.replace('_', '-')} is given with the engine {engine or 'auto'}"
            raise InputError(f"train: {found}, expected the engine jax; add --engine jax, or leave it out.")
        yield
        return
    if find_spec("jax") is None:
        raise InputError(
            "train: engine is 'jax', expected JAX to be installed; pip install 'deltaprop[jax]'."
        )
    distributed.start(**launch)
    with warnings.catch_warnings():
        if not is_first():  # the first says it
            warnings.simplefilter("ignore")
        yield
    distributed.stop()


def is_first() -> bool:
    """Whether this is the process that writes and prints."""
    return distributed.index() == 0


def check_alike(prepared: Prepared) -> None:
    """Refuse, in all processes, other versions, settings or data than those of the first."""
    if distributed.count() > 1:
        distributed.check_equal({**_versions(), **_settings(prepared), **_data(prepared)})


def share_weights(network: Network) -> None:
    """Begin with the first process's weights: another kind of processor may round those from data otherwise."""
    for array in (network.theta, network.buffers):
        array[:] = np.frombuffer(distributed.broadcast(array.tobytes()), array.dtype)


def _versions() -> dict[str, str]:
    python = ".".join(platform.python_version_tuple()[:2])
    found = {"deltaprop": __version__, "Python": python} | {name: version(name) for name in ("jax", "numpy")}
    return {f"version of {name}": number for name, number in found.items()}


def _settings(prepared: Prepared) -> dict[str, str]:
    """Every option, those first from which others follow; of files the content counts, not where they lie."""
    found = {name: "not given" if value is None else str(value) for name, value in prepared.settings}
    del found["data_dir"]
    names = {"data": known_name(found["data"]) or Path(found["data"]).name}
    return found | names | {"test_data": Path(found["test_data"]).name}


def _data(prepared: Prepared) -> dict[str, str]:
    return {
        f"{kind} of the {name} part": fingerprint(array)
        for name, part in prepared.parts.items()
        for kind, array in {"inputs": part.x, "targets": part.t}.items()
    }
