"""Engines run the steps of training: `numpy` is the readable reference, `native` the compiled core."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, short
from .base import MAX_THREADS, Engine, Sums
from .evaluator import Evaluator
from .numpy import NumpyEngine

if TYPE_CHECKING:
    from ..network import Network
    from ..optimizers import Optimizer

__all__ = [
    "ENGINES",
    "MAX_THREADS",
    "Engine",
    "Evaluator",
    "NumpyEngine",
    "Sums",
    "evaluator",
    "instruction_set",
    "select",
    "shuffle",
]

ENGINES = ("auto", "numpy", "native")


def select(engine: str | type[Engine], network: Network, optimizer: Optimizer) -> type[Engine]:
    """The class of engine to train with: as named, or given itself.

    ``"auto"`` is the native engine where it is installed and knows every part of the network and the
    optimizer, and the NumPy engine otherwise; the log then gives the reason, once for each.

    Raises
    ------
    InputError
        If the name is unknown, or the engine asked for is not installed or cannot train this network.
    """
    if engine == "numpy":
        return NumpyEngine
    if engine == "auto":
        native = _native()
        reason = "the compiled core is not installed" if native is None else native.unable(network, optimizer)
        if native is not None and reason is None:
            return native
        _say_once(reason)
        return NumpyEngine
    if engine == "native":
        chosen = _native()
        if chosen is None:
            raise InputError(
                "fit: engine is 'native', expected an installed engine; use engine='auto', or build the "
                "compiled core."
            )
    elif isinstance(engine, type) and issubclass(engine, Engine):
        chosen = engine
    else:
        raise InputError(
            f"fit: engine is {short(engine)}, expected one of {', '.join(ENGINES)}, or a class of Engine; choose "
            "one."
        )
    reason = chosen.unable(network, optimizer)
    if reason is not None:
        raise InputError(
            f"fit: engine cannot train this network: {reason}, expected an engine that can; use "
            "engine='numpy'."
        )
    return chosen


def evaluator(network: Network, engine: str = "auto", threads: int | None = None) -> Evaluator:
    """What computes the network's values and derivatives.

    The compiled core, where it is installed and has code for every part of the network; otherwise, or with
    ``engine="numpy"``, the layers' own NumPy code.
    """
    if engine == "numpy" or _native() is None:
        return Evaluator(network)
    from .native_evaluator import NativeEvaluator
    from .program import unknown

    return NativeEvaluator(network, threads) if unknown(network) is None else Evaluator(network)


def shuffle(numbers: np.ndarray, key: np.ndarray, counter: np.ndarray) -> None:
    """Shuffle as ``Generator(Philox(key=key, counter=counter))`` of NumPy does; by the core if it is there.

    Parameters
    ----------
    numbers : ndarray of shape (n,), int64
        Changed in place.
    key, counter : ndarray of shape (2,) and (4,), uint64

    Examples
    --------
    >>> import numpy as np
    >>> numbers = np.arange(5)
    >>> shuffle(numbers, np.array([1, 2], np.uint64), np.array([0, 0, 0, 3], np.uint64))
    >>> print(numbers)
    [0 2 1 4 3]
    """
    if _native() is not None and numbers.dtype == np.int64 and len(numbers) < 2**32:
        from . import _core

        _core.shuffle(numbers, key, counter)
    else:
        np.random.Generator(np.random.Philox(key=key, counter=counter)).shuffle(numbers)


def instruction_set() -> str | None:
    """The instruction set that the compiled core uses; None where it is not installed.

    The environment variable ``DELTAPROP_CPU`` selects another than the widest: ``baseline``, ``avx2`` or ``avx512``.

    Raises
    ------
    InputError
        If ``DELTAPROP_CPU`` names one that this processor does not have.
    """
    if _native() is None:
        return None
    from . import _core

    return _core.instruction_set()


@cache
def _native() -> type[Engine] | None:
    """The compiled engine, or None where it is not installed."""
    try:
        from .native import NativeEngine
    except ImportError as error:
        if "DELTAPROP_CPU" in str(error):
            raise InputError(str(error)) from None
        return None
    return NativeEngine


@cache
def _say_once(reason: str) -> None:
    logging.getLogger("deltaprop").warning(
        "Training runs on the NumPy engine, several times slower: %s.", reason
    )
