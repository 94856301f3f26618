"""Formulas compute what Python would, and nothing else can be written in them."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deltaprop.errors import InputError
from deltaprop.formula import evaluate

NAMES = {
    "x": np.array([[1.0, 2.0, -3.0]]),
    "w": np.array([[0.5, -1.0, 2.0], [1.0, 0.0, 4.0]]),
    "n": np.array(2.0),
}
PYTHON = {
    **{name: getattr(np, name) for name in ("sum", "mean", "max", "exp", "maximum", "where", "tanh")},
    "H": lambda z: np.heaviside(z, 1.0),
}

LEAVES = st.sampled_from(["x", "w", "n", "2.5", "0.1", "[1, 2, 3]"])
FORMULAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "@", ">", "<="]), inner).map(
            lambda p: f"({' '.join(p)})"
        ),
        inner.map(lambda f: f"(-{f})"),
        inner.map(lambda f: f"exp({f})"),
        inner.map(lambda f: f"sum({f}, axis=0)"),
        inner.map(lambda f: f"max({f}, axis=1, keepdims=True)"),
        inner.map(lambda f: f"H({f})"),
        st.tuples(inner, inner).map(lambda p: f"maximum({p[0]}, {p[1]})"),
        inner.map(lambda f: f"({f}).T"),
    ),
    max_leaves=6,
)


@settings(max_examples=60)
@given(FORMULAS)
def test_a_formula_is_what_python_computes(formula):
    text = (
        formula.replace("[1, 2, 3]", "array([1.0, 2.0, 3.0])")
        .replace("2.5", "array(2.5)")
        .replace("0.1", "array(0.1)")
    )
    with np.errstate(all="ignore"):
        try:
            expected = eval(text, {"__builtins__": {}, "array": np.array, **PYTHON}, dict(NAMES))
        except (ValueError, TypeError, AttributeError):
            expected = None
    if expected is None:
        with pytest.raises(InputError):
            evaluate(formula, NAMES)
    else:
        value = evaluate(formula, NAMES)[""][0]
        np.testing.assert_array_equal(value, np.asarray(expected, float))


@settings(max_examples=60)
@example("(" * 300)
@example("-" * 1500 + "1")
@example("x" + ".T" * 900)
@example("\0")
@example("1e999 * x")
@example("9" * 1999)
@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_refused_in_one_line(text):
    message = ""
    try:
        evaluate(text, NAMES)
    except InputError as error:
        message = str(error)
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "x.__class__",
        "().__class__.__bases__",
        "open('f')",
        "x.tofile('f')",
        "(lambda: 1)()",
        "[y for y in x]",
        "x[0]",
        "'text'",
        "f'{x}'",
        "True",
        "1j",
        "import os",
        "def f(): pass",
        "x: int = 1",
        "x += 1",
        "a = b = x",
        "(x := 1)",
        "x if x else w",
        "x and w",
        "1 < x < 2",
        "exp(x, x)",
        "exp(*x)",
        "sum(x, **{'axis': 0})",
        "sum(x, axis=w)",
        "sum(x, axis=7)",
        "sum(x, x)",
        "sum(x, dtype=1)",
        "exp(x, out=x)",
        "where(x)",
        "sum()",
        "x @ w",
        "x + [1, 2]",
        "[x, [1]]",
        "sigmoid.f(x)",
    ],
)
def test_nothing_else_can_be_written(text):
    before = {name: value.copy() for name, value in NAMES.items()}
    with pytest.raises(InputError, match=r"^Formula: .*; [a-z ,]+\.$"):
        evaluate(text, NAMES)
    for name, value in before.items():
        np.testing.assert_array_equal(NAMES[name], value)


def test_large_results_are_refused_before_they_are_computed():
    names = {"c": np.ones((5000, 1)), "r": np.ones((1, 5000))}
    for text in ("c + r", "c * r", "c @ r", "dot(c, r)", "maximum(c, r)", "where(c, r, c)"):
        with pytest.raises(InputError, match="too large"):
            evaluate(text, names)
    with pytest.raises(InputError, match="has 2001 characters"):
        evaluate("1" * 2001, {})
    assert evaluate("9.0 ** 9 ** 9 ** 9", {})[""][0] == np.inf


def test_signs_of_books_are_understood():
    value = evaluate("y = w ⊙ 2 · n − 1; y ᵀ", NAMES)[""][0]
    np.testing.assert_array_equal(value, (NAMES["w"] * 4 - 1).T)


def test_numbers_only_is_known():
    values = evaluate("a = [1, 2]; b = -1; c = a + b", {})
    assert {name: numbers for name, (_, numbers) in values.items()} == {"a": True, "b": True, "c": False}


@pytest.mark.parametrize(
    "text", ["a" + ".b" * 990 + " = 1", "a = " + "-" * 1900 + "1", "(" * 500 + "1" + ")" * 500]
)
def test_deep_nesting_is_refused_in_one_line(text):
    with pytest.raises(InputError, match=r"nested|cannot be read"):
        evaluate(text, {})
