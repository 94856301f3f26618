"""The function that a solver minimizes: E of a network on all samples, over theta in float64, with its derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engines import evaluator
from ..functions import Penalty
from ..layers import BatchNorm
from .normal_equations import ByParameters, ByResiduals, NormalEquations

if TYPE_CHECKING:
    from ..network import Network

#: Fraction of a step by which central differences look ahead and behind.
STEP = 1e-4


class Objective:
    """E(theta) = data(theta) + l1 Σ|w| + ½ Σ l2 w², w being the entries of theta on which penalties act.

    `network` computes in float64. Its penalty is taken from it and added here, so that it can change from step to step
    (see `BayesianLevenbergMarquardt`). `count` is the number of evaluations, an array of one number.
    """

    def __init__(
        self,
        network: Network,
        batch: tuple[np.ndarray, np.ndarray, np.ndarray | None],
        engine: str = "auto",
        threads: int | None = None,
        count: np.ndarray | None = None,
    ):
        self.network, (self.x, self.t, self.sample_weight) = network, batch
        self.weights = [block.slice for block in network.layout if block.penalized]
        self.penalty, network.penalty = network.penalty or Penalty(), None
        self.evaluator = evaluator(network, engine, threads)
        self.count = np.zeros(1, np.int64) if count is None else count
        self.weight = np.ones(len(self.t)) if self.sample_weight is None else self.sample_weight
        self.share = self.weight / self.weight.sum()
        self._matrices: np.ndarray | None = None  # reused: new memory takes as long as what it is filled with
        self._outputs = np.empty(0), np.empty(0)  # the last theta, and z there
        self.coupled = couples_samples(network)
        self.minimization: Any = None  # of SciPy, while one is under way: see `ScipyMinimizer`

    @property
    def penalty(self) -> Penalty:
        """The penalty; another one may be assigned between two evaluations."""
        return self._penalty

    @penalty.setter
    def penalty(self, value: Penalty) -> None:
        self._penalty = value
        self._penalties = [(part, value.of(i)) for i, part in enumerate(self.weights)]

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """E and ∂E/∂theta."""
        self.count += 1
        value, grad = self._at(theta).gradient(self.x, self.t, self.sample_weight, training=True)
        for part, penalty in self._penalties:
            grad[part] += penalty.gradient(theta[part])
        return value + self.penalty_value(theta), grad

    def penalty_value(self, theta: np.ndarray) -> float:
        """The part of E that is not the data's."""
        return sum(penalty.value(theta[part]) for part, penalty in self._penalties)

    @property
    def decay(self) -> np.ndarray:
        """The second derivative of the penalty with respect to each parameter."""
        decay = np.zeros(self.network.theta.size)
        for part, penalty in self._penalties:
            decay[part] = penalty.l2
        return decay

    def close(self) -> None:
        """End what is under way."""
        if self.minimization is not None:
            self.minimization.close()

    def hvp(self, theta: np.ndarray, v: np.ndarray) -> np.ndarray:
        """The exact Hessian of E at theta, times v."""
        return self.decay * v + self._at(theta).hvp(self.x, self.t, v, self.sample_weight, training=True)

    def hessian(self, theta: np.ndarray) -> np.ndarray:
        """The exact Hessian of E at theta, (p, p), a product with each unit vector."""
        hessian = np.array([self.hvp(theta, unit) for unit in np.eye(theta.size)])
        return (hessian + hessian.T) / 2

    def normal_equations(self, theta: np.ndarray) -> NormalEquations:
        """The Gauss–Newton matrix of E at theta, ready to be solved with, in the smaller of its two forms.

        With H = ∂²e/∂z² = S Sᵀ and J = ∂z/∂theta of each sample, it is AᵀA and the penalty's decay, A having the rows
        √s Sᵀ J of all samples. It is valid until the next call.
        """
        factor = self.network.loss.curvature_factor(self.outputs(theta), self.t)
        d_z = np.ascontiguousarray(factor.transpose(0, 2, 1)) * np.sqrt(self.share)[:, None, None]
        few = d_z.shape[0] * d_z.shape[1] < theta.size
        if not few and not self.coupled:
            if self._matrices is None:
                self._matrices = np.empty((2, theta.size, theta.size))
            matrix = self._at(theta).normal_matrix(self.x, d_z, self._matrices[0])
            return ByParameters(matrix, self.decay, self._matrices[1].T)
        a = self._by_columns(theta, d_z) if self.coupled else self._at(theta).sample_vjp(self.x, d_z)
        a = a.reshape(-1, theta.size)
        return ByResiduals(a, self.decay) if few else ByParameters(np.asfortranarray(a.T @ a), self.decay)

    def bend(self, theta: np.ndarray, p: np.ndarray) -> np.ndarray:
        """Σ s JᵀH z″ / Σ s with z″ = d²z/dε² of the outputs at theta + ε p; by central differences of J p."""
        ahead, behind = (self._at(theta + h * p).jvp(self.x, p, training=True) for h in (STEP, -STEP))
        z, z_pp = self.outputs(theta), (ahead - behind) / (2 * STEP)
        weighted = self.network.loss.curvature(z, self.t, z_pp) * self.share[:, None]
        return self._at(theta).vjp(self.x, weighted, training=True)[0]

    def _by_columns(self, theta: np.ndarray, d_z: np.ndarray) -> np.ndarray:
        """The rows d_z J, (n, r, p), where the outputs of a sample depend on the others: in forward mode."""
        rows = np.empty((*d_z.shape[:2], theta.size))
        for k, unit in enumerate(np.eye(theta.size)):
            column = self._at(theta).jvp(self.x, unit, training=True)
            rows[:, :, k] = np.einsum("nro,no->nr", d_z, column)
        return rows

    def outputs(self, theta: np.ndarray) -> np.ndarray:
        """z of all samples, (n, outputs), with the batch's own statistics where a layer needs these."""
        if not np.array_equal(self._outputs[0], theta):
            evaluator = self._at(theta)
            z = evaluator.forward_training(self.x, 0) if self.coupled else evaluator.forward(self.x)
            self._outputs = theta.copy(), z
        return self._outputs[1]

    def _at(self, theta: np.ndarray) -> Any:
        """The evaluator, of the network at theta."""
        self.network.theta[:] = theta
        return self.evaluator


def couples_samples(network: Network) -> bool:
    """Whether in training a sample's outputs depend on the other samples."""
    return any(isinstance(node.layer, BatchNorm) for node in network.nodes)
