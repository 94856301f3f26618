"""Fully connected layers side by side, each on its own group of columns: the members of an ensemble."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..bounds import Count
from ..errors import InputError, short
from ..functions.data_initializers import ThroughData, UnitVariance
from ..functions.initializers import suited
from ..serialization import LEFT_OUT_IF_OPAQUE
from .base import Layer
from .dense import check_initializers, short_repr


@dataclass(frozen=True)
class GroupedDense(Layer):
    """z_g = x_g w_gᵀ + b_g for each group g of columns; as `Dense`, whose formulas hold for each group.

    w: (groups, units, d_in / groups), b: (groups · units,). With ``shared=True`` all groups have the same
    w: (units, d_in / groups), whose gradient is the sum over the groups, and biases of their own.

    Between `Repeat` and the outputs, with layers that take each column alone in between, the groups are
    networks of their own: the members of an ensemble. With shared weights between two `LearnedScale` it is the layer
    of a BatchEnsemble.

    Parameters
    ----------
    units : int
        Number of outputs of each group.
    groups : int
        Number of groups; it divides the number of inputs.
    shared : bool
        Whether all groups have the same weights.
    init, bias, bias_init
        As for `Dense`; each group is drawn on its own.

    Source: Wen, Tran, Ba, *BatchEnsemble* (2020), §3.1, for shared weights.

    Examples
    --------
    >>> from deltaprop import Network
    >>> Network([GroupedDense(3, groups=4)], inputs=8).layers[0]
    GroupedDense(units=3, groups=4): w (4, 3, 2), b (12,)
    """

    operation = "grouped_dense"
    integers = ("units", "groups", "shared", "w", "b", "slot")
    has_units = True

    units: Count
    groups: Count
    shared: bool = False
    init: Any = field(default=None, metadata=LEFT_OUT_IF_OPAQUE)
    bias: bool = True
    bias_init: Any = field(default=None, metadata=LEFT_OUT_IF_OPAQUE)

    def __post_init__(self):
        super().__post_init__()
        check_initializers(self, "shared", "bias")

    __repr__ = short_repr

    def width(self, d_in):
        if d_in % self.groups:
            raise InputError(
                f"GroupedDense: groups is {short(self.groups)}, expected a divisor of the number of inputs, {d_in}; "
                "put Repeat before the first one, or change groups."
            )
        return self.groups * self.units

    def shapes(self, d_in):
        w = (self.units, d_in // self.groups)
        shapes = {"w": w if self.shared else (self.groups, *w)}
        return shapes | {"b": (self.groups * self.units,)} if self.bias else shapes

    def initialize(self, p, rng, following):
        init = suited(following) if self.init is None else self.init
        shape, dtype = p.w.shape[-2:], p.w.dtype
        if self.shared:
            p.w = init.sample(rng, shape, dtype)
        else:
            for w in p.w:
                w[...] = init.sample(rng, shape, dtype)
        if self.bias and self.bias_init is not None:
            columns = [self.bias_init.sample(rng, shape, dtype)[:, 0] for _ in range(self.groups)]
            p.b = np.concatenate(columns)

    def initialize_from_data(self, p, x, rng):
        x = self._groups(x)
        if isinstance(self.init, UnitVariance) and self.shared:
            p.w = self.init.scaled(p.w, x.reshape(-1, x.shape[-1]))
        elif isinstance(self.init, UnitVariance):
            for w, rows in zip(p.w, x, strict=True):
                w[...] = self.init.scaled(w, rows)
        if isinstance(self.bias_init, ThroughData):
            p.b = self.bias_init.biases(self._columns(x @ _transposed(p.w)), rng)

    def forward(self, p, x, cache):
        cache.x = self._groups(x)
        z = self._columns(cache.x @ _transposed(p.w))
        return z + p.b if self.bias else z

    def backward(self, p, cache, d_z, grad):
        if self.bias:
            grad.b = d_z.sum(axis=0)
        d_z = self._groups(d_z)
        grad.w = self._sum(_transposed(d_z) @ cache.x)
        return self._columns(d_z @ p.w)

    def jvp(self, p, d_p, cache, d_x):
        d_z = self._columns(self._groups(d_x) @ _transposed(p.w) + cache.x @ _transposed(d_p.w))
        return d_z + d_p.b if self.bias else d_z

    def r_backward(self, p, r_p, cache, d_z, r_d_z, r_grad):
        if self.bias:
            r_grad.b = r_d_z.sum(axis=0)
        d_z, r_d_z, r_x = map(self._groups, (d_z, r_d_z, cache.r_input))
        r_grad.w = self._sum(_transposed(r_d_z) @ cache.x + _transposed(d_z) @ r_x)
        return self._columns(r_d_z @ p.w + d_z @ r_p.w)

    def backward_diagonal(self, p, cache, d_z, h_z, h_grad, gauss_newton):
        """See `Layer.backward_diagonal`; of shared weights the groups are added as if independent."""
        if self.bias:
            h_grad.b = h_z.sum(axis=0)
        h_z = self._groups(h_z)
        h_grad.w = self._sum(_transposed(h_z) @ np.square(cache.x))
        return self._columns(h_z @ np.square(p.w))

    def _groups(self, columns):
        """(n, groups · d) → (groups, n, d)"""
        return columns.reshape(len(columns), self.groups, -1).transpose(1, 0, 2)

    def _columns(self, groups):
        """(groups, n, d) → (n, groups · d)"""
        return groups.transpose(1, 0, 2).reshape(groups.shape[1], -1)

    def _sum(self, w):
        """What the groups' gradients of w are to the gradient: themselves, or of shared weights their sum."""
        return w.sum(axis=0) if self.shared else w


def _transposed(matrices):
    return np.swapaxes(matrices, -1, -2)
