"""Periodic embedding of numbers: what a threshold or a wave of one column says becomes linear."""

from dataclasses import dataclass

import numpy as np

from ..bounds import Count, NonNegative
from ..errors import InputError, short
from .base import Layer


@dataclass(frozen=True)
class PeriodicEmbedding(Layer):
    """Each of the first `columns` inputs x becomes x and z = u cos(2π frequency x + phase) + c; the others stay.

    frequency, phase: (columns, frequencies), u: (columns, units, frequencies), c: (columns, units). With d = uᵀ d_z,
    a = cos(…) and b = −d ⊙ sin(…), column by column::

        d_u = Σ d_z aᵀ       d_phase = Σ b       d_x = d_z of x itself + 2π Σ frequency ⊙ b
        d_c = Σ d_z          d_frequency = 2π Σ b x

    The outputs of a column lie side by side, x before its z. At first frequency ~ N(0, sigma²), phase ~ U(−π, π), and
    u and c ~ U(−1/√frequencies, 1/√frequencies).

    Parameters
    ----------
    columns : int
        Number of inputs to embed.
    frequencies : int
        Waves of each column.
    units : int
        Numbers that the waves of a column are mixed to.
    sigma : float
        Spread of the initial frequencies, in periods per unit of x.

    Source: Gorishniy, Rubachev, Babenko, *On embeddings for numerical features in tabular deep learning* (2022);
    Holzmüller, Grinsztajn, Steinwart, *Better by default* (2024), for the form with x beside the waves.

    Examples
    --------
    >>> from deltaprop import Network
    >>> Network([PeriodicEmbedding(2)], inputs=5).outputs    # 2 · (1 + 3) + 3
    11
    """

    operation = "periodic_embedding"
    integers = ("columns", "frequencies", "units", "frequency", "phase", "u", "c", "slot")

    columns: Count
    frequencies: Count = 16
    units: Count = 3
    sigma: NonNegative = 0.1

    def width(self, d_in):
        if self.columns > d_in:
            raise InputError(
                f"PeriodicEmbedding: columns is {short(self.columns)}, expected at most the {d_in} inputs; lower it."
            )
        return d_in + self.columns * self.units

    def shapes(self, d_in):
        waves = (self.columns, self.frequencies)
        u = (self.columns, self.units, self.frequencies)
        return {"frequency": waves, "phase": waves, "u": u, "c": u[:2]}

    def initialize(self, p, rng, following):
        limit = self.frequencies**-0.5
        p.frequency = self.sigma * rng.standard_normal(p.frequency.shape)
        p.phase = rng.uniform(-np.pi, np.pi, p.phase.shape)
        p.u = rng.uniform(-limit, limit, p.u.shape)
        p.c = rng.uniform(-limit, limit, p.c.shape)

    def forward(self, p, x, cache):
        cache.x = x[:, : self.columns]
        angle = 2 * np.pi * p.frequency * cache.x[:, :, None] + p.phase
        cache.cos, cache.sin = np.cos(angle), np.sin(angle)
        return self._join(cache.x, np.einsum("jkf,njf->njk", p.u, cache.cos) + p.c, x)

    def backward(self, p, cache, d_z, grad):
        d_x, d_waves, rest = self._split(d_z)
        d_angle = -np.einsum("jkf,njk->njf", p.u, d_waves) * cache.sin
        grad.u = np.einsum("njk,njf->jkf", d_waves, cache.cos)
        grad.c = d_waves.sum(axis=0)
        grad.phase = d_angle.sum(axis=0)
        grad.frequency = 2 * np.pi * np.einsum("njf,nj->jf", d_angle, cache.x)
        return np.hstack([d_x + 2 * np.pi * (d_angle * p.frequency).sum(axis=2), rest])

    def jvp(self, p, d_p, cache, d_x):
        d_here = d_x[:, : self.columns]
        d_waves = np.einsum("jkf,njf->njk", d_p.u, cache.cos) + d_p.c
        d_waves -= np.einsum("jkf,njf->njk", p.u, cache.sin * self._r_angle(p, d_p, cache, d_here))
        return self._join(d_here, d_waves, d_x)

    def r_backward(self, p, r_p, cache, d_z, r_d_z, r_grad):
        _, d_waves, _ = self._split(d_z)
        r_d_x, r_d_waves, r_rest = self._split(r_d_z)
        r_x = cache.r_input[:, : self.columns]
        r_angle = self._r_angle(p, r_p, cache, r_x)
        d_cos = np.einsum("jkf,njk->njf", p.u, d_waves)
        r_d_cos = np.einsum("jkf,njk->njf", p.u, r_d_waves) + np.einsum("jkf,njk->njf", r_p.u, d_waves)
        d_angle = -d_cos * cache.sin
        r_d_angle = -r_d_cos * cache.sin - d_cos * cache.cos * r_angle
        r_grad.u = np.einsum("njk,njf->jkf", r_d_waves, cache.cos)
        r_grad.u -= np.einsum("njk,njf->jkf", d_waves, cache.sin * r_angle)
        r_grad.c = r_d_waves.sum(axis=0)
        r_grad.phase = r_d_angle.sum(axis=0)
        r_frequency = np.einsum("njf,nj->jf", r_d_angle, cache.x) + np.einsum("njf,nj->jf", d_angle, r_x)
        r_grad.frequency = 2 * np.pi * r_frequency
        r_along = r_d_angle * p.frequency + d_angle * r_p.frequency
        return np.hstack([r_d_x + 2 * np.pi * r_along.sum(axis=2), r_rest])

    def backward_diagonal(self, p, cache, d_z, h_z, h_grad, gauss_newton):
        _, d_waves, _ = self._split(d_z)
        h_x, h_waves, h_rest = self._split(h_z)
        h_angle = np.einsum("jkf,njk->njf", np.square(p.u), h_waves) * np.square(cache.sin)
        slope = np.einsum("jkf,njf->njk", p.u, cache.sin * p.frequency)  # −∂z/∂x / 2π
        h_here = (h_waves * np.square(slope)).sum(axis=2)
        if not gauss_newton:
            bend = -np.einsum("jkf,njk->njf", p.u, d_waves) * cache.cos
            h_angle += bend
            h_here += (bend * np.square(p.frequency)).sum(axis=2)
        h_grad.u = np.einsum("njk,njf->jkf", h_waves, np.square(cache.cos))
        h_grad.c = h_waves.sum(axis=0)
        h_grad.phase = h_angle.sum(axis=0)
        h_grad.frequency = (2 * np.pi) ** 2 * np.einsum("njf,nj->jf", h_angle, np.square(cache.x))
        return np.hstack([h_x + (2 * np.pi) ** 2 * h_here, h_rest])

    def _r_angle(self, p, r_p, cache, r_x):
        """The change of the angles along a direction."""
        turns = r_p.frequency * cache.x[:, :, None] + p.frequency * r_x[:, :, None]
        return 2 * np.pi * turns + r_p.phase

    def _join(self, x, waves, inputs):
        """The outputs: each column with what its waves are mixed to, then the other inputs."""
        embedded = np.concatenate([x[:, :, None], waves], axis=2).reshape(len(x), -1)
        return np.hstack([embedded, inputs[:, self.columns :]])

    def _split(self, z):
        """The parts of `_join`'s result: (n, columns), (n, columns, units) and the rest."""
        end = self.columns * (1 + self.units)
        embedded = z[:, :end].reshape(len(z), self.columns, -1)
        return embedded[:, :, 0], embedded[:, :, 1:], z[:, end:]
