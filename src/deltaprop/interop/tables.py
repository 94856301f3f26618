"""Looking a layer, a function or a loss up in a table of what another program has."""

from __future__ import annotations

from typing import Any

from ..errors import InputError
from ..functions.losses import Loss


def known(function: str, table: dict[type, Any], obj: Any) -> Any:
    """The entry of the object's class; a class of the caller's own, even a subclass, has none and is refused."""
    if type(obj) not in table:
        names = ", ".join(kind.__name__ for kind in table)
        raise InputError(f"{function}: network contains {obj!r}, expected one of {names}; replace it.")
    return table[type(obj)]


def map_of(function: str, table: dict[str, Any], loss: Loss) -> Any:
    """The entry of the loss's output map; None where it is the identity."""
    if type(loss).predict is not Loss.predict:
        remedy = "use output_map=False and map z yourself"
        raise InputError(
            f"{function}: output_map is that of {loss!r}, expected deltaprop's own loss; {remedy}."
        )
    return table.get(loss.output_map)
