"""Eigenvalues, trace and density beside NumPy's dense eigenvalues."""

import importlib

import numpy as np
import pytest
from scipy.linalg import eigh_tridiagonal
from scipy.sparse.linalg import aslinearoperator

from deltaprop import Dense, Network, Residual
from deltaprop.curvature import (
    GaussNewton,
    Hessian,
    condition_number,
    eigenvalues,
    estimate_trace,
    lanczos,
    power_method,
    spectral_density,
    spectrum,
)
from deltaprop.errors import InputError

module = "deltaprop.curvature"


def symmetric(values, seed=0):
    """A matrix with these eigenvalues and random vectors."""
    q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values), len(values))))
    return (q * values) @ q.T


@pytest.fixture
def case():
    rng = np.random.default_rng(4)
    layers = [Dense(6), "tanh", Residual([Dense(6), "tanh"]), Dense(2)]
    return Network(layers, inputs=3, seed=2), rng.normal(size=(50, 3)), rng.normal(size=(50, 2))


# ------------------------------------------------------------------------------------------------ eigenvalues


@pytest.mark.parametrize("size", [1, 2, 20, 600])  # the last one by ARPACK
@pytest.mark.parametrize("which", ["largest", "smallest", "magnitude"])
def test_eigenvalues_are_numpys(size, which):
    rng = np.random.default_rng(size)
    values = np.sort(
        np.where(np.arange(size) % 3, 0, 10 * rng.normal(size=size))
    )  # many are 0, as of a Hessian
    matrix, k = symmetric(values), min(3, size)
    order = {
        "largest": np.argsort(-values),
        "smallest": np.argsort(values),
        "magnitude": np.argsort(-abs(values)),
    }
    found = eigenvalues(aslinearoperator(matrix), k, which)
    np.testing.assert_allclose(found.values, values[order[which]][:k], atol=1e-8)
    np.testing.assert_allclose(matrix @ found.vectors, found.vectors * found.values, atol=1e-6)
    np.testing.assert_allclose(found.vectors.T @ found.vectors, np.eye(k), atol=1e-9)


@pytest.mark.parametrize("which", ["largest", "smallest", "magnitude"])
def test_where_many_eigenvalues_at_the_end_are_zero(which):
    found = eigenvalues(aslinearoperator(symmetric(np.append(np.zeros(590), np.arange(10)))), 2, which)
    np.testing.assert_allclose(found.values, [0, 0] if which == "smallest" else [9, 8], atol=1e-8)


@pytest.mark.parametrize("size", [5, 600])
def test_a_matrix_of_zeros(size):
    zero = aslinearoperator(np.zeros((size, size)))
    assert not eigenvalues(zero, 2).values.any()
    assert power_method(zero).value == power_method(zero).residual == 0
    assert estimate_trace(zero) == (0, 0)
    assert condition_number(zero) == np.inf
    assert spectral_density(zero).below(1e-9) == pytest.approx(1)


def test_power_method_finds_the_dominant_one_and_says_how_well():
    matrix = symmetric(np.array([-5.0, 4.0, 1.0, 0.0]))
    found = power_method(aslinearoperator(matrix), tolerance=1e-9)
    assert found.value == pytest.approx(-5, rel=1e-12)
    np.testing.assert_allclose(matrix @ found.vector, -5 * found.vector, atol=1e-7)
    rough = power_method(aslinearoperator(matrix), max_steps=3)
    assert np.abs(np.linalg.eigvalsh(matrix) - rough.value).min() <= rough.residual
    assert rough.residual > 1e-3


def test_condition_number_is_numpys():
    matrix = symmetric(np.array([-5.0, 4.0, 0.01]))
    assert condition_number(aslinearoperator(matrix)) == pytest.approx(np.linalg.cond(matrix))
    assert condition_number(aslinearoperator(symmetric(np.array([1.0, 3.0, 0.0])))) == np.inf


# ------------------------------------------------------------------------------------------ trace and density


def test_hutchinson_within_its_standard_error():
    matrix = symmetric(np.linspace(-1, 3, 60) ** 3)
    off = (matrix**2).sum() - (np.diag(matrix) ** 2).sum()
    estimates = [estimate_trace(aslinearoperator(matrix), draws=50, seed=seed) for seed in range(40)]
    errors = np.array([(e.value - np.trace(matrix)) / e.standard_error for e in estimates])
    assert 0.6 < (np.abs(errors) < 1).mean() < 0.9  # 68 % if the error is normal
    assert np.abs(errors).max() < 4
    wanted = (2 * off / 50) ** 0.5  # Var vᵀAv = 2 Σ a_ij² over i ≠ j
    assert np.mean([e.standard_error for e in estimates]) == pytest.approx(wanted, rel=0.1)


def test_lanczos_quadrature_is_exact_for_polynomials():
    """Gauss's rule with k nodes integrates vᵀ Aᵐ v for m < 2k."""
    matrix, v = symmetric(np.linspace(-2, 2, 30)), np.random.default_rng(1).normal(size=30)
    values, vectors = eigh_tridiagonal(*lanczos(aslinearoperator(matrix), v, 6))
    moments = [(vectors[0] ** 2 * values**m).sum() for m in range(13)]
    wanted = [v @ np.linalg.matrix_power(matrix, m) @ v / (v @ v) for m in range(13)]
    np.testing.assert_allclose(moments[:12], wanted[:12], atol=1e-10)
    assert abs(moments[12] - wanted[12]) > 1e-3


def test_lanczos_finds_all_eigenvalues_each_once():
    values = np.append(np.arange(40.0), [1e4, 1e6])
    found = eigh_tridiagonal(
        *lanczos(aslinearoperator(symmetric(values)), np.ones(42), 42), eigvals_only=True
    )
    np.testing.assert_allclose(found, values, atol=1e-7)


def test_lanczos_ends_where_the_krylov_space_does():
    diagonal, off_diagonal = lanczos(aslinearoperator(np.diag([1.0, 1.0, 3.0, 3.0])), np.ones(4), 4)
    assert len(diagonal) == 2
    np.testing.assert_allclose(eigh_tridiagonal(diagonal, off_diagonal, eigvals_only=True), [1, 3])


def test_density_beside_that_of_the_eigenvalues():
    values = np.concatenate([np.zeros(150), np.linspace(1, 3, 40), [10.0] * 10])
    density = spectral_density(aslinearoperator(symmetric(values)), steps=30, draws=60)
    assert density.weights.sum() == pytest.approx(1)
    assert density.below(0.5) == pytest.approx(0.75, abs=0.02)
    assert density.below(5) == pytest.approx(0.95, abs=0.02)
    for m in (1, 2, 3):
        assert density.moment(m) == pytest.approx((values**m).mean(), rel=0.15)
    line = np.linspace(-5, 15, 4001)
    assert density.density(line, 0.3).sum() * (line[1] - line[0]) == pytest.approx(1)


# ----------------------------------------------------------------------------------------- a network's spectrum


@pytest.mark.parametrize("kind", [Hessian, GaussNewton])
def test_spectrum_whole_and_by_layer(case, kind):
    result = spectrum(kind(*case))
    assert list(result.layers) == ["0", "2.0", "3"]
    for name, part in {None: result, **result.layers}.items():
        matrix = kind(*case, layer=name).dense()
        values = np.linalg.eigvalsh(matrix)
        assert part.exact
        assert part.size == len(matrix)
        np.testing.assert_allclose(part.largest, values[::-1][:5], atol=1e-12)
        assert part.smallest == pytest.approx(values[0], abs=1e-12)
        assert part.trace == pytest.approx((np.trace(matrix), 0))
        assert part.max_rate == pytest.approx(2 / values[-1])
        np.testing.assert_allclose(matrix @ part.vectors, part.vectors * part.largest, atol=1e-12)
        if part.condition_number < np.inf:
            assert part.condition_number == pytest.approx(np.linalg.cond(matrix), rel=1e-3)


def test_spectrum_of_many_parameters(case, monkeypatch):
    exact = spectrum(Hessian(*case))
    for name in ("spectrum", "eigenvalues"):
        monkeypatch.setattr(importlib.import_module(f"{module}.{name}"), "DENSE", 20)
    result = spectrum(Hessian(*case), k=3, steps=30, draws=20, trace_draws=400)
    assert not result.exact
    assert np.isnan(result.condition_number)
    np.testing.assert_allclose(result.largest, exact.largest[:3], atol=1e-8)
    assert result.smallest == pytest.approx(exact.smallest, rel=0.05)
    assert abs(result.trace.value - exact.trace.value) < 3 * result.trace.standard_error
    assert result.density.moment(1) * result.size == pytest.approx(exact.trace.value, rel=0.2)
    assert result.layers["3"].exact  # 14 parameters


def test_the_table_has_a_line_for_each_layer(case):
    lines = repr(spectrum(GaussNewton(*case))).splitlines()
    assert [line[:12].strip() for line in lines] == ["", "GaussNewton", "layer 0", "layer 2.0", "layer 3"]
    assert len({len(line) for line in lines}) == 1


def test_the_plot_shows_every_matrix(case):
    result = spectrum(Hessian(*case))
    axes = result.plot()
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["Hessian", "layer 0", "layer 2.0", "layer 3"]
    line = axes.lines[0]
    x, y = line.get_data()
    assert np.trapezoid(y, x) == pytest.approx(result.size, rel=1e-3)  # the area counts eigenvalues
    marks = axes.lines[-1].get_xdata()
    assert set(result.largest) < set(marks)


def test_progress_counts_products(case, monkeypatch, capsys):
    monkeypatch.setattr(importlib.import_module(f"{module}.progress"), "INTERVAL", 0)
    counts = []
    spectrum(Hessian(*case), layers=False, progress=counts.append)
    assert counts == list(range(1, 81))
    spectrum(Hessian(*case), layers=False, progress=True)
    assert "spectrum: 80 products" in capsys.readouterr().err
    spectrum(Hessian(*case), layers=False, progress=False)
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda a: eigenvalues(a, 9), r"eigenvalues: k is 9, expected an integer in \[1, 4\]"),
        (
            lambda a: eigenvalues(a, which="SM"),
            r"eigenvalues: which is 'SM', expected one of largest, smallest",
        ),
        (lambda a: estimate_trace(a, draws=1), r"estimate_trace: draws is 1"),
        (lambda a: spectral_density(a, steps=0), r"spectral_density: steps is 0"),
        (lambda a: power_method(a, seed=-1), r"power_method: seed is -1"),
        (
            lambda a: power_method(aslinearoperator(np.ones((2, 3)))),
            r"power_method: operator has shape \(2, 3\)",
        ),
    ],
)
def test_bad_arguments_are_refused(call, words):
    with pytest.raises(InputError, match="^" + words):
        call(aslinearoperator(np.eye(4)))


@pytest.mark.parametrize("options", [{"k": 0}, {"draws": 0}, {"trace_draws": 1}, {"progress": "yes"}])
def test_bad_options_of_a_spectrum_are_refused(case, options):
    with pytest.raises(InputError, match=f"^spectrum: {next(iter(options))} is"):
        spectrum(Hessian(*case), **options)
