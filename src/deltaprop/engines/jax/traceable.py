"""Whether a network's and an optimizer's code can be traced, and what in it cannot."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr

from ...errors import InputError
from . import twins
from .compiled import train_epochs
from .program import Carry, Program, Samples, of_this_package, split, split_state

if TYPE_CHECKING:
    from ...network import Network
    from ...optimizers import Optimizer

#: Directories of code that is not at fault: this engine's, and the libraries'.
_OTHERS = (str(Path(__file__).parent), str(Path(np.__file__).parents[1]), "<")


def reason_not_traceable(network: Network, optimizer: Optimizer) -> str | None:
    """Why no program can be made of the network's and the optimizer's code; None if one can.

    Code of one's own is traced twice: what then differs, such as random numbers, would be a constant of the program.
    """
    if of_this_package(network, optimizer):
        return _known_reason(Program(network, optimizer))
    found = []
    for _ in range(2):
        try:
            recorded, changed = _recorded_and_put_back(network, optimizer)
        except InputError:
            raise
        except Exception as error:  # of many kinds: the code was not made for such arrays
            return _explained(error)
        if changed is not None:
            return f"{changed} changes its own attributes, which a program would do once"
        found.append(recorded)
    if found[0] != found[1]:
        return "its code gives other numbers each time, such as random ones, which a program would have once"
    return None


def _recorded_and_put_back(network: Network, optimizer: Optimizer) -> tuple[Any, str | None]:
    """What `_recorded` returns, and the name of the class of an object that has changed itself, as it was again."""
    own = [network.loss, optimizer, *(node.layer for node in network.nodes)]
    before, changed = [dict(vars(part)) for part in own], None
    try:
        recorded = _recorded(Program(network, optimizer))
    finally:
        for part, attributes in zip(own, before, strict=True):
            if _put_back(part, attributes):
                changed = type(part).__name__
    return recorded, changed


def _put_back(part: Any, attributes: dict[str, Any]) -> bool:
    """Give an object back the attributes that it had; returns whether they had changed."""
    now = vars(part)
    same = now.keys() == attributes.keys() and all(now[name] is attributes[name] for name in now)
    if not same:
        now.clear()
        now.update(attributes)
    return not same


@lru_cache(maxsize=128)
def _known_reason(program: Program) -> str | None:
    try:
        _recorded(program)
    except twins.NotTraceable as error:
        return _explained(error)
    return None


def _recorded(program: Program) -> tuple[str, list[tuple[str, bytes]]]:
    """The operations of a training step, of the outputs and of the statistics of layers, and their constants."""
    network, optimizer, rows = program.network, program.optimizer, 2
    theta = np.zeros(network._layout.size, network.dtype)
    buffers = np.zeros(network._layout.buffers_size, network.dtype)
    state = split_state(optimizer.init(theta), theta.size, network.layout)
    layers = sum(bool(node.parameters) for node in network.nodes)
    places = split(theta, network.layout), split(buffers, network.buffer_layout)
    carry = Carry(*places, state, np.zeros(3 + 2 * layers), np.int32(0), np.bool_(True))
    widths = network.inputs, network.outputs // network.loss.members
    x, t = (np.zeros((rows, columns), network.dtype) for columns in widths)
    orders = np.zeros((1, 1, rows), np.int32), np.zeros((1, 0, 1), np.int32)
    rates = np.zeros((1, len(program.columns)))
    given = carry, Samples(x, t, None), orders, rates, x, np.int64(0), np.int32(1), (None, None)
    with jax.enable_x64(True):
        steps = jax.make_jaxpr(partial(train_epochs, program))(*given)
        outputs = jax.make_jaxpr(program.forward)(*places, x)
    constants = [*_constants(steps), *_constants(outputs)]
    return f"{steps}{outputs}", [(str(c.dtype), c.tobytes()) for c in map(np.asarray, constants)]


def _constants(jaxpr: Any) -> Iterator[Any]:
    """The arrays that are constants of a traced function, and of those within it."""
    if isinstance(jaxpr, ClosedJaxpr):
        yield from jaxpr.consts
        jaxpr = jaxpr.jaxpr
    for equation in jaxpr.eqns:
        for inner in jax.tree.leaves(equation.params, is_leaf=lambda v: isinstance(v, (ClosedJaxpr, Jaxpr))):
            if isinstance(inner, (ClosedJaxpr, Jaxpr)):
                yield from _constants(inner)


def _explained(error: Exception) -> str:
    """What is wrong with whose code, in one line."""
    what = str(error).strip().split("\n", 1)[0].rstrip(".")
    if not isinstance(error, twins.NotTraceable):
        what = f"{type(error).__name__}: {what}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith(_OTHERS) and not frame.filename.endswith(".pyx"):
            return f"{what}, in {frame.name} ({Path(frame.filename).name}, line {frame.lineno})"
    return what
