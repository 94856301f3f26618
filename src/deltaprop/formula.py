"""Formulas over arrays, evaluated from their syntax tree: only listed operations, functions and names exist.

`evaluate` knows matrices and sums, `evaluate_elementwise` only what treats each entry by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import partial
from math import prod
from typing import Any

import numpy as np

from .errors import InputError, short
from .functions.activations import Sigmoid

MAX_LENGTH = 2000  # characters of a formula
MAX_SIZE = 10_000  # entries of an array

#: How formulas may also be written.
SIGNS = str.maketrans({"²": "**2", "³": "**3", "ᵀ": ".T", "^": "**", "π": "pi"}) | str.maketrans(
    "−·⊙×÷（），＋－＊／", "-***/(),+-*/"
)

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

CONSTANTS = {"pi": np.pi}

ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sigmoid": Sigmoid().f,
    "relu": lambda z: np.maximum(z, 0.0),
    "H": lambda z: np.heaviside(z, 1.0),
    "maximum": np.maximum,
    "minimum": np.minimum,
    "arctan2": np.arctan2,
    "where": np.where,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": np.sum,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "transpose": np.transpose,
    "dot": np.matmul,
    **ELEMENTWISE,
}
REDUCTIONS = ("sum", "mean", "max", "min")  # they take axis and keepdims
ARGUMENTS = {"dot": 2, "maximum": 2, "minimum": 2, "arctan2": 2, "where": 3}  # of others 1


class FormulaError(InputError):
    """A formula that cannot be computed: `kind` names the mistake in one word, `part` is what it is about."""

    def __init__(self, kind: str, part: str, message: str):
        self.kind, self.part = kind, part
        super().__init__(f"Formula: {message}")


def evaluate(text: str, names: Mapping[str, Any]) -> dict[str, tuple[np.ndarray, bool]]:
    """The values of assignments ``name = formula``, separated by ``;`` or line breaks; later ones may use earlier.

    Each value comes with whether it is numbers only. A formula without a name has the name "".

    Raises
    ------
    FormulaError
        If the text is no such formula, or cannot be computed.

    Examples
    --------
    >>> values = evaluate("s = exp(z); y = s / sum(s)", {"z": np.zeros(2)})
    >>> print(values["y"][0])
    [0.5 0.5]
    >>> evaluate("__import__('os')", {})
    Traceback (most recent call last):
    ...
    deltaprop.formula.FormulaError: Formula: the function '__import__' is unknown, expected one of sum, mean, max, ...
    """
    return _guarded(lambda: _assignments(_parse(text), _arrays(names)))


def evaluate_elementwise(text: str, names: Mapping[str, Any]) -> np.ndarray:
    """The value of one formula in which no entry depends on the others: no sums, matrix products or lists.

    Raises
    ------
    FormulaError
        If the text is no such formula, or cannot be computed.

    Examples
    --------
    >>> evaluate_elementwise("sin(pi * x) + y^2", {"x": np.array([0.0, 0.5]), "y": np.array([2.0, 3.0])}).tolist()
    [4.0, 10.0]
    """

    def compute() -> np.ndarray:
        tree = _parse(text)
        if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
            raise FormulaError(
                "form", text, f"{short(text)}, expected one formula without =; write the value alone."
            )
        for node in ast.walk(tree):
            _refuse_mixing(node)
        with np.errstate(all="ignore"):
            return _value(tree.body[0].value, _arrays(names))

    return _guarded(compute)


def _parse(text: str) -> ast.Module:
    if len(text) > MAX_LENGTH:
        found = f"it has {len(text)} characters"
        raise FormulaError("length", str(len(text)), f"{found}, expected at most {MAX_LENGTH}; shorten it.")
    try:
        return ast.parse(text.translate(SIGNS).strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        wanted = "such as delta.T @ x / n; check brackets and operators"
        raise FormulaError("syntax", text, f"{short(text)} cannot be read, expected {wanted}.") from None


def _guarded(compute: Callable[[], Any]) -> Any:
    try:
        return compute()
    except RecursionError:
        found = "it is nested too deeply, expected a shorter one; shorten it."
        raise FormulaError("length", "", found) from None


def _arrays(names: Mapping[str, Any]) -> dict[str, np.ndarray]:
    return {name: np.asarray(value, float) for name, value in names.items()}


def _refuse_mixing(node: ast.AST) -> None:
    """Refuse what computes an entry from others than those in its place."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name not in ELEMENTWISE:
            raise _unknown_function(name, ELEMENTWISE)
        case ast.BinOp(op=ast.MatMult()) | ast.List() | ast.Tuple() | ast.Attribute():
            raise _not_allowed(node, "numbers, names, + - * / **, comparisons and functions")


def _assignments(tree: ast.Module, known: dict[str, np.ndarray]) -> dict[str, tuple[np.ndarray, bool]]:
    """The values of all lines, by name."""
    found: dict[str, tuple[np.ndarray, bool]] = {}
    for line in tree.body:
        if isinstance(line, ast.Assign) and len(line.targets) == 1 and isinstance(line.targets[0], ast.Name):
            name = line.targets[0].id
        elif isinstance(line, ast.Expr):
            name = ""
        else:
            written = ast.unparse(line)
            raise FormulaError("form", written, f"{short(written)}, expected name = formula; write it so.")
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
        case ast.Name(id=name) if name in CONSTANTS:
            return np.asarray(CONSTANTS[name])
        case ast.Name(id=name):
            found = f"the name {short(name)} is unknown"
            raise FormulaError("name", name, f"{found}, expected {_listed(names)}; use these.")
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
    raise _not_allowed(node, "numbers, names, + - * / ** @ .T, comparisons and functions")


def _call(node: ast.Call, name: str, names: Mapping[str, np.ndarray]) -> np.ndarray:
    if name not in FUNCTIONS:
        raise _unknown_function(name, FUNCTIONS)
    options = {str(keyword.arg): _option(keyword) for keyword in node.keywords}
    arguments = list(node.args)
    if name in REDUCTIONS and len(arguments) == 2:  # sum(x, 0)
        options["axis"] = _option(ast.keyword("axis", arguments.pop()))
    count = ARGUMENTS.get(name, 1)
    if len(arguments) != count or None in options.values() or (options and name not in REDUCTIONS):
        wanted = f"{count} argument{'s' * (count > 1)}" + ", axis=0 or 1, keepdims=True" * (
            name in REDUCTIONS
        )
        found = ast.unparse(node)
        raise FormulaError("arguments", found, f"{short(found)}, expected {name} with {wanted}; write it so.")
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
            size = prod(np.broadcast_shapes(*(value.shape for value in values)))
            too_large = size > max(MAX_SIZE, *(value.size for value in values))
        if not too_large:
            return np.asarray(function(*values), float)
    except (ValueError, np.exceptions.AxisError):
        shapes = " and ".join(str(value.shape) for value in values)
        found = f"{short(ast.unparse(node))} has arguments of shapes {shapes}"
        remedy = "expected shapes that fit; transpose one, or give other arguments"
        raise FormulaError("shapes", ast.unparse(node), f"{found}, {remedy}.") from None
    found = f"{short(ast.unparse(node))} is too large"
    raise FormulaError(
        "size", ast.unparse(node), f"{found}, expected at most {MAX_SIZE} entries; shorten it."
    )


def _array(parts: list[np.ndarray]) -> np.ndarray:
    if any(part.ndim > 1 or part.shape != parts[0].shape for part in parts):
        found = "a list has parts of different shapes, expected equal rows; complete them."
        raise FormulaError("shapes", "", found)
    return np.array(parts, float)


def _number(value: float) -> np.ndarray:
    try:
        return np.asarray(float(value))
    except OverflowError:
        found = "a number is beyond the range of floats, expected a smaller one; change it."
        raise FormulaError("number", "", found) from None


def _unknown_function(name: str, known: Mapping[str, Any]) -> FormulaError:
    found, wanted = f"the function {short(name)} is unknown", f"one of {', '.join(known)}"
    return FormulaError("function", name, f"{found}, expected {wanted}; use these.")


def _not_allowed(node: ast.AST, wanted: str) -> FormulaError:
    found = ast.unparse(node)
    return FormulaError("part", found, f"{short(found)} is not allowed, expected {wanted}; use these.")


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(name for name in names if name) or "no names"
