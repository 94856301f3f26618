"""The Jacobian, the Hessian and the Gauss–Newton matrix of a network, as SciPy's linear operators over theta."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.sparse.linalg import LinearOperator

from .. import batching, errors
from ..errors import InputError
from ..layout import Block, Node

if TYPE_CHECKING:
    from ..network import Network

#: Bytes of the per-sample derivatives that are held at a time.
CHUNK_BYTES = 2**24


class NetworkOperator(LinearOperator):
    """A matrix of a network's derivatives at its present weights, known by its products; computed in float64.

    The network is copied: training it further does not change the operator.
    """

    x: Any

    if TYPE_CHECKING:  # SciPy's makes an operator of functions if it is called on the base class

        def __new__(cls, *args: Any, **options: Any) -> Self: ...

    def __init__(self, network: Network, training: bool, step: int, layer: int | str | None):
        name = type(self).__name__
        errors.number(name, "step", step, low=0, integer=True)
        self.network, self.training = network.astype(np.float64), training
        self.mode = {"training": training, "step": step}
        self.part = slice(0, network.theta.size) if layer is None else part_of(name, network, layer)

    @property
    def size(self) -> int:
        """Number of parameters."""
        return self.part.stop - self.part.start

    def block(self, layer: int | str) -> Self:
        """The operator over the parameters of one layer, given by its number or name; others are held fixed.

        A residual layer stands for the layers inside it.

        Raises
        ------
        InputError
            If there is no such layer, or it has no parameters.
        """
        other = copy.copy(self)
        other.part = part_of(type(self).__name__, self.network, layer)
        other._resize()
        return other

    def dense(self, max_bytes: int = 2**30) -> np.ndarray:
        """The matrix as an array.

        Raises
        ------
        InputError
            If it would take more than `max_bytes`.
        """
        size = 8 * self.shape[0] * self.shape[1]
        if size > max_bytes:
            raise InputError(
                f"{type(self).__name__}: dense has {self.shape[0]} × {self.shape[1]} entries, which take "
                f"{size / 2**30:.3g} GiB, expected at most max_bytes={max_bytes / 2**30:.3g} GiB; use products with "
                "vectors, or one layer."
            )
        return self._dense()

    def _resize(self) -> None:
        """Set shape and dtype, as SciPy's constructor does."""
        self.__dict__.update(shape=(self._rows(), self.size), dtype=self.network.dtype)

    def _rows(self) -> int:
        return self.size

    def _dense(self) -> np.ndarray:
        return self.matmat(np.eye(self.size))

    def _direction(self, v: np.ndarray) -> np.ndarray:
        """A direction of theta that changes the block's parameters by v, no others."""
        direction = np.zeros(self.network.theta.size)
        direction[self.part] = v.ravel()
        return direction

    def _chunks(self, size: int) -> Iterator[slice]:
        """Slices of that many samples; in training mode all at once, since a layer may need the whole batch."""
        n = self.x.shape[0]
        size = n if self.training else size
        for start in range(0, n, max(size, 1)):
            yield slice(start, min(start + size, n))


class Jacobian(NetworkOperator):
    """∂z/∂theta: a row for each output of each sample, in this order.

    Parameters
    ----------
    network : Network
        At its present weights.
    x : array of shape (n, inputs)
    training : bool
        Whether dropout and batch normalization behave as in training.
    step : int
        Selects dropout's masks.
    layer : int or str, optional
        Only the parameters of this layer; see `block`.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> net = Network([Dense(1)], inputs=2)
    >>> Jacobian(net, [[1.0, 2.0], [3.0, 4.0]]).dense()
    array([[1., 2., 1.],
           [3., 4., 1.]])
    """

    def __init__(
        self,
        network: Network,
        x: Any,
        *,
        training: bool = False,
        step: int = 0,
        layer: int | str | None = None,
    ):
        super().__init__(network, training, step, layer)
        self.x = batching.samples("Jacobian", x, network.inputs, self.network.dtype)
        self._resize()

    def _rows(self) -> int:
        return self.x.shape[0] * self.network.outputs

    def _matvec(self, v: np.ndarray) -> np.ndarray:
        direction, evaluator = self._direction(v), self.network.evaluator
        parts = [evaluator.jvp(self.x[rows], direction, **self.mode) for rows in self._chunks(batching.CHUNK)]
        return np.concatenate(parts).ravel()

    def _rmatvec(self, u: np.ndarray) -> np.ndarray:
        d_z, product = u.reshape(-1, self.network.outputs), np.zeros(self.network.theta.size)
        for rows in self._chunks(batching.CHUNK):
            product += self.network.evaluator.vjp(self.x[rows], as_double(d_z[rows]), **self.mode)[0]
        return product[self.part]

    def _dense(self) -> np.ndarray:
        if self.training:
            return super()._dense()
        n, outputs = self.x.shape[0], self.network.outputs
        jacobian = np.empty((n, outputs, self.shape[1]))
        for rows in self._chunks(CHUNK_BYTES // (8 * self.network.theta.size * outputs)):
            units = np.tile(np.eye(outputs), (rows.stop - rows.start, 1, 1))
            jacobian[rows] = self.network.evaluator.sample_vjp(self.x[rows], units)[:, :, self.part]
        return jacobian.reshape(self.shape)


class Curvature(NetworkOperator):
    """A symmetric matrix over theta that belongs to E, penalty and sample weights included."""

    def __init__(
        self,
        network: Network,
        x: Any,
        t: Any,
        sample_weight: Any = None,
        *,
        training: bool = False,
        step: int = 0,
        layer: int | str | None = None,
    ):
        super().__init__(network, training, step, layer)
        name = type(self).__name__
        self.x, self.t, self.sample_weight = batching.batch(name, self.network, x, t, sample_weight)
        self._resize()

    def diagonal(self) -> np.ndarray:
        """The diagonal, exact."""
        return np.array([self.matvec(unit)[i] for i, unit in enumerate(units(self.shape[0]))])

    @abstractmethod
    def _product(self, direction: np.ndarray) -> np.ndarray:
        """The matrix of all parameters times a direction of theta."""

    def _matvec(self, v: np.ndarray) -> np.ndarray:
        return self._product(self._direction(v))[self.part]

    def _rmatvec(self, v: np.ndarray) -> np.ndarray:
        return self._matvec(v)

    def _adjoint(self) -> Self:
        return self

    def _transpose(self) -> Self:
        return self

    def _dense(self) -> np.ndarray:
        matrix = np.empty(self.shape)
        for row, unit in zip(matrix, units(self.shape[0]), strict=True):
            row[:] = self.matvec(unit)
        return (matrix + matrix.T) / 2


class Hessian(Curvature):
    """∂²E/∂theta², by exact products with vectors (`Network.hvp`).

    A product costs about as much as two gradients, `diagonal` and `dense` one product for each parameter;
    `hessian_diagonal` approximates the diagonal for the price of one.

    Parameters
    ----------
    network : Network
        At its present weights; its loss and penalty.
    x, t, sample_weight
        As for `Network.gradient`.
    training : bool
        Whether dropout and batch normalization behave as in training.
    step : int
        Selects dropout's masks.
    layer : int or str, optional
        Only the parameters of this layer; see `block`.

    Source: Pearlmutter, *Fast exact multiplication by the Hessian* (1994).

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Dense, Network
    >>> net = Network([Dense(1)], inputs=2)  # E = mean of ½ (w·x + b − t)²
    >>> hessian = Hessian(net, [[1.0, 0.0], [0.0, 2.0]], [0.0, 1.0])
    >>> print(hessian.dense())
    [[0.5 0.  0.5]
     [0.  2.  1. ]
     [0.5 1.  1. ]]
    >>> print(hessian @ np.ones(3))
    [1.  3.  2.5]
    """

    def _product(self, direction: np.ndarray) -> np.ndarray:
        return self.network.evaluator.hvp(self.x, self.t, direction, self.sample_weight, **self.mode)


class GaussNewton(Curvature):
    """The generalized Gauss–Newton matrix: Σ_r s_r J_rᵀ (∂²e_r/∂z²) J_r / Σ s, J_r = ∂z_r/∂theta, plus the penalty's.

    It is the Hessian of E with the network replaced by its linear approximation: positive semi-definite, since every
    loss of the package is convex in z. `diagonal` and `dense` are sums over per-sample derivatives; of a loss of your
    own that is not convex they take the positive part of ∂²e/∂z².

    Parameters
    ----------
    network, x, t, sample_weight, training, step, layer
        As for `Hessian`.

    Source: Schraudolph, *Fast curvature matrix-vector products for second-order gradient descent* (2002).

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> net = Network([Dense(4), "tanh", Dense(1)], inputs=2, dtype="float64")
    >>> x, t = [[1.0, 0.0], [0.0, 2.0]], [0.0, 1.0]
    >>> gauss_newton, jacobian = GaussNewton(net, x, t).dense(), Jacobian(net, x).dense()
    >>> bool(abs(gauss_newton - jacobian.T @ jacobian / 2).max() < 1e-12)
    True
    """

    def diagonal(self) -> np.ndarray:
        if self.training:
            return super().diagonal()
        diagonal = self.network.penalty_curvature(np.ones(self.network.theta.size))[self.part]
        for factor in self._factors():
            diagonal += np.einsum("rp,rp->p", factor, factor)
        return diagonal

    def _dense(self) -> np.ndarray:
        if self.training:
            return super()._dense()
        penalty = self.network.penalty_curvature(np.ones(self.network.theta.size))
        matrix = np.diag(penalty[self.part])
        for factor in self._factors():
            matrix += factor.T @ factor
        return matrix

    def _product(self, direction: np.ndarray) -> np.ndarray:
        evaluator = self.network.evaluator
        return evaluator.gauss_newton_vp(self.x, self.t, direction, self.sample_weight, **self.mode)

    def _factors(self) -> Iterator[np.ndarray]:
        """Matrices F, some rows for each sample, whose products Fᵀ F add up to the matrix without the penalty."""
        net, n = self.network, self.x.shape[0]
        roots = np.sqrt(batching.shares(np.empty((n, net.outputs)), self.sample_weight)) * np.ones((n, 1))
        for rows in self._chunks(CHUNK_BYTES // (8 * net.theta.size * net.outputs)):
            x, t = self.x[rows], net.loss.rows(self.t[rows], net.outputs, net.dtype)
            s = net.loss.curvature_factor(net.evaluator.forward(x), t) * roots[rows, :, None]
            factor = net.evaluator.sample_vjp(x, as_double(s.transpose(0, 2, 1)))
            yield factor[:, :, self.part].reshape(-1, self.size)


def part_of(obj: str, network: Network, layer: int | str) -> slice:
    """The parameters of a layer, given by its number or name, and of the layers inside it: their place in theta."""
    blocks = [b for node in network.nodes if layer in (node.index, node.name) for b in _blocks(node)]
    if not blocks:
        with_parameters = [node.name for node in network.nodes if _blocks(node)]
        raise InputError(
            f"{obj}: layer is {errors.short(layer)}, expected one that has parameters: {', '.join(with_parameters)}; "
            "choose one."
        )
    return slice(blocks[0].slice.start, blocks[-1].slice.stop)


def _blocks(node: Node) -> list[Block]:
    return [*node.parameters, *(block for inner in node.inside for block in _blocks(inner))]


def units(size: int) -> Iterator[np.ndarray]:
    """The unit vectors, one at a time."""
    for i in range(size):
        unit = np.zeros(size)
        unit[i] = 1
        yield unit


def as_double(array: np.ndarray) -> np.ndarray:
    """The array as the evaluator takes it: contiguous float64."""
    return np.ascontiguousarray(array, np.float64)
