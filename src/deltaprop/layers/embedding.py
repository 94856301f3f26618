"""Embedding of categories: each becomes a learned vector."""

from dataclasses import dataclass

import numpy as np

from ..bounds import Count
from ..errors import InputError, number, short
from .base import Layer


@dataclass(frozen=True)
class Embedding(Layer):
    """The last inputs are codes of categories; each becomes its row of a table.   table: (Σ categories, size)

    A code is a whole number from 0 to K − 1; any other number, such as −1 for a missing or unseen category, gives
    zeros. The other inputs come first, unchanged, then `size` numbers for each code. d_table adds up, for each
    category, the d_z of the samples that have it; d_x of a code is 0. Rows start as N(0, 1/size).

    Parameters
    ----------
    categories : sequence of int
        The number K of categories of each code.
    size : int
        Numbers for each category.

    Source: Bengio, Ducharme, Vincent, Jauvin, *A neural probabilistic language model* (2003), §2; Guo, Berkhahn,
    *Entity embeddings of categorical variables* (2016).

    Examples
    --------
    >>> from deltaprop import Network
    >>> net = Network([Embedding((3,), size=2)], inputs=2)
    >>> net.layers[0].table = [[1, 2], [3, 4], [5, 6]]
    >>> print(net.forward([[0.5, 2], [0.5, -1]]))
    [[0.5 5.  6. ]
     [0.5 0.  0. ]]
    """

    operation = "embedding"
    integers = ("size", "table", "slot", "categories")

    categories: tuple[int, ...]
    size: Count = 8

    def __post_init__(self):
        super().__post_init__()
        given = self.categories.tolist() if isinstance(self.categories, np.ndarray) else self.categories
        if not isinstance(given, (tuple, list)) or not given:
            raise InputError(
                f"Embedding: categories is {short(given)}, expected a number for each code; give a list of them."
            )
        for i, k in enumerate(given):
            number("Embedding", f"categories[{i}]", k, low=1, integer=True)
        object.__setattr__(self, "categories", tuple(int(k) for k in given))

    def width(self, d_in):
        codes = len(self.categories)
        if codes > d_in:
            raise InputError(
                f"Embedding: categories has {codes} numbers, expected at most the {d_in} inputs; give fewer."
            )
        return d_in + codes * (self.size - 1)

    def shapes(self, d_in):
        return {"table": (sum(self.categories), self.size)}

    def initialize(self, p, rng, following):
        p.table = self.size**-0.5 * rng.standard_normal(p.table.shape)

    def forward(self, p, x, cache):
        codes = x[:, self._front(x.shape[1]) :]
        cache.known = (codes >= 0) & (codes < self.categories)
        starts = np.cumsum((0, *self.categories[:-1]))
        cache.row = np.where(cache.known, codes, 0).astype(np.int64) + starts
        return self._join(x, self._look_up(p.table, cache))

    def backward(self, p, cache, d_z, grad):
        front, grad.table = self._split(cache, d_z)
        return front

    def jvp(self, p, d_p, cache, d_x):
        return self._join(d_x, self._look_up(d_p.table, cache))

    def r_backward(self, p, r_p, cache, d_z, r_d_z, r_grad):
        front, r_grad.table = self._split(cache, r_d_z)
        return front

    def backward_diagonal(self, p, cache, d_z, h_z, h_grad, gauss_newton):
        front, h_grad.table = self._split(cache, h_z)
        return front

    def _front(self, d_in):
        """How many inputs are before the codes."""
        return d_in - len(self.categories)

    def _look_up(self, table, cache):
        return table[cache.row] * cache.known[:, :, None]

    def _join(self, x, rows):
        return np.hstack([x[:, : self._front(x.shape[1])], rows.reshape(len(x), -1)])

    def _split(self, cache, d_z):
        """d_x, 0 for the codes, and d_table."""
        n, codes = cache.row.shape
        front = d_z.shape[1] - codes * self.size
        rows = d_z[:, front:].reshape(n, codes, self.size)
        d_table = np.zeros_like(d_z, shape=(sum(self.categories), self.size))
        np.add.at(d_table, cache.row, rows * cache.known[:, :, None])
        return np.hstack([d_z[:, :front], np.zeros_like(d_z, shape=(n, codes))]), d_table
