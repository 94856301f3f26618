"""Values and derivatives of a network outside training: one evaluator serves the network's methods and the solvers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import batching
from ..layers import chain
from . import diagnostics

if TYPE_CHECKING:
    from ..network import Network

Weights = np.ndarray | None  #: of the samples

#: Numbers of the gradients of each sample that are held at a time where only their products are wanted: 16 MB.
PRODUCT = 1 << 21


@dataclass(eq=False)
class Evaluator:
    """Evaluates a network at its current parameters with the layers' own NumPy code.

    `NativeEvaluator` overrides what the compiled core has code for. Arguments are trusted: x is a numeric array or a
    CSR matrix of shape (n, inputs), t comes from ``network.encode``, directions have the network's dtype.

    Inputs are taken `batching.CHUNK` rows at a time. In training mode, and for jvp and vjp, all rows are taken at
    once, since a layer may need the whole batch.
    """

    network: Network

    def try_forward(self, x: Any, mapped: bool) -> np.ndarray | None:
        """`forward` of an unchecked x outside training where that is cheap; None where x must be checked first."""
        return None

    def forward(self, x: Any, samples: np.ndarray | None = None, mapped: bool = False) -> np.ndarray:
        """z of all samples of x, or of the rows `samples`, outside training; (n, outputs).

        With `mapped`, the loss's output map is applied to z.
        """
        network = self.network
        z = batching.map_rows(network.run_forward, x, network.outputs, network.dtype, samples)
        return network.loss.predict(z) if mapped else z

    def forward_training(self, x: Any, step: int) -> np.ndarray:
        """z in training mode."""
        x = batching.take(x, slice(None), self.network.dtype)
        return self.network.run_forward(x, self.network.new_cache(True, step))

    def value(
        self, x: Any, t: np.ndarray, sample_weight: Weights = None, training: bool = False, step: int = 0
    ) -> float:
        """E, penalty included."""
        network, value = self.network, 0.0
        for share, rows, targets, weight in self.batches(x, t, sample_weight, training):
            z = network.run_forward(rows, network.new_cache(training, step))
            value += share * network.mean_loss(z, targets, weight)
        return value

    def gradient(
        self, x: Any, t: np.ndarray, sample_weight: Weights = None, training: bool = False, step: int = 0
    ) -> tuple[float, np.ndarray]:
        """E and ∂E/∂theta, penalty included."""
        value, grad, part = 0.0, np.zeros_like(self.network.theta), np.empty_like(self.network.theta)
        for share, rows, targets, weight in self.batches(x, t, sample_weight, training):
            value += share * self.network.backpropagate(rows, targets, weight, part, step, training)[0]
            grad += share * part
        return value, grad

    def dead_and_saturated(self, x: np.ndarray) -> np.ndarray:
        """The fractions of dead and of saturated units of each activation in turn; see `diagnostics`."""
        return np.ravel(diagnostics.dead_and_saturated(self.network, x))

    def sample_gradients(self, x: Any, t: np.ndarray) -> np.ndarray:
        """∂e/∂theta of each sample's own loss, without the penalty; (n, n_parameters)."""
        network = self.network
        delta = network.loss.delta(self.forward(x), network.loss.rows(t, network.outputs, network.dtype))
        return self.sample_vjp(x, delta)

    def sample_vjp(self, x: Any, d_z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """∂(Σ_j d_z_j z_j)/∂theta of each sample, outside training; (n, n_parameters).

        With several d_z for each sample, (n, r, outputs), the result is (n, r, n_parameters). It is written into
        `out`, a C-ordered array of the network's dtype, where that is given.

        One sample at a time, since every layer sums over its batch.
        """
        network = self.network
        grads = np.empty((*d_z.shape[:-1], network.theta.size), network.dtype) if out is None else out
        for i in range(len(d_z)):
            cache = network.new_cache()
            network.run_forward(batching.take(x, slice(i, i + 1), network.dtype), cache)
            for row, grad in zip(np.atleast_2d(d_z[i]), np.atleast_2d(grads[i]), strict=True):
                chain.backward(network.layers, cache, row[None], network.views(grad))
        return grads

    def normal_matrix(self, x: Any, d_z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Σ g gᵀ over the gradients g of `sample_vjp` for d_z of shape (n, r, outputs); (n_parameters, n_parameters).

        In Fortran's order, and only its lower triangle: what LAPACK takes. It is the transpose of `out`, a C-ordered
        array of the network's dtype, where that is given. The gradients are computed for some samples at a time.
        """
        from scipy.linalg.blas import dsyrk, ssyrk  # imported on use: keeps `import deltaprop` light

        theta = self.network.theta
        product = dsyrk if theta.dtype == np.float64 else ssyrk
        matrix = np.empty((theta.size, theta.size), theta.dtype).T if out is None else out.T
        matrix[:] = 0
        rows = max(1, PRODUCT // (theta.size * d_z.shape[1]))
        for start in range(0, len(d_z), rows):
            part = slice(start, start + rows)
            grads = self.sample_vjp(x[part], d_z[part]).reshape(-1, theta.size)
            matrix = product(1.0, grads.T, 1.0, matrix, lower=1, overwrite_c=1)
        return matrix

    def jvp(
        self,
        x: Any,
        d_theta: np.ndarray,
        d_x: np.ndarray | None = None,
        training: bool = False,
        step: int = 0,
    ) -> np.ndarray:
        """The change of z when theta changes by d_theta and x by d_x."""
        network, cache = self.network, self.network.new_cache(training, step)
        x = batching.take(x, slice(None), network.dtype)
        network.run_forward(x, cache)
        d_rows = np.zeros_like(x) if d_x is None else d_x
        return chain.jvp(network.layers, network.views(d_theta), cache, d_rows)

    def vjp(
        self, x: Any, d_z: np.ndarray, training: bool = False, step: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """∂(Σ d_z ⊙ z)/∂theta and ∂(Σ d_z ⊙ z)/∂x."""
        network, cache = self.network, self.network.new_cache(training, step)
        network.run_forward(batching.take(x, slice(None), network.dtype), cache)
        grad = np.empty_like(network.theta)
        return grad, chain.backward(network.layers, cache, d_z, network.views(grad))

    def hvp(
        self,
        x: Any,
        t: np.ndarray,
        v: np.ndarray,
        sample_weight: Weights = None,
        training: bool = False,
        step: int = 0,
    ) -> np.ndarray:
        """∂²E/∂theta² v, penalty included: the change of `gradient` when theta changes by v.

        Source: Pearlmutter, *Fast exact multiplication by the Hessian* (1994).
        """
        return self._product(x, t, v, sample_weight, training, step, gauss_newton=False)

    def gauss_newton_vp(
        self,
        x: Any,
        t: np.ndarray,
        v: np.ndarray,
        sample_weight: Weights = None,
        training: bool = False,
        step: int = 0,
    ) -> np.ndarray:
        """`hvp` without the terms that hold second derivatives of z: Jᵀ (∂²e/∂z²) J v, J = ∂z/∂theta.

        Source: Schraudolph, *Fast curvature matrix-vector products for second-order gradient descent* (2002).
        """
        return self._product(x, t, v, sample_weight, training, step, gauss_newton=True)

    def _product(
        self,
        x: Any,
        t: np.ndarray,
        v: np.ndarray,
        sample_weight: Weights,
        training: bool,
        step: int,
        gauss_newton: bool,
    ) -> np.ndarray:
        network = self.network
        product, grad, part = np.zeros_like(v), np.empty_like(v), np.empty_like(v)
        directions, grads, parts = network.views(v), network.views(grad), network.views(part)
        for share, rows, targets, weight in self.batches(x, t, sample_weight, training):
            cache = network.new_cache(training, step)
            z = network.run_forward(rows, cache)
            counts = network.dtype.type(share) * batching.shares(z, weight)
            r_z = chain.jvp(network.layers, directions, cache, np.zeros_like(rows))
            r_d_z = network.loss.curvature(z, targets, r_z) * counts
            if gauss_newton:
                chain.backward(network.layers, cache, r_d_z, parts)
            else:
                chain.backward(network.layers, cache, network.loss.delta(z, targets) * counts, grads)
                chain.r_backward(network.layers, directions, cache, r_d_z, parts)
            product += part
        return product + network.penalty_curvature(v)

    def batches(
        self, x: Any, t: np.ndarray, sample_weight: Weights, training: bool
    ) -> Iterator[tuple[float, np.ndarray, np.ndarray, Weights]]:
        """Each batch's share of the total weight, its inputs, targets and sample weights."""
        network, n = self.network, len(t)
        size = n if training else batching.CHUNK
        total = n if sample_weight is None else sample_weight.sum()
        for start in range(0, n, size):
            rows = slice(start, min(start + size, n))
            weight = None if sample_weight is None else sample_weight[rows]
            share = float((rows.stop - start if weight is None else weight.sum()) / total)
            if share > 0:
                targets = network.loss.rows(t[rows], network.outputs, network.dtype)
                yield share, batching.take(x, rows, network.dtype), targets, weight
