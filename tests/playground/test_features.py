"""Features: what a formula gives over the plane, and which formulas are refused, in both languages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaprop.playground.complaints import Complaint
from deltaprop.playground.features import Features, plain
from deltaprop.playground.settings import FEATURES

PLACES = np.random.default_rng(0).uniform(-6, 6, (50, 2))
EXPECTED = {
    "x": lambda x, y: x,
    "y": lambda x, y: y,
    "x**2": lambda x, y: x * x,
    "y**2": lambda x, y: y * y,
    "x*y": lambda x, y: x * y,
    "sin(x)": lambda x, y: np.sin(x),
    "sin(y)": lambda x, y: np.sin(y),
    "x² · sin(π·y)": lambda x, y: x * x * np.sin(np.pi * y),
    "x^3 - 2": lambda x, y: x * x * x - 2,
    "x³ ÷ 2": lambda x, y: x * x * x / 2,
    "maximum（x，－y）＋1": lambda x, y: np.maximum(x, -y) + 1,
    "exp(-(x**2 + y**2))": lambda x, y: np.exp(-x * x - y * y),
    "arctan2(y, x)": np.vectorize(lambda x, y: np.angle(x + 1j * y)),
    "where(x > y, x, y)": np.maximum,
    "cos(sqrt(abs(x)))": lambda x, y: np.cos(np.abs(x) ** 0.5),
    "H(x)": lambda x, y: (x >= 0).astype(float),
}


def test_the_features_of_a_click_are_all_known():
    assert set(FEATURES) <= set(EXPECTED)


@pytest.mark.parametrize("formula", EXPECTED)
def test_formulas(formula):
    features = Features((formula,))
    features.check(6.0)
    inputs = features(PLACES)
    assert inputs.dtype == np.float32
    np.testing.assert_allclose(inputs[:, 0], EXPECTED[formula](*PLACES.T), rtol=1e-6, atol=1e-6)
    python = plain(formula)
    np.testing.assert_array_equal(Features((python,))(PLACES), inputs)


@given(st.lists(st.sampled_from(sorted(EXPECTED)), min_size=1, max_size=16, unique=True), st.integers(1, 9))
def test_columns_are_in_the_order_of_the_formulas_and_places_do_not_matter_to_each_other(formulas, n):
    inputs = Features(tuple(formulas))(PLACES[:n])
    assert inputs.shape == (n, len(formulas))
    for i in range(n):
        np.testing.assert_array_equal(Features(tuple(formulas))(PLACES[i : i + 1])[0], inputs[i])


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("__import__('os').system('true')", "not allowed|unknown function"),
        ("x.__class__", "not allowed"),
        ("open('f')", "unknown function"),
        ("sum(x)", "unknown function sum"),
        ("mean(x)", "unknown function mean"),
        ("x @ y", "not allowed"),
        ("x.T", "not allowed"),
        ("[x, y]", "not allowed"),
        ("lambda: 1", "not allowed"),
        ("f = x", "cannot be read"),
        ("x; y", "cannot be read"),
        ("", "cannot be read"),
        ("x +", "cannot be read"),
        ("sin x", "cannot be read"),
        ("xy", "unknown name xy"),
        ("z + 1", "unknown name z"),
        ("sin(x, y)", "wrong arguments"),
        ("9" * 5000, "too long"),
        ("-" * 1900 + "x", "too long"),
        ("1 / x", "no finite value at x = 0"),
        ("log(x)", "no finite value"),
        ("exp(exp(x))", "no finite value"),
        ("x**1000", "no finite value"),
        ("1 / 0", "no finite value"),
        ("2", "same value everywhere"),
        ("x - x", "same value everywhere"),
        ("x ** 2 > -1", "same value everywhere"),
    ],
)
def test_others_are_refused_in_one_line(formula, said):
    with pytest.raises(Complaint, match=said) as refused:
        Features(("x", formula)).check(6.0)
    english, chinese = refused.value.text("en"), refused.value.text("zh")
    assert english != chinese
    for line in english, chinese:
        assert "\n" not in line
        assert "；" in line or "; " in line or "it " in line  # the remedy


def test_a_feature_twice_is_refused_however_it_is_written():
    with pytest.raises(Complaint, match="is there already"):
        Features(("x**2", "y", "x²")).check(6.0)


def test_a_place_beyond_the_plane_where_a_formula_is_infinite():
    features = Features(("exp(x)",))
    features.check(6.0)
    with pytest.raises(Complaint, match="x = 100"):
        features(np.array([[0.0, 0.0], [100.0, 0.0]]))


@given(st.text(max_size=40))
def test_any_text_is_a_feature_or_refused(text):
    features = Features((text,))
    try:
        features.check(6.0)
    except Complaint:
        return
    assert np.isfinite(features(PLACES)).all()
