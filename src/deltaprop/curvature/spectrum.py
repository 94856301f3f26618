"""The spectrum of a network's curvature, whole and layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import eigh
from scipy.sparse.linalg import LinearOperator

from .. import errors
from .eigenvalues import DENSE, dense, eigenvalues, ratio
from .lanczos import Estimate, SpectralDensity, estimate_trace, spectral_density
from .operators import Curvature
from .progress import Products

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TOLERANCE = 1e-6  # of the largest eigenvalues, where not all are computed


@dataclass(frozen=True, eq=False, repr=False)
class Spectrum:
    """What is known of the eigenvalues of a Hessian or Gauss–Newton matrix.

    Attributes
    ----------
    name : str
        Of the matrix, and of the layer it is restricted to.
    size : int
        Number of parameters.
    exact : bool
        Whether all eigenvalues were computed; trace and density are then exact too.
    largest : ndarray of shape (k,)
        The k largest eigenvalues, in descending order.
    vectors : ndarray of shape (size, k)
        Their vectors, in theta's layout.
    smallest : float
        The smallest eigenvalue; unless `exact` an estimate from above, by Lanczos.
    trace : Estimate
        ``value`` and ``standard_error``.
    condition_number : float
        Largest magnitude over smallest; NaN unless `exact`.
    density : SpectralDensity
    layers : dict of str to Spectrum
        The spectra of the layers' own blocks on the diagonal, by the layers' names.
    """

    name: str
    size: int
    exact: bool
    largest: np.ndarray
    vectors: np.ndarray
    smallest: float
    trace: Estimate
    condition_number: float
    density: SpectralDensity
    layers: dict[str, Spectrum]

    @property
    def max_rate(self) -> float:
        """2 / λ_max: gradient descent with a larger learning rate diverges along the first eigenvector.

        Infinite where no eigenvalue is positive. Half of it is best for that direction.
        """
        return 2 / self.largest[0] if self.largest[0] > 0 else np.inf

    def __repr__(self) -> str:
        lines = [
            f"{'':24}{'size':>8}{'smallest':>12}{'largest':>12}{'2 / largest':>12}{'trace':>12}{'condition':>12}"
        ]
        for spectrum in (self, *self.layers.values()):
            numbers = (spectrum.smallest, spectrum.largest[0], spectrum.max_rate)
            numbers = (*numbers, spectrum.trace.value, spectrum.condition_number)
            cells = "".join(f"{'–' if np.isnan(number) else format(number, '.4g'):>12}" for number in numbers)
            lines.append(f"{spectrum.name:<24}{spectrum.size:>8}{cells}")
        return "\n".join(lines)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The density of the eigenvalues, whole and by layer, on `ax` or a new figure."""
        from ..plots import eigenvalue_density  # imported on use: matplotlib takes its time

        return eigenvalue_density(self, ax=ax)


def spectrum(
    operator: Curvature,
    *,
    k: int = 5,
    layers: bool = True,
    draws: int = 4,
    steps: int = 48,
    trace_draws: int = 64,
    seed: int = 0,
    progress: str | bool | Callable[[int], Any] = "auto",
) -> Spectrum:
    """The largest eigenvalues, trace, density and condition number of a curvature matrix, and of each layer's block.

    Up to 512 parameters from the dense matrix. Beyond, the largest eigenvalues by `eigenvalues`, the density by
    `spectral_density`, the trace by `estimate_trace`: some 300 products for the whole and for each layer.

    Parameters
    ----------
    operator : Hessian or GaussNewton
    k : int
        Number of the largest eigenvalues, at most the number of parameters.
    layers : bool
        Whether the block of each layer is examined as well.
    draws, steps : int
        Of `spectral_density`.
    trace_draws : int
        Of `estimate_trace`.
    seed : int
        Of all random vectors.
    progress : "auto", bool or callable
        "auto" shows a bar in a terminal if it takes longer than two seconds; a function is called with the number of
        products done.

    Source: Ghorbani, Krishnan, Xiao, *An investigation into neural net optimization via Hessian eigenvalue density*
    (2019).

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> from deltaprop.curvature import Hessian
    >>> x = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
    >>> spectrum(Hessian(Network([Dense(1)], inputs=2), x, x[:, :1]), layers=False)
                                size    smallest     largest 2 / largest       trace   condition
    Hessian                        3         0.5           2           1         3.5           4
    """
    if not isinstance(operator, Curvature) or not operator.shape[0]:
        wanted = "a Hessian or GaussNewton of a network with parameters"
        raise errors.InputError(
            f"spectrum: operator is {errors.short(operator)}, expected {wanted}; give one."
        )
    errors.number("spectrum", "k", k, low=1, integer=True)
    errors.number("spectrum", "draws", draws, low=1, integer=True)
    errors.number("spectrum", "steps", steps, low=1, integer=True)
    errors.number("spectrum", "trace_draws", trace_draws, low=2, integer=True)
    errors.number("spectrum", "seed", seed, low=0, integer=True)
    options = {"k": k, "draws": draws, "steps": steps, "trace_draws": trace_draws, "seed": seed}
    names = [node.name for node in operator.network.nodes if node.parameters] if layers else []
    with Products("spectrum", progress) as products:
        inner = {}
        for name in names:
            block = products.of(operator.block(name))
            inner[name] = _examine(f"  layer {name}", block, {}, **options)
        return _examine(type(operator).__name__, products.of(operator), inner, **options)


def _examine(
    name: str,
    operator: LinearOperator,
    layers: dict[str, Spectrum],
    *,
    k: int,
    draws: int,
    steps: int,
    trace_draws: int,
    seed: int,
) -> Spectrum:
    size = operator.shape[0]
    k = min(k, size)
    if size <= DENSE:
        values, vectors = eigh(dense(operator))
        largest, vectors = values[::-1][:k], vectors[:, ::-1][:, :k]
        density = SpectralDensity(values, np.full(size, 1 / size), size)
        whole, condition = Estimate(float(values.sum()), 0.0), ratio(values)
    else:
        largest, vectors = eigenvalues(operator, k, tolerance=TOLERANCE, seed=seed)
        density = spectral_density(operator, draws=draws, steps=steps, seed=seed)
        whole, condition = estimate_trace(operator, draws=trace_draws, seed=seed), np.nan
    smallest = float(density.nodes.min())
    return Spectrum(name, size, size <= DENSE, largest, vectors, smallest, whole, condition, density, layers)
