"""Arrays through which JAX traces code that is written in NumPy.

A `TracedArray` implements NumPy's two protocols for other array types, ``__array_ufunc__`` and ``__array_function__``:
a layer, a loss or an optimizer that calls ``np.exp`` or writes into an array with ``+=`` runs on it as it stands, while
JAX records the operations. Where Python would need the value of an array (``if``, ``float``), there is none yet, and
`NotTraceable` is raised.

Types follow NumPy's rules of promotion, not JAX's. Arrays can be changed in place, and views of them too: the JAX array
behind is replaced.

Sources: Harris and others, NEP 18; Nathaniel Smith, NEP 13; NEP 50 for the types of scalars.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.lib.mixins import NDArrayOperatorsMixin

#: How products of float32 matrices are computed: "float32", or with operands rounded to "tf32" or "bf16".
PRECISIONS = ("float32", "tf32", "bf16")
_precision: ContextVar[str] = ContextVar("precision", default="float32")


class NotTraceable(TypeError):
    """The code needs the value of an array in Python, or calls what has no counterpart in JAX."""


@contextmanager
def precision(name: str):
    """Within it, products of float32 matrices are recorded with this precision."""
    token = _precision.set(name)
    try:
        yield
    finally:
        _precision.reset(token)


class TracedArray(NDArrayOperatorsMixin):
    """A NumPy array of which JAX records what is done with it.

    `weak` marks a number that stands for a Python float: it leaves the dtype of arrays as it is.
    """

    def __init__(self, value: Any, weak: bool = False):
        self._value = jnp.asarray(value)
        self.weak = weak

    @property
    def value(self) -> jax.Array:
        """The JAX array behind."""
        return self._value

    @value.setter
    def value(self, new: jax.Array) -> None:
        self._value = new

    # -- what an array has ----

    shape = property(lambda self: self.value.shape)
    size = property(lambda self: self.value.size)
    ndim = property(lambda self: self.value.ndim)
    dtype = property(lambda self: np.dtype(self.value.dtype))
    T = property(lambda self: self.transpose())

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self.shape} of {self.dtype}"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(np.ndarray, name) or not hasattr(self.value, name):
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        return lambda *arguments, **options: _call(getattr(_plain(self), name), arguments, options)

    def item(self) -> TracedArray:
        """The only entry, as a Python number."""
        return TracedArray(self.value.reshape(()), weak=True)

    def copy(self) -> TracedArray:
        return TracedArray(self.value, self.weak)

    def astype(self, dtype: Any, copy: bool = True) -> TracedArray:
        return TracedArray(self.value.astype(dtype))

    # -- views, and changes in place ----

    def reshape(self, *shape: Any) -> TracedArray:
        return _View(self, lambda v: v.reshape(*shape), lambda v, new: new.reshape(v.shape))

    def ravel(self) -> TracedArray:
        return self.reshape(-1)

    def transpose(self, *axes: Any) -> TracedArray:
        order = tuple(axes[0]) if len(axes) == 1 and np.ndim(axes[0]) == 1 else axes
        order = order or tuple(reversed(range(self.ndim)))
        return _View(self, lambda v: v.transpose(order), lambda v, new: new.transpose(np.argsort(order)))

    def __getitem__(self, index: Any) -> TracedArray:
        index = _unwrap(index)
        if any(isinstance(i, (jax.Array, np.ndarray, list)) for i in _as_tuple(index)):
            return TracedArray(_take(self.value, index))
        return _View(self, lambda v: v[index], lambda v, new: v.at[index].set(new))

    def __setitem__(self, index: Any, new: Any) -> None:
        index, old, new = _unwrap(index), self.value, jnp.asarray(_unwrap(new))
        if index is Ellipsis:
            self.value = jnp.broadcast_to(new.astype(old.dtype), old.shape)
        else:
            self.value = old.at[index].set(new.astype(old.dtype))

    # -- NumPy's protocols ----

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if any(isinstance(i, TracedVector) for i in inputs):
            return NotImplemented  # that type knows better
        if method == "at":
            target, index, *values = inputs
            if not isinstance(target, TracedArray) or ufunc not in (np.add, np.subtract):
                raise NotTraceable(f"np.{ufunc.__name__}.at into {type(target).__name__}")
            added = jnp.asarray(_unwrap(values[0])) * (1 if ufunc is np.add else -1)
            target.value = target.value.at[_unwrap(index)].add(added.astype(target.value.dtype))
            return None
        if method == "reduce":
            name = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}.get(ufunc.__name__)
            if name is None:
                raise NotTraceable(f"np.{ufunc.__name__}.reduce")
            return _call(getattr(jnp, name), inputs, {"axis": 0} | options)
        if method != "__call__":
            raise NotTraceable(f"np.{ufunc.__name__}.{method}")
        out = options.pop("out", (None,))[0]
        result = _ufunc(ufunc, inputs, options)
        return result if out is None else _into(out, result)

    def __array_function__(self, function: Callable, types: Any, arguments: Any, options: Any) -> Any:
        if any(issubclass(t, TracedVector) for t in types):
            return NotImplemented
        options = dict(options)
        out = options.pop("out", None)
        twin = _twin(function)
        if function in (np.einsum, np.matmul, np.dot):
            options |= _product_options()
            arguments = _rounded(arguments)
        result = _call(twin, arguments, options)
        return result if out is None else _into(out, result)

    def _no_value(self, *_: Any, **__: Any) -> Any:
        raise NotTraceable("Python needs the value of an array (if, float, int, np.asarray)")

    __bool__ = __float__ = __int__ = __index__ = __complex__ = __array__ = tolist = _no_value


class _View(TracedArray):
    """A part of another array: reads what is there now, and writes into it."""

    def __init__(self, base: TracedArray, read: Callable, write: Callable):
        self._base, self._read, self._write = base, read, write
        self.weak = base.weak

    @property
    def value(self):
        return self._read(self._base.value)

    @value.setter
    def value(self, new):
        self._base.value = self._write(self._base.value, new)


class TracedVector(TracedArray):
    """A long vector in parts, such as theta: elementwise operations and sums need no copy of the whole.

    `parts` are arrays of any shape, one after the other in the vector; `places` are their slices.
    """

    weak = False

    def __init__(self, parts: Sequence[TracedArray]):
        self.parts = list(parts)
        ends = np.cumsum([0, *(p.size for p in self.parts)]).tolist()
        self.places = [slice(a, b) for a, b in pairwise(ends)]

    @property
    def value(self):
        parts = [p.value.reshape(-1) for p in self.parts]
        return jnp.concatenate(parts) if parts else jnp.zeros(0, self.dtype)

    @value.setter
    def value(self, new):
        for part, place in zip(self.parts, self.places, strict=True):
            part.value = new[place].reshape(part.shape)

    size = property(lambda self: self.places[-1].stop if self.parts else 0)
    shape = property(lambda self: (self.size,))
    ndim = property(lambda self: 1)
    dtype = property(lambda self: self.parts[0].dtype if self.parts else np.dtype(np.float32))

    def copy(self) -> TracedVector:
        return TracedVector([p.copy() for p in self.parts])

    def astype(self, dtype: Any, copy: bool = True) -> TracedVector:
        return TracedVector([p.astype(dtype) for p in self.parts])

    def sum(self, axis: Any = None, dtype: Any = None, **options: Any) -> TracedArray:
        return reduce(np.add, [p.sum(dtype=dtype) for p in self.parts])

    def max(self, axis: Any = None, **options: Any) -> TracedArray:
        return reduce(np.maximum, [p.max() for p in self.parts])

    def min(self, axis: Any = None, **options: Any) -> TracedArray:
        return reduce(np.minimum, [p.min() for p in self.parts])

    def __getitem__(self, index: Any) -> TracedArray:
        if isinstance(index, slice) and index in self.places:
            return self.parts[self.places.index(index)].reshape(-1)
        return super().__getitem__(index)

    def __setitem__(self, index: Any, new: Any) -> None:
        if isinstance(index, slice) and index in self.places:
            self[index][...] = new
        elif index is Ellipsis and isinstance(new, TracedVector) and new.places == self.places:
            for part, other in zip(self.parts, new.parts, strict=True):
                part[...] = other
        else:
            super().__setitem__(index, new)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        out = options.get("out", (None,))[0]
        if method == "__call__" and ufunc.signature is None and self._split(*inputs, out):
            results = [
                ufunc(*self._part(i, inputs), **options | ({} if out is None else {"out": out.parts[i]}))
                for i in range(len(self.parts))
            ]
            return TracedVector(results) if out is None else out
        whole = [_flat(value) for value in inputs]
        if out is None:
            return getattr(ufunc, method)(*whole, **options)
        return _into(out, getattr(ufunc, method)(*whole, **options | {"out": None}))

    def __array_function__(self, function, types, arguments, options):
        out = options.get("out")
        if function in _ELEMENTWISE and self._split(*arguments, *options.values()):
            results = []
            for i in range(len(self.parts)):
                given = dict(zip(options, self._part(i, options.values()), strict=True))
                results.append(function(*self._part(i, arguments), **given))
            return TracedVector(results) if out is None else out
        if function in _REDUCTIONS and arguments[0] is self:
            return getattr(self, _REDUCTIONS[function])(**options)
        result = function(*map(_flat, arguments), **{k: _flat(v) for k, v in options.items() if k != "out"})
        return result if out is None else _into(out, result)

    def _split(self, *values: Any) -> bool:
        """Whether each of them is a vector with these parts, or one number."""
        return all(
            value.places == self.places if isinstance(value, TracedVector) else np.ndim(value) == 0
            for value in values
        )

    def _part(self, i: int, values: Any) -> list[Any]:
        return [value.parts[i] if isinstance(value, TracedVector) else value for value in values]


#: Functions that act on each entry, and those that reduce a vector to a number, by the name of the method.
_ELEMENTWISE = {np.where, np.clip, np.zeros_like, np.ones_like, np.full_like, np.nan_to_num, np.copy}
_REDUCTIONS = {np.sum: "sum", np.max: "max", np.min: "min", np.amax: "max", np.amin: "min"}


def _ufunc(ufunc: np.ufunc, inputs: Sequence[Any], options: dict[str, Any]) -> TracedArray:
    """The ufunc of JAX, with the types that NumPy's would have."""
    if options.keys() - {"dtype"}:
        raise NotTraceable(f"np.{ufunc.__name__} with {', '.join(options)}")
    types = [_type(value) for value in inputs]
    resolved = ufunc.resolve_dtypes((*types, *[None] * ufunc.nout))
    operands = [jnp.asarray(_unwrap(v), t) for v, t in zip(inputs, resolved, strict=False)]
    if ufunc is np.matmul:
        result = jnp.matmul(*_rounded(operands), **_product_options(resolved[-1]))
    else:
        result = _twin(ufunc)(*operands)
    weak = all(isinstance(t, type) for t in types)  # a number made of Python numbers
    if isinstance(result, tuple):
        return tuple(TracedArray(r, weak) for r in result)  # type: ignore[return-value]
    return TracedArray(result.astype(options.get("dtype", result.dtype)), weak)


def _type(value: Any) -> Any:
    """A dtype; for a Python number its type, which is how NumPy tells them apart."""
    if isinstance(value, TracedArray):
        return (float if value.dtype.kind == "f" else int) if value.weak else value.dtype
    if type(value) in (int, float, complex):
        return type(value)
    return np.asarray(value).dtype


def _twin(function: Any) -> Callable:
    """JAX's function of that name."""
    module = getattr(function, "__module__", None) or ""
    places = [jnp.linalg] if module.startswith("numpy.linalg") else [jnp, jax.scipy.special]
    for place in places:
        if (found := getattr(place, function.__name__, None)) is not None:
            return found
    raise NotTraceable(f"{function.__name__} has no counterpart in JAX")


def _call(function: Callable, arguments: Any, options: dict[str, Any]) -> Any:
    """Call a function of JAX with the arrays behind; Python numbers take the dtype of the arrays beside them."""
    everything = [*_traced(arguments), *_traced(options)]
    strong = [value.dtype for value in everything if not value.weak]
    dtype = np.result_type(*strong) if strong else None
    try:
        result = function(*_unwrap(arguments, dtype), **_unwrap(options, dtype))
    except jax.errors.ConcretizationTypeError as error:
        raise NotTraceable(str(error).split("\n", 1)[0]) from error
    if isinstance(result, (list, tuple)):
        return type(result)(TracedArray(r) if isinstance(r, jax.Array) else r for r in result)
    return TracedArray(result) if isinstance(result, jax.Array) else result


def _traced(values: Any) -> list[TracedArray]:
    if isinstance(values, TracedArray):
        return [values]
    values = values.values() if isinstance(values, dict) else values
    return (
        [t for v in values for t in _traced(v)]
        if isinstance(values, (list, tuple, type({}.values())))
        else []
    )


def _unwrap(value: Any, dtype: np.dtype | None = None) -> Any:
    """The JAX arrays behind, in containers too."""
    if isinstance(value, TracedArray):
        plain = _plain(value)
        floating = value.weak and dtype is not None and dtype.kind == "f"
        return plain.astype(dtype) if floating else plain
    if isinstance(value, (list, tuple)):
        return type(value)(_unwrap(v, dtype) for v in value)
    if isinstance(value, dict):
        return {k: _unwrap(v, dtype) for k, v in value.items()}
    return value


def _plain(value: TracedArray) -> jax.Array:
    return value.value


def _flat(value: Any) -> Any:
    """A vector in parts as one array."""
    return TracedArray(value.value) if isinstance(value, TracedVector) else value


def _into(out: Any, result: Any) -> Any:
    if not isinstance(out, TracedArray):
        raise NotTraceable("a result is written into a NumPy array: make that with np.zeros_like")
    out[...] = result
    return out


def _as_tuple(index: Any) -> tuple:
    return index if isinstance(index, tuple) else (index,)


def _take(value: jax.Array, index: Any) -> jax.Array:
    for i in _as_tuple(index):
        if isinstance(i, jax.Array) and i.dtype == bool:
            raise NotTraceable("an array is indexed by a mask: use np.where")
    return value[index]


def _rounded(operands: Sequence[Any]) -> list[Any]:
    """The operands of a product; float32 ones rounded to bfloat16 where that precision is asked for."""
    if _precision.get() != "bf16":
        return list(operands)
    plain = [_unwrap(v) for v in operands]
    return [v.astype(jnp.bfloat16) if getattr(v, "dtype", None) == np.float32 else v for v in plain]


def _product_options(dtype: Any = None) -> dict[str, Any]:
    """How JAX is to compute a product: XLA rounds float32 operands on some devices unless told otherwise."""
    name = _precision.get()
    if name == "bf16":
        return {"preferred_element_type": dtype or np.float32}
    return {"precision": lax.Precision.DEFAULT if name == "tf32" else lax.Precision.HIGHEST}
