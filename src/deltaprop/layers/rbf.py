"""Radial basis function units: each answers near its own centre."""

from dataclasses import dataclass

import numpy as np

from ..bounds import Count
from ..errors import InputError, short
from .base import Layer
from .dense import short_repr

INITS = ("normal", "kmeans")
#: Centres from whose distance the width of a unit follows.
NEIGHBOURS = 2


@dataclass(frozen=True)
class RBF(Layer):
    """a_j = exp(−‖x − c_j‖² / (2 s_j²)).   centre c: (units, d_in), log_width log s: (units,).

    Centres and widths are learned; the width by its logarithm, so that it stays positive. With g = d_a ⊙ a / s² and
    r² the squared distances::

        d_c_j     =  Σ g_j (x − c_j)          d_x = −Σ_j g_j (x − c_j)
        d_log_s_j =  Σ g_j r²_j

    Parameters
    ----------
    units : int
        Number of centres.
    init : {"normal", "kmeans"}
        "normal": centres start as standard normal points and s = √d_in, which suits standardized inputs. "kmeans":
        `Network.initialize_from_data` moves the centres to those of the clusters that k-means finds in the inputs, and
        sets each width to the root mean square distance from the two nearest other centres, of a single centre from the
        inputs. Where there are fewer different inputs than units, the other units stay as they are.

    Source: LeCun, Bottou, Orr, Müller, *Efficient BackProp*, §4.8; Moody and Darken, *Fast learning in networks of
    locally-tuned processing units* (1989), for k-means and widths from the nearest centres.

    Examples
    --------
    >>> x = np.repeat([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]], 9, axis=0)
    >>> from deltaprop import RBF, Network
    >>> net = Network([RBF(3, init="kmeans")], inputs=2)
    >>> net.initialize_from_data(x)
    >>> print(np.sort(net.layers[0].centre[:, 0]), np.exp(net.layers[0].log_width).min().round(4))
    [0. 3. 6.] 5.0
    """

    operation = "rbf"
    integers = ("units", "centre", "log_width", "slot")
    has_units = True

    units: Count
    init: str = "normal"

    def __post_init__(self):
        super().__post_init__()
        if self.init not in INITS:
            raise InputError(f"RBF: init is {short(self.init)}, expected {' or '.join(INITS)}; choose one.")

    __repr__ = short_repr

    def width(self, d_in):
        return self.units

    def shapes(self, d_in):
        return {"centre": (self.units, d_in), "log_width": (self.units,)}

    def initialize(self, p, rng, following):
        p.centre = rng.standard_normal(p.centre.shape)
        p.log_width = 0.5 * np.log(p.centre.shape[1])

    def initialize_from_data(self, p, x, rng):
        if self.init == "kmeans":
            from sklearn.cluster import KMeans  # imported on use: keeps `import deltaprop` light

            clusters = min(self.units, len(np.unique(x, axis=0)))
            found = KMeans(clusters, n_init="auto", random_state=int(rng.integers(2**31))).fit(
                x.astype(np.float64)
            )
            p.centre[:clusters] = found.cluster_centers_
            p.log_width[:clusters] = np.log(_widths(found.cluster_centers_, x))

    def forward(self, p, x, cache):
        # x − c is multiplied out below: seen from among the centres, no digits are lost to a common offset.
        origin = p.centre.mean(axis=0)
        cache.x, cache.centre = x - origin, p.centre - origin
        cache.precision = np.exp(-2 * p.log_width)  # 1 / s²
        cache.scaled = _squared_distances(x, p.centre).astype(x.dtype) * cache.precision  # r² / s²
        cache.a = np.exp(-0.5 * cache.scaled)
        return cache.a

    def backward(self, p, cache, d_a, grad):
        d_exponent = d_a * cache.a
        g = d_exponent * cache.precision
        grad.centre = g.T @ cache.x - g.sum(axis=0)[:, None] * cache.centre
        grad.log_width = (d_exponent * cache.scaled).sum(axis=0)
        return g @ cache.centre - g.sum(axis=1)[:, None] * cache.x

    def jvp(self, p, d_p, cache, d_x):
        x, c, d_c = cache.x, cache.centre, d_p.centre
        # (x − c)·(d_x − d_c), multiplied out so that nothing of size n × units × d_in is formed
        approach = (x * d_x).sum(axis=1)[:, None] - d_x @ c.T - x @ d_c.T + (c * d_c).sum(axis=1)
        cache.r_exponent = cache.scaled * d_p.log_width - approach * cache.precision
        return cache.a * cache.r_exponent

    def r_backward(self, p, r_p, cache, d_a, r_d_a, r_grad):
        x, c, r_x, r_c = cache.x, cache.centre, cache.r_input, r_p.centre
        d_exponent, r_d_exponent = d_a * cache.a, r_d_a * cache.a + d_a * cache.r_output
        g = d_exponent * cache.precision
        r_g = (r_d_exponent - 2 * r_p.log_width * d_exponent) * cache.precision
        samples, units = g.sum(axis=0)[:, None], g.sum(axis=1)[:, None]
        r_samples, r_units = r_g.sum(axis=0)[:, None], r_g.sum(axis=1)[:, None]
        r_grad.centre = r_g.T @ x + g.T @ r_x - r_samples * c - samples * r_c
        r_scaled = -2 * cache.r_exponent
        r_grad.log_width = (r_d_exponent * cache.scaled + d_exponent * r_scaled).sum(axis=0)
        return r_g @ c + g @ r_c - r_units * x - units * r_x

    def backward_diagonal(self, p, cache, d_a, h_a, h_grad, gauss_newton):
        x, c, q = cache.x, cache.centre, cache.scaled
        d_exponent = np.zeros_like(cache.a) if gauss_newton else d_a * cache.a
        h_exponent = h_a * np.square(cache.a) + d_exponent
        u, g = h_exponent * np.square(cache.precision), d_exponent * cache.precision
        # Σ u (x − c)² − Σ g over the samples for a centre, over the units for an input; (x − c)² multiplied out
        h_grad.centre = (
            u.T @ x**2 - 2 * (u.T @ x) * c + u.sum(axis=0)[:, None] * c**2 - g.sum(axis=0)[:, None]
        )
        h_grad.log_width = (h_exponent * q**2 - 2 * d_exponent * q).sum(axis=0)
        return u @ c**2 - 2 * (u @ c) * x + u.sum(axis=1)[:, None] * x**2 - g.sum(axis=1)[:, None]


def _squared_distances(x: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """‖x_i − c_j‖², (n, units), in float64."""
    if isinstance(x, np.ndarray):
        from scipy.spatial.distance import cdist  # imported on use: keeps `import deltaprop` light

        return cdist(x, centres, "sqeuclidean")
    # another array type, whose compiler does not keep the differences
    return np.square(x.astype(np.float64)[:, None, :] - centres).sum(axis=2)


def _widths(centres: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The root mean square distance of each centre from the nearest others; of a single one from the inputs x."""
    from scipy.spatial.distance import cdist  # imported on use: keeps `import deltaprop` light

    if len(centres) == 1:
        nearest = cdist(centres, x, "sqeuclidean")
    else:
        nearest = np.sort(cdist(centres, centres, "sqeuclidean"), axis=1)[:, 1 : 1 + NEIGHBOURS]
    return np.sqrt(np.maximum(nearest.mean(axis=1), np.finfo(np.float32).tiny))
