"""What JAX has for a function of NumPy, with the types that NumPy's would have."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

#: How products of float32 matrices are computed: "float32", or with operands rounded to "tf32" or "bf16".
PRECISIONS = ("float32", "tf32", "bf16")
_precision: ContextVar[str] = ContextVar("precision", default="float32")

#: Functions that multiply matrices; ufuncs with a signature do so too.
PRODUCTS = {np.einsum, np.dot, np.inner, np.vdot, np.tensordot}

_DIVISIONS = {np.floor_divide, np.remainder, np.fmod, np.divmod}


class NotTraceable(Exception):
    """The code needs the value of an array in Python, or calls what has no counterpart in JAX."""


@contextmanager
def precision(name: str):
    """Within it, products of float32 matrices are recorded with this precision."""
    token = _precision.set(name)
    try:
        yield
    finally:
        _precision.reset(token)


def twin(function: Any) -> Callable:
    """JAX's function for one of NumPy or of ``scipy.special``."""
    name = getattr(function, "__name__", repr(function))
    libraries: list[tuple[Any, Any]] = [(np, jnp), (np.linalg, jnp.linalg), (np.fft, jnp.fft)]
    if "scipy.special" in sys.modules:
        libraries.append((sys.modules["scipy.special"], jax.scipy.special))
    for theirs, ours in libraries:
        if getattr(theirs, name, None) is function and hasattr(ours, name):
            return getattr(ours, name)
    raise NotTraceable(f"{name} has no counterpart in JAX")


def ufunc(function: np.ufunc, operands: Sequence[Any], types: Sequence[Any], dtype: Any) -> Any:
    """JAX's result, a tuple if there are several; the types are dtypes, or int and float for Python's numbers."""
    ours, outputs = twin(function), [None] * function.nout
    loop = {}  # the loop that `dtype` asks for
    if dtype is not None:
        loop["signature"] = (*[None] * function.nin, *[np.dtype(dtype)] * function.nout)
    if all(t is int for t in types):  # of which NumPy would make objects
        types = [np.dtype(np.int64)] * len(types)
    resolved = function.resolve_dtypes((*types, *outputs), **loop)
    given, operands = operands, [jnp.asarray(v, t) for v, t in zip(operands, resolved, strict=False)]
    whole = resolved[0].kind in "iu"
    if function.signature is not None:
        result = ours(*rounded(operands), **product_options(resolved[-1]))
    elif function in _DIVISIONS and whole:
        result = _divided(ours, *operands)
    elif function is np.power and whole and resolved[1].kind == "i" and not _not_negative(given[1]):
        raise NotTraceable("a power of integers whose exponent may be negative: make the base a float")
    else:
        result = ours(*operands)
    if isinstance(result, tuple):
        return tuple(r.astype(t) for r, t in zip(result, resolved[function.nin :], strict=True))
    return result.astype(resolved[-1])


def call(function: Any, arguments: Sequence[Any], options: dict[str, Any], like: Any) -> Any:
    """JAX's result of a function that is not a ufunc, with the dtype of `like`, NumPy's result for other arrays."""
    if function in PRODUCTS:
        arguments, options = rounded(arguments), options | product_options()
    ours = twin(function)
    try:
        try:
            result = ours(*arguments, **options)
        except TypeError:  # JAX takes no list where it wants an array
            result = ours(*[jnp.asarray(a) if isinstance(a, list) else a for a in arguments], **options)
    except jax.errors.ConcretizationTypeError as error:
        name = function.__name__
        raise NotTraceable(f"the shape of np.{name}'s result depends on the values of an array") from error
    if isinstance(like, np.dtype):  # np.result_type
        return like
    if isinstance(result, jax.Array) and isinstance(like, (np.ndarray, np.generic)):
        return result.astype(like.dtype)
    if isinstance(result, (list, tuple)) and isinstance(like, (list, tuple)) and len(result) == len(like):
        pairs = zip(result, like, strict=True)
        return [r.astype(l.dtype) if isinstance(l, (np.ndarray, np.generic)) else r for r, l in pairs]
    return result


def numpys(function: Any, arguments: Any, options: dict[str, Any]) -> Any:
    """NumPy's own result for small arrays, which tells the dtype; None where it does not take them."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return function(*arguments, **options)
        except (TypeError, ValueError, IndexError, ArithmeticError, np.linalg.LinAlgError):
            return None


def rounded(operands: Sequence[Any]) -> list[Any]:
    """The operands of a product; float32 ones rounded to bfloat16 where that precision is asked for."""
    if _precision.get() != "bf16":
        return list(operands)
    return [v.astype(jnp.bfloat16) if getattr(v, "dtype", None) == np.float32 else v for v in operands]


def product_options(dtype: Any = None) -> dict[str, Any]:
    """How JAX is to compute a product: XLA rounds float32 operands on some devices unless told otherwise."""
    name = _precision.get()
    if name == "bf16":
        return {"preferred_element_type": dtype or np.float32}
    return {"precision": lax.Precision.DEFAULT if name == "tf32" else lax.Precision.HIGHEST}


def _divided(function: Callable, a: jax.Array, b: jax.Array) -> Any:
    """A division of integers, 0 where the divisor is."""
    zero = b == 0
    result = function(a, jnp.where(zero, 1, b))
    return jax.tree.map(lambda r: jnp.where(zero, 0, r), result)


def _not_negative(exponent: Any) -> bool:
    """Whether its values are known, and none is below 0."""
    return not isinstance(exponent, jax.Array) and bool((np.asarray(exponent) >= 0).all())
