"""The inputs of a network as formulas of x and y, the coordinates of the plane."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import numpy as np

from ..formula import ELEMENTWISE, SIGNS, FormulaError, evaluate_elementwise
from .complaints import Complaint

LARGEST = float(np.finfo(np.float32).max)
MISTAKES = (
    "name",
    "function",
    "arguments",
    "part",
    "length",
)  # of which a complaint tells; of others: not readable


@dataclass(frozen=True)
class Features:
    """Formulas of x and y that lead from the plane to the inputs.

    >>> Features(("x", "x*y", "sin(pi * y)"))(np.array([[2.0, 0.5]])).tolist()
    [[2.0, 1.0, 1.0]]
    """

    formulas: tuple[str, ...]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Places (m, 2) → inputs (m, d) float32."""
        x = np.asarray(x, np.float64)
        inputs = np.empty((len(x), len(self.formulas)), np.float32)
        for j, formula in enumerate(self.formulas):
            inputs[:, j] = _values(formula, x)
        return inputs

    def check(self, extent: float) -> None:
        """Refuse formulas that cannot be computed everywhere on the plane, vary nowhere, or occur twice."""
        axis = np.linspace(-extent, extent, 81)  # with 0
        plane = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        seen = set()
        for formula in self.formulas:
            values = _values(formula, plane)
            if np.ptp(values) == 0.0:
                raise Complaint("formula_constant", formula=formula)
            if plain(formula) in seen:
                raise Complaint("formula_twice", formula=formula)
            seen.add(plain(formula))


def plain(formula: str) -> str:
    """A formula as Python writes it.

    >>> plain("x² · sin(π*y)")
    'x ** 2 * sin(pi * y)'
    """
    return ast.unparse(ast.parse(formula.translate(SIGNS).strip()))


def _values(formula: str, x: np.ndarray) -> np.ndarray:
    """A formula at places (m, 2): float64 (m,), or () where it has neither x nor y."""
    try:
        values = evaluate_elementwise(formula, {"x": x[:, 0], "y": x[:, 1]})
    except FormulaError as error:
        functions = ", ".join(ELEMENTWISE)
        key = f"formula_{error.kind}" if error.kind in MISTAKES else "formula_syntax"
        raise Complaint(key, formula=formula, part=error.part, functions=functions) from None
    bad = ~(np.abs(values) <= LARGEST)
    if bad.any():
        place = x[np.argmax(bad)] if values.ndim else x[0]
        raise Complaint("formula_infinite", formula=formula, x=place[0], y=place[1])
    return values
