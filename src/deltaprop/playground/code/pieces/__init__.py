"""Functions that programs are made of: plain NumPy, without a library behind them.

`source` gives the text of those that a program names, together with those that they call.
"""

from __future__ import annotations

import dis
import inspect
import re
from collections.abc import Callable, Iterable
from types import ModuleType

from . import activations, layers, losses, optimizers, schedules


def _functions(module: ModuleType) -> dict[str, Callable]:
    functions = inspect.getmembers(module, inspect.isfunction)
    return {name: f for name, f in functions if f.__module__ == module.__name__}


PIECES = {
    name: f
    for module in (activations, losses, layers, schedules, optimizers)
    for name, f in _functions(module).items()
}


def source(names: Iterable[str]) -> str:
    """The functions of these names, each after those that it calls.

    >>> print(source(["sigmoid_slope"]))
    def sigmoid_slope(z, a):
        return a * (1 - a)
    """
    found: dict[str, str] = {}
    for name in names:
        _add(name, found)
    return "\n\n\n".join(found.values())


def called(text: str) -> list[str]:
    """The pieces that Python source calls, in order.

    >>> called("np.tanh(x) + sigmoid(y)")
    ['sigmoid']
    """
    return [name for name in re.findall(r"(?<![\w.])([a-z_]\w*)\(", text) if name in PIECES]


def _add(name: str, found: dict[str, str]) -> None:
    if name in found or name not in PIECES:
        return
    piece = PIECES[name]
    for instruction in dis.get_instructions(piece):
        if instruction.opname == "LOAD_GLOBAL":
            _add(instruction.argval, found)
    found[name] = inspect.getsource(piece).rstrip()
