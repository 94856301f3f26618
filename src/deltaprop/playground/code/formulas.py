"""Formulas of features as NumPy source."""

from __future__ import annotations

import ast

from ...formula import SIGNS


def as_numpy(formula: str) -> str:
    """A checked formula of x and y, as Python computes it with NumPy's functions.

    >>> as_numpy("sin(π·x) + y²"), as_numpy("relu(x) * (y > 1)")
    ('np.sin(np.pi * x) + y ** 2.0', 'np.maximum(x, 0.0) * ((y > 1.0) * 1.0)')
    """
    tree = ast.parse(formula.translate(SIGNS).strip(), mode="eval")
    return ast.unparse(ast.fix_missing_locations(_ToNumPy().visit(tree)))


class _ToNumPy(ast.NodeTransformer):
    """Numbers become floats, comparisons 0 or 1, names of functions NumPy's."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Constant(float(node.value))  # type: ignore[arg-type]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return _numpy("pi") if node.id == "pi" else node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        return ast.BinOp(node, ast.Mult(), ast.Constant(1.0))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        arguments = [self.visit(argument) for argument in node.args]
        match node.func:
            case ast.Name(id="relu"):
                return ast.Call(_numpy("maximum"), [*arguments, ast.Constant(0.0)], [])
            case ast.Name(id="H"):
                return ast.Call(_numpy("heaviside"), [*arguments, ast.Constant(1.0)], [])
            case ast.Name(id="sigmoid"):  # a function of the program
                return ast.Call(node.func, arguments, [])
            case ast.Name(id=name):
                return ast.Call(_numpy(name), arguments, [])
        raise ValueError("a checked formula calls functions by name only")


def _numpy(name: str) -> ast.expr:
    return ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())
