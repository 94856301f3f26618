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

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from . import twins
from .twins import NotTraceable

#: Methods that return new arrays, by the function of the same name.
METHODS = {"all", "any", "argmax", "argmin", "max", "mean", "min", "prod", "std", "sum", "trace", "var"}
METHODS |= {"clip", "conj", "cumprod", "cumsum", "dot", "round"}
METHODS |= {"argsort", "diagonal", "repeat", "searchsorted", "squeeze", "swapaxes", "take"}

_REDUCED = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.logical_and: np.all,
    np.logical_or: np.any,
}
# Functions whose results share memory with their argument: in its order, with other axes, or in another order
_SHAPED = {np.reshape, np.ravel, np.squeeze, np.expand_dims, np.atleast_1d, np.atleast_2d, np.atleast_3d}
_PERMUTED = {np.transpose, np.permute_dims, np.matrix_transpose, np.swapaxes, np.moveaxis, np.rollaxis}
_PICKED = {
    np.real,
    np.imag,
    np.diagonal,
    np.flip,
    np.flipud,
    np.fliplr,
    np.rot90,
    np.broadcast_to,
    np.unstack,
}
_PICKED |= {np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit}


class TracedArray(NDArrayOperatorsMixin):
    """An array of a program that is being traced: NumPy's functions record what is done with it.

    `weak` marks a number that stands for a Python float: it leaves the dtype of arrays as it is. A `scalar` stands for
    a number of NumPy or Python, which ``+=`` does not change but replaces. `ordered` says whether NumPy's array would
    certainly lie in memory row by row, on which it depends whether a new shape is a view.
    """

    _leads = False  # whether this type's protocols come before those of other traced arrays
    scalar = False

    def __init__(self, value: Any, weak: bool = False, ordered: bool = True, scalar: bool = False):
        self._value: jax.Array | None = jnp.asarray(value)
        self.weak, self.scalar = weak, scalar or weak
        self._known = ordered or self._value.ndim < 2  # whether `frame` lies in memory as NumPy's array would
        self._twins: list[TracedArray] = []  # of which NumPy's may or may not share memory with this one

    @property
    def value(self) -> jax.Array:
        """The JAX array behind."""
        if self._value is None:
            raise NotTraceable(
                "an array is changed of which a reshape may be a view or a copy: reshape a .copy() of it"
            )
        return self._value

    @value.setter
    def value(self, new: jax.Array) -> None:
        self._value = new
        for other in self._twins:
            other._value = None

    @cached_property
    def frame(self) -> np.ndarray:
        """An array of this shape with whatever in it: NumPy's views of it tell what ours are like."""
        return np.empty(self.value.shape, np.int8)

    # -- what an array has ----

    shape = property(lambda self: self.frame.shape)
    size = property(lambda self: self.frame.size)
    ndim = property(lambda self: self.frame.ndim)
    dtype = property(lambda self: np.dtype(self.value.dtype))
    itemsize = property(lambda self: self.dtype.itemsize)
    nbytes = property(lambda self: self.size * self.itemsize)
    T = property(lambda self: self.transpose())
    real = property(lambda self: np.real(self))
    imag = property(lambda self: np.imag(self))
    mT = property(lambda self: np.matrix_transpose(self))

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self.shape} of {self.dtype}"

    def __getattr__(self, name: str) -> Any:
        if name in METHODS:
            return partial(getattr(np, name), self)
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        raise NotTraceable(f"the attribute {name} of an array")

    def item(self, *index: Any) -> TracedArray:
        """The only entry, or that at an index, as a Python number."""
        part = self if not index else self.reshape(-1)[index] if len(index) == 1 else self[index]
        return TracedArray(part.value.reshape(()), weak=True)

    def copy(self, order: str = "C") -> TracedArray:
        return TracedArray(self.value, self.weak, order == "C", self.scalar)

    __copy__ = copy

    def __deepcopy__(self, memo: Any) -> TracedArray:
        return self.copy()

    def astype(self, dtype: Any, *, copy: bool = True) -> TracedArray:
        if not copy and self.dtype == dtype:
            return self
        return TracedArray(self.value.astype(dtype), ordered=self.ordered, scalar=self.scalar)

    # -- views, and changes in place ----

    @property
    def ordered(self) -> bool:
        """Whether NumPy's array would certainly lie in memory row by row."""
        return self._known and self.frame.flags.c_contiguous

    def reshape(self, *shape: Any, **options: Any) -> TracedArray:
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, **options)  # type: ignore[call-overload]

    def ravel(self, **options: Any) -> TracedArray:
        return np.ravel(self, **options)  # type: ignore[return-value]

    def flatten(self) -> TracedArray:
        return self.reshape(-1).copy()

    def transpose(self, *axes: Any) -> TracedArray:
        return np.transpose(self, axes[0] if len(axes) == 1 else axes or None)  # type: ignore[return-value]

    def fill(self, value: Any) -> None:
        self[...] = value

    def _viewed(self, function: Callable, arguments: Any, options: dict[str, Any]) -> Any:
        """The result of a function whose result NumPy makes without a copy where it can."""
        arguments, options = unwrap(arguments), unwrap(options)
        if options.get("order", "C") != "C":
            raise NotTraceable(f"np.{function.__name__} with order={options['order']!r}")
        frame, ours = function(self.frame, *arguments, **options), twins.twin(function)

        def read(v: jax.Array) -> Any:
            return ours(v, *arguments, **options)

        if isinstance(frame, (list, tuple)):
            return [_View(self, f, lambda v, i=i: read(v)[i]) for i, f in enumerate(frame)]
        if function in _PERMUTED:
            axes = function(np.empty(range(self.ndim)), *arguments, **options).shape
            return _View(self, frame, read, lambda v, new: new.transpose(np.argsort(axes)))
        if function in _PICKED:
            return _View(self, frame, read)
        shape = frame.shape
        if self._known and not np.may_share_memory(frame, self.frame):
            return TracedArray(self.value.reshape(shape))
        if self._known or self.ndim < 2:
            return _View(self, frame, lambda v: v.reshape(shape), lambda v, new: new.reshape(v.shape))
        result = TracedArray(self.value.reshape(shape))
        result._twins, root = [self.root], self.root
        root._twins.append(result)
        return result

    @property
    def root(self) -> TracedArray:
        """The array that this one is a view of."""
        return self

    def __getitem__(self, index: Any) -> TracedArray:
        index, known = _as_index(index)
        frame = self.frame[known]  # raises what NumPy raises
        if any(np.ndim(i) or isinstance(i, (bool, np.bool_)) for i in _as_tuple(index)):
            return TracedArray(self.value.at[index].get(mode="fill"), ordered=False)
        if not isinstance(frame, np.ndarray):
            return TracedArray(self.value[index], scalar=True)
        return _View(self, frame, lambda v: v[index], lambda v, new: v.at[index].set(new))

    def __setitem__(self, index: Any, new: Any) -> None:
        old, new = self.value, jnp.asarray(unwrap(new)).astype(self.dtype)
        if index is Ellipsis:
            self.value = _fitted(new, old.shape)
            return
        if _is_mask(index):
            mask = index.value
            if new.ndim or mask.shape != old.shape[: mask.ndim]:
                raise NotTraceable("values are written where a mask says: use np.where")
            mask = mask.reshape(mask.shape + (1,) * (old.ndim - mask.ndim))
            self.value = jnp.where(mask, new, old)
            return
        index, known = _as_index(index)
        self.value = old.at[index].set(_fitted(new, self.frame[known].shape))

    # -- NumPy's protocols ----

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if not self._leads and any(getattr(i, "_leads", False) for i in inputs):
            return NotImplemented  # that type knows better
        if method == "at":
            return _add_at(ufunc, *inputs)
        if method == "reduce" and ufunc in _REDUCED:
            return _REDUCED[ufunc](*inputs, **{"axis": 0} | options)
        if method != "__call__":
            raise NotTraceable(f"np.{ufunc.__name__}.{method}")
        outs, dtype = options.pop("out", ()), options.pop("dtype", None)
        if options:
            raise NotTraceable(f"np.{ufunc.__name__} with {', '.join(options)}")
        inputs = tuple(map(_joined, inputs))
        types = [_type(value) for value in inputs]
        weak = all(isinstance(t, type) for t in types)  # a number made of Python numbers
        results = twins.ufunc(ufunc, unwrap(inputs), types, dtype)
        ordered = _ordered(inputs)

        def wrap(r: jax.Array) -> TracedArray:
            return TracedArray(r, weak, ordered, scalar=r.ndim == 0)

        if ufunc.nout == 1:
            return into(outs[0], wrap(results)) if outs else wrap(results)
        return tuple(map(into, outs or [None] * ufunc.nout, map(wrap, results)))  # type: ignore[arg-type]

    def __array_function__(self, function: Callable, types: Any, arguments: Any, options: Any) -> Any:
        if not self._leads and any(getattr(t, "_leads", False) for t in types):
            return NotImplemented
        if function in _SHAPED | _PERMUTED | _PICKED:
            if len(arguments) == 0 or not isinstance(arguments[0], TracedArray):
                raise NotTraceable(f"np.{function.__name__} with its first argument by name")
            return arguments[0]._viewed(function, arguments[1:], options)
        options = dict(options)
        out = options.pop("out", None)
        if options.get("copy") is False:
            raise NotTraceable(f"np.{function.__name__} with copy=False")
        if function is np.astype:
            return arguments[0].astype(*arguments[1:], **options)
        if function is np.clip:  # by its names of before
            options = {name.removeprefix("a_"): value for name, value in options.items()}
        like = twins.numpys(function, _samples(arguments), _samples(options))
        cast = partial(unwrap, cast=_casts([*_traced(arguments), *_traced(options)], like))
        result = twins.call(function, cast(arguments), cast(options), like)
        ordered = function is not np.einsum and _ordered(_traced(arguments))
        scalar = isinstance(like, np.generic)
        wrap = partial(TracedArray, ordered=ordered, scalar=scalar)
        result = jax.tree.map(lambda r: wrap(r) if isinstance(r, jax.Array) else r, result)
        return result if out is None else into(out, result)

    def _no_value(self, *_: Any, **__: Any) -> Any:
        raise NotTraceable("Python needs the value of an array (if, float, int, np.asarray)")

    __bool__ = __float__ = __int__ = __index__ = __complex__ = __array__ = tolist = _no_value


def _in_place(name: str) -> Callable:
    new, changed = (getattr(NDArrayOperatorsMixin, f"__{prefix}{name}__") for prefix in ("", "i"))

    def operator(self: TracedArray, other: Any) -> Any:
        return new(self, other) if self.scalar else changed(self, other)

    return operator


for _name in ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "and", "xor", "or"):
    setattr(TracedArray, f"__i{_name}__", _in_place(_name))


class _View(TracedArray):
    """A part of another array: reads what is there now, and writes into it."""

    def __init__(self, base: TracedArray, frame: np.ndarray, read: Callable, write: Callable | None = None):
        self._base, self.frame, self._read, self._write = base, frame, read, write
        self.weak, self._twins = base.weak, []
        self._known = base._known

    @property
    def value(self):
        return self._read(self._base.value)

    @value.setter
    def value(self, new):
        if self._write is None:
            raise NotTraceable(
                "a part of an array is written that is not an index, a new shape or its transpose"
            )
        self._base.value = self._write(self._base.value, new)

    @property
    def dtype(self):
        return super().dtype if self._write is None else self._base.dtype

    @property
    def root(self):
        return self._base.root


def unwrap(value: Any, cast: Callable | None = None) -> Any:
    """The JAX arrays behind, in containers too; `cast` makes one of an array."""
    if isinstance(value, TracedArray):
        return value.value if cast is None else cast(value)
    if isinstance(value, (list, tuple)):
        return type(value)(unwrap(v, cast) for v in value)
    if isinstance(value, dict):
        return {k: unwrap(v, cast) for k, v in value.items()}
    return value


def into(out: Any, result: Any) -> Any:
    """Write a result into an array given for it, as ``out=`` does; the result itself without one."""
    if out is None:
        return result
    out = out[0] if isinstance(out, tuple) else out
    if not isinstance(out, TracedArray):
        raise NotTraceable("a result is written into a NumPy array: make that with np.zeros_like")
    if not np.can_cast(result.dtype, out.dtype, "same_kind") or out.shape != np.broadcast_shapes(
        out.shape, result.shape
    ):
        raise NotTraceable(f"{result} is written into {out}: use .astype, or another shape")
    out[...] = result
    return out


def _add_at(ufunc: np.ufunc, target: Any, index: Any, values: Any = None) -> None:
    if not isinstance(target, TracedArray) or ufunc not in (np.add, np.subtract) or _is_mask(index):
        raise NotTraceable(f"np.{ufunc.__name__}.at into {type(target).__name__}")
    added = jnp.asarray(unwrap(values)).astype(target.dtype) * (1 if ufunc is np.add else -1)
    index, known = _as_index(index)
    target.frame[known]  # raises what NumPy raises
    target.value = target.value.at[index].add(added)


def _type(value: Any) -> Any:
    """A dtype; for a Python number its type, which is how NumPy tells them apart."""
    if isinstance(value, TracedArray):
        return {"f": float, "i": int}.get(value.dtype.kind, value.dtype) if value.weak else value.dtype
    if type(value) in (int, float, complex):
        return type(value)
    return np.asarray(value).dtype


def _joined(value: Any) -> Any:
    """A list with traced numbers or arrays in it as one array, as NumPy takes it."""
    if not isinstance(value, (list, tuple)) or not _traced(value):
        return value
    parts = [_joined(v) for v in value]
    dtypes = [v.dtype if isinstance(v, TracedArray) else np.asarray(v).dtype for v in parts]
    return TracedArray(jnp.stack([jnp.asarray(unwrap(v), np.result_type(*dtypes)) for v in parts]))


def _ordered(values: Any) -> bool:
    return all(value.ordered for value in values if isinstance(value, TracedArray) and value.ndim > 1)


def _traced(values: Any) -> list[TracedArray]:
    if isinstance(values, TracedArray):
        return [values]
    values = list(values.values()) if isinstance(values, dict) else values
    return [t for v in values for t in _traced(v)] if isinstance(values, (list, tuple)) else []


def _samples(values: Any) -> Any:
    """Small NumPy arrays in place of all arrays, matrices of floats invertible."""
    if isinstance(values, TracedArray) and values.weak:
        return 0.0 if values.dtype.kind == "f" else 0
    if isinstance(values, (TracedArray, np.ndarray)):
        one = np.ones((2,) * values.ndim, values.dtype)
        return one + np.eye(2, dtype=one.dtype) if values.ndim > 1 and one.dtype.kind == "f" else one
    if isinstance(values, (list, tuple)):
        return type(values)(map(_samples, values))
    if isinstance(values, dict):
        return {k: _samples(v) for k, v in values.items()}
    return values


def _casts(arrays: list[TracedArray], like: Any) -> Callable[[TracedArray], jax.Array]:
    """How the arguments of a function are cast before it, so that it computes in the dtype in which NumPy does."""
    strong = {array.dtype for array in arrays if not array.weak}
    like = like[0] if isinstance(like, (list, tuple)) and like else like
    wanted = like.dtype if isinstance(like, (np.ndarray, np.generic)) else None
    no_floats = wanted is not None and wanted.kind == "f" and not any(t.kind == "f" for t in strong)
    common = np.result_type(*strong) if strong else None

    def cast(array: TracedArray) -> jax.Array:
        value = array.value
        if array.weak:
            return value.astype(common) if common is not None and common.kind == "f" else value
        if wanted is None or (
            array.dtype.kind != wanted.kind and not (no_floats and array.dtype.kind in "iub")
        ):
            return value
        return value.astype(np.promote_types(array.dtype, wanted))

    return cast


def _as_index(index: Any) -> tuple[Any, Any]:
    """An index for JAX, and one for NumPy's frames, with zeros for what is not known."""
    parts = [np.asarray(i) if isinstance(i, list) and not _traced(i) else i for i in _as_tuple(index)]
    if any(map(_is_mask, parts)):
        raise NotTraceable("an array is indexed by a mask: use np.where")
    if any(isinstance(i, list) for i in parts):
        parts = [np.stack(i) if isinstance(i, list) else i for i in parts]  # type: ignore[arg-type]
    known = tuple(np.zeros(i.shape, i.dtype) if isinstance(i, TracedArray) else i for i in parts)
    return unwrap(tuple(parts)), known


def _is_mask(index: Any) -> bool:
    return isinstance(index, TracedArray) and index.dtype == bool


def _as_tuple(index: Any) -> tuple:
    return index if isinstance(index, tuple) else (index,)


def _fitted(new: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """Broadcast to a shape, as NumPy assigns: axes of length 1 that come before are left out."""
    extra = max(0, new.ndim - len(shape))
    if new.shape[:extra] == (1,) * extra:
        new = new.reshape(new.shape[extra:])
    return jnp.broadcast_to(new, shape)
