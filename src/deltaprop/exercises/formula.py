"""Formulas over arrays, evaluated from their syntax tree: only listed operations, functions and names exist."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import partial
from math import prod
from typing import Any

import numpy as np

from ..errors import InputError, short
from ..functions.activations import Sigmoid

MAX_LENGTH = 2000  # characters of a formula
MAX_SIZE = 10_000  # entries of an array

#: How formulas may also be written.
SIGNS = str.maketrans({"−": "-", "·": "*", "⊙": "*", "×": "*", "ᵀ": ".T", "²": "**2"})

OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
    ast.MatMult: np.matmul,
    ast.UAdd: np.positive,
    ast.USub: np.negative,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Eq: np.equal,
}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": np.sum,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "tanh": np.tanh,
    "sigmoid": Sigmoid().f,
    "relu": lambda z: np.maximum(z, 0.0),
    "H": lambda z: np.heaviside(z, 1.0),
    "transpose": np.transpose,
    "dot": np.matmul,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "where": np.where,
}
REDUCTIONS = ("sum", "mean", "max", "min")  # they take axis and keepdims
ARGUMENTS = {"dot": 2, "maximum": 2, "minimum": 2, "where": 3}  # of others 1


def evaluate(text: str, names: Mapping[str, Any]) -> dict[str, tuple[np.ndarray, bool]]:
    """The values of assignments ``name = formula``, separated by ``;`` or line breaks; later ones may use earlier.

    Each value comes with whether it is numbers only. A formula without a name has the name "".

    Raises
    ------
    InputError
        If the text is no such formula, or cannot be computed.

    Examples
    --------
    >>> values = evaluate("s = exp(z); y = s / sum(s)", {"z": np.zeros(2)})
    >>> print(values["y"][0])
    [0.5 0.5]
    >>> evaluate("__import__('os')", {})
    Traceback (most recent call last):
    ...
    deltaprop.errors.InputError: Formula: the function '__import__' is unknown, expected one of sum, mean, max, ...
    """
    if len(text) > MAX_LENGTH:
        raise InputError(
            f"Formula: it has {len(text)} characters, expected at most {MAX_LENGTH}; shorten it."
        )
    try:
        tree = ast.parse(text.translate(SIGNS).strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(
            f"Formula: {short(text)} cannot be read, expected such as delta.T @ x / n; check brackets and operators."
        ) from None
    try:
        return _assignments(tree, {name: np.asarray(value, float) for name, value in names.items()})
    except RecursionError:
        raise InputError("Formula: it is nested too deeply, expected a shorter one; shorten it.") from None


def _assignments(tree: ast.Module, known: dict[str, np.ndarray]) -> dict[str, tuple[np.ndarray, bool]]:
    """The values of all lines, by name."""
    found: dict[str, tuple[np.ndarray, bool]] = {}
    for line in tree.body:
        if isinstance(line, ast.Assign) and len(line.targets) == 1 and isinstance(line.targets[0], ast.Name):
            name = line.targets[0].id
        elif isinstance(line, ast.Expr):
            name = ""
        else:
            raise InputError(f"Formula: {short(ast.unparse(line))}, expected name = formula; write it so.")
        with np.errstate(all="ignore"):
            value = _value(line.value, known)
        found[name] = value, not any(isinstance(node, ast.Name) for node in ast.walk(line.value))
        known[name] = value
    return found


def _value(node: ast.AST, names: Mapping[str, np.ndarray]) -> np.ndarray:
    """The value of a part of the tree."""
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _number(number)
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.Name(id=name):
            raise InputError(
                f"Formula: the name {short(name)} is unknown, expected {_listed(names)}; use these."
            )
        case ast.List() | ast.Tuple():
            return _array([_value(part, names) for part in node.elts])
        case ast.UnaryOp(op=op) if type(op) in OPERATORS:
            return _apply(node, OPERATORS[type(op)], [_value(node.operand, names)])
        case ast.BinOp(op=op) if type(op) in OPERATORS:
            return _apply(node, OPERATORS[type(op)], [_value(node.left, names), _value(node.right, names)])
        case ast.Compare(ops=[op]) if type(op) in OPERATORS:
            return _apply(
                node, OPERATORS[type(op)], [_value(node.left, names), _value(node.comparators[0], names)]
            )
        case ast.Attribute(attr="T"):
            return _value(node.value, names).T
        case ast.Call(func=ast.Name(id=name)):
            return _call(node, name, names)
    wanted = "numbers, names, + - * / ** @ .T, comparisons and functions"
    raise InputError(f"Formula: {short(ast.unparse(node))} is not allowed, expected {wanted}; use these.")


def _call(node: ast.Call, name: str, names: Mapping[str, np.ndarray]) -> np.ndarray:
    if name not in FUNCTIONS:
        known = ", ".join(FUNCTIONS)
        raise InputError(
            f"Formula: the function {short(name)} is unknown, expected one of {known}; use these."
        )
    options = {str(keyword.arg): _option(keyword) for keyword in node.keywords}
    arguments = list(node.args)
    if name in REDUCTIONS and len(arguments) == 2:  # sum(x, 0)
        options["axis"] = _option(ast.keyword("axis", arguments.pop()))
    count = ARGUMENTS.get(name, 1)
    if len(arguments) != count or None in options.values() or (options and name not in REDUCTIONS):
        wanted = f"{count} argument{'s' * (count > 1)}" + ", axis=0 or 1, keepdims=True" * (
            name in REDUCTIONS
        )
        raise InputError(f"Formula: {short(ast.unparse(node))}, expected {name} with {wanted}; write it so.")
    values = [_value(argument, names) for argument in arguments]
    function = FUNCTIONS[name]
    return _apply(node, partial(function, **options) if options else function, values)


def _option(keyword: ast.keyword) -> int | bool | None:
    """The value of ``axis=`` or ``keepdims=``; None where it is neither."""
    try:
        value = ast.literal_eval(keyword.value)
    except (ValueError, TypeError, RecursionError):
        return None
    if keyword.arg == "keepdims":
        return value if isinstance(value, bool) else None
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if keyword.arg == "axis" and whole and -2 <= value <= 1 else None


def _apply(node: ast.AST, function: Callable[..., Any], values: list[np.ndarray]) -> np.ndarray:
    """A function of arrays of at most two axes; refused where shapes do not fit, or the result would be too large."""
    try:
        if function is np.matmul:
            too_large = values[0].size * values[1].size > 100 * MAX_SIZE
        else:
            too_large = prod(np.broadcast_shapes(*(value.shape for value in values))) > MAX_SIZE
        if not too_large:
            return np.asarray(function(*values), float)
    except (ValueError, np.exceptions.AxisError):
        shapes = " and ".join(str(value.shape) for value in values)
        raise InputError(
            f"Formula: {short(ast.unparse(node))} has arguments of shapes {shapes}, expected shapes that fit; "
            "transpose one, or give other arguments."
        ) from None
    raise InputError(
        f"Formula: {short(ast.unparse(node))} is too large, expected at most {MAX_SIZE} entries; shorten it."
    )


def _array(parts: list[np.ndarray]) -> np.ndarray:
    if any(part.ndim > 1 or part.shape != parts[0].shape for part in parts):
        raise InputError("Formula: a list has parts of different shapes, expected equal rows; complete them.")
    return np.array(parts, float)


def _number(value: float) -> np.ndarray:
    try:
        return np.asarray(float(value))
    except OverflowError:
        raise InputError(
            "Formula: a number is beyond the range of floats, expected a smaller one; change it."
        ) from None


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(name for name in names if name) or "no names"
