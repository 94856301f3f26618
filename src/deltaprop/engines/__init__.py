"""Engines run the steps of training: `numpy` is the readable reference, `native` the compiled core, `jax` the same
equations on GPUs and on many machines."""

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

ENGINES = ("auto", "numpy", "native", "jax")


def select(engine: str | type[Engine], network: Network, optimizer: Optimizer) -> type[Engine]:
    """The class of engine of that name, or given itself, if it can train the network.

    ``"auto"`` is the native engine where that can, and the NumPy engine otherwise; the log then gives the reason once.
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
                "fit: engine is 'native', expected an installed engine; use engine='auto', or build the core."
            )
    elif engine == "jax":
        chosen = _jax()
    elif isinstance(engine, type) and issubclass(engine, Engine):
        chosen = engine
    else:
        wanted = f"one of {', '.join(ENGINES)}, or a class of Engine"
        raise InputError(f"fit: engine is {short(engine)}, expected {wanted}; choose one.")
    reason = chosen.unable(network, optimizer)
    if reason is not None:
        raise InputError(
            f"fit: engine cannot train this network: {reason}, expected one that can; use engine='numpy'."
        )
    return chosen


def evaluator(network: Network, engine: str = "auto", threads: int | None = None) -> Evaluator:
    """An evaluator in the compiled core, where that has code for every part of the network, or else in NumPy.

    Raises
    ------
    InputError
        If the engine is "native" and the core cannot evaluate the network.
    """
    if engine == "numpy":
        return Evaluator(network)
    if engine == "jax":
        _jax()  # refuses where JAX is not installed
        from .jax import JaxEvaluator

        return JaxEvaluator(network)
    reason = "the compiled core is not installed"
    if _native() is not None:
        from .native_evaluator import NativeEvaluator
        from .program import unknown

        reason = unknown(network)
        if reason is None:
            return NativeEvaluator(network, threads)
    if engine == "native":
        raise InputError(
            f"fit: engine cannot train this network: {reason}, expected one that can; use engine='numpy'."
        )
    return Evaluator(network)


def shuffle(numbers: np.ndarray, key: np.ndarray, counter: np.ndarray) -> None:
    """Shuffle in place as ``Generator(Philox(key=key, counter=counter))`` of NumPy does; in the core if it can."""
    if _native() is not None and numbers.dtype == np.int64 and len(numbers) < 2**32:
        from . import _core

        _core.shuffle(numbers, key, counter)
    else:
        np.random.Generator(np.random.Philox(key=key, counter=counter)).shuffle(numbers)


def instruction_set() -> str | None:
    """The instruction set that the compiled core uses; None where it is not installed.

    The environment variable ``DELTAPROP_CPU`` selects another than the widest: ``baseline``, ``avx2`` or ``avx512``.
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


def _jax() -> type[Engine]:
    """The engine of JAX, which is imported for it."""
    try:
        from .jax import JaxEngine
    except ImportError as error:
        raise InputError(
            f"fit: engine is 'jax' ({error}), expected JAX to be installed; pip install 'deltaprop[jax]'."
        ) from error
    import jax

    try:
        jax.devices()
    except Exception as error:  # of several kinds
        what = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(
            f"fit: engine is 'jax', which finds no device ({what}), expected one; check the environment variable "
            "JAX_PLATFORMS."
        ) from error
    return JaxEngine


@cache
def _say_once(reason: str) -> None:
    logging.getLogger("deltaprop").warning(
        "Training runs on the NumPy engine, several times slower: %s.", reason
    )
