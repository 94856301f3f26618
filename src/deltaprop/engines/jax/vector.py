"""A long traced vector in parts, such as theta, of which no operation needs to make one piece."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from typing import Any

import jax.numpy as jnp
import numpy as np

from .tracing import TracedArray, into
from .twins import NotTraceable

#: Functions that act on each entry, and those that reduce a vector to a number, with what adds up the parts' numbers.
_ELEMENTWISE = {np.where, np.clip, np.zeros_like, np.ones_like, np.full_like, np.nan_to_num, np.copy}
_REDUCTIONS = {
    np.sum: np.add,
    np.max: np.maximum,
    np.min: np.minimum,
    np.amax: np.maximum,
    np.amin: np.minimum,
}


class TracedVector(TracedArray):
    """A long vector in parts, such as theta: elementwise operations and sums need no copy of the whole.

    `parts` are arrays of any shape, one after the other in the vector; `places` are their slices.
    """

    _leads = True
    weak = False
    _known = True

    def __init__(self, parts: Sequence[TracedArray]):
        self.parts = list(parts)
        ends = np.cumsum([0, *(p.size for p in self.parts)]).tolist()
        self.places = [slice(a, b) for a, b in pairwise(ends)]
        self.frame = np.empty(ends[-1], np.int8)

    @property
    def value(self):
        parts = [p.value.reshape(-1) for p in self.parts]
        return jnp.concatenate(parts) if parts else jnp.zeros(0, self.dtype)

    @value.setter
    def value(self, new):
        for part, place in zip(self.parts, self.places, strict=True):
            part.value = new[place].reshape(part.shape)

    @property
    def dtype(self):
        return self.parts[0].dtype if self.parts else np.dtype(np.float32)

    def copy(self, order: str = "C") -> TracedVector:
        return TracedVector([p.copy() for p in self.parts])

    def astype(self, dtype: Any, *, copy: bool = True) -> TracedVector:
        if not copy and self.dtype == dtype:
            return self
        return TracedVector([p.astype(dtype) for p in self.parts])

    def __getitem__(self, index: Any) -> TracedArray:
        if isinstance(index, slice) and index in self.places:
            return self.parts[self.places.index(index)].reshape(-1)
        return super().__getitem__(index)

    def __setitem__(self, index: Any, new: Any) -> None:
        if isinstance(index, slice) and index in self.places:
            self[index][...] = new
        elif index is Ellipsis and self._split(new):
            for part, other in zip(self.parts, self._parts(new), strict=True):
                part[...] = other
        else:
            super().__setitem__(index, new)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        out = options.get("out", (None,))[0]
        if ufunc.nout > 1 and out is not None:
            raise NotTraceable(f"np.{ufunc.__name__} with out")
        one = method == "__call__" and ufunc.nout == 1 and ufunc.signature is None
        if one and self._split(*inputs, out):
            rows = zip(*map(self._parts, inputs), strict=True)
            if out is None:
                return TracedVector([ufunc(*row, **options) for row in rows])
            for part, row in zip(out.parts, rows, strict=True):
                ufunc(*row, **options | {"out": part})
            return out
        if method == "at":
            return super().__array_ufunc__(ufunc, method, *inputs, **options)
        given = {name: value for name, value in options.items() if name != "out"}
        return into(out, getattr(ufunc, method)(*map(_flat, inputs), **given))

    def __array_function__(self, function, types, arguments, options):
        if function in _ELEMENTWISE and self._split(*arguments, *options.values()):
            results = [
                function(*row[: len(arguments)], **dict(zip(options, row[len(arguments) :], strict=True)))
                for row in zip(*map(self._parts, [*arguments, *options.values()]), strict=True)
            ]
            return options.get("out", TracedVector(results))
        if function in _REDUCTIONS and arguments == (self,) and options.keys() <= {"dtype"} and self.parts:
            return reduce(_REDUCTIONS[function], [function(p, **options) for p in self.parts])
        if function in (np.reshape, np.ravel):
            return super().__array_function__(function, types, arguments, options)
        out = options.get("out")
        given = {name: _flat(value) for name, value in options.items() if name != "out"}
        return into(out, function(*map(_flat, arguments), **given))

    def _split(self, *values: Any) -> bool:
        """Whether each of them is a vector with these parts, or one number."""
        return all(
            value.places == self.places if isinstance(value, TracedVector) else np.ndim(value) == 0
            for value in values
        )

    def _parts(self, value: Any) -> list[Any]:
        return value.parts if isinstance(value, TracedVector) else [value] * len(self.parts)


def _flat(value: Any) -> Any:
    """A vector in parts as one array."""
    return TracedArray(value.value) if isinstance(value, TracedVector) else value
