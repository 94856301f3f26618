"""Layers, activations and output maps that PyTorch lacks, as its modules: ``RBFModule`` computes what `RBF` computes.

They are defined at module level so that models with them can be pickled.
"""

from __future__ import annotations

import math

import torch  # pyright: ignore[reportMissingImports]
from torch import nn  # pyright: ignore[reportMissingImports]

from ..functions import activations


class StepModule(nn.Module):
    """f(z) = 1 if z ≥ 0 else 0.  f′ = 0."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        # by sign, which has the gradient 0 in PyTorch; a comparison has none at all
        return 0.5 + 0.5 * torch.sign(torch.sign(z) + 0.5)


class ScaledTanhModule(nn.Module):
    """f(z) = A tanh(S z), A = 1.7159, S = 2/3."""

    amplitude, slope = activations.ScaledTanh.amplitude, activations.ScaledTanh.slope

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.amplitude * torch.tanh(self.slope * z)


class ExpModule(nn.Module):
    """f(z) = e^z: the output map of the Poisson loss."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.exp(z)


class ScaleModule(nn.Module):
    """z = factor · x + offset, nothing learned."""

    def __init__(self, factor: float = 1.0, offset: float = 0.0):
        super().__init__()
        self.factor = float(factor)
        self.offset = float(offset)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.factor + self.offset

    def extra_repr(self) -> str:
        return f"factor={self.factor}, offset={self.offset}"


class RepeatModule(nn.Module):
    """z = (x, x, …, x), once for each member."""

    def __init__(self, members: int):
        super().__init__()
        self.members = int(members)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.repeat(1, self.members)

    def extra_repr(self) -> str:
        return f"{self.members}"


class GroupedLinear(nn.Module):
    """z_g = x_g w_gᵀ + b_g for each group of columns.   weight: (groups, units, d) or (units, d), bias: (all units,)

    A new one starts as `torch.nn.Linear` does, each group on its own.
    """

    def __init__(
        self,
        inputs: int,
        units: int,
        groups: int,
        shared: bool = False,
        bias: bool = True,
        device: torch.device | str | None = None,
    ):
        super().__init__()
        self.inputs, self.units, self.groups, self.shared = inputs, units, groups, shared
        shape, bound = (units, inputs // groups), (inputs // groups) ** -0.5
        weight = torch.empty(shape if shared else (groups, *shape), device=device)
        self.weight = nn.Parameter(weight.uniform_(-bound, bound))
        b = torch.empty(groups * units, device=device).uniform_(-bound, bound)
        self.bias = nn.Parameter(b) if bias else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        groups = x.reshape(len(x), self.groups, -1).transpose(0, 1)
        z = (groups @ self.weight.transpose(-1, -2)).transpose(0, 1).reshape(len(x), -1)
        return z if self.bias is None else z + self.bias

    def extra_repr(self) -> str:
        return f"{self.inputs}, {self.units}, groups={self.groups}, shared={self.shared}"


class GroupedLayerNorm(nn.Module):
    """`torch.nn.LayerNorm` of each group of columns; weight and bias: (inputs,)."""

    def __init__(self, inputs: int, groups: int, eps: float = 1e-5, device: torch.device | str | None = None):
        super().__init__()
        self.inputs, self.groups, self.eps = inputs, groups, eps
        self.weight = nn.Parameter(torch.ones(inputs, device=device))
        self.bias = nn.Parameter(torch.zeros(inputs, device=device))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        groups = x.reshape(len(x), self.groups, -1)
        normal = nn.functional.layer_norm(groups, groups.shape[2:], eps=self.eps)
        return normal.reshape(x.shape) * self.weight + self.bias

    def extra_repr(self) -> str:
        return f"{self.inputs}, groups={self.groups}, eps={self.eps}"


class LearnedScaleModule(nn.Module):
    """z = factor ⊙ x."""

    def __init__(self, units: int, device: torch.device | str | None = None):
        super().__init__()
        self.units = units
        self.factor = nn.Parameter(torch.ones(units, device=device))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.factor * x


class ParametricActivationModule(nn.Module):
    """a = z + slope ⊙ (f(z) − z)."""

    def __init__(self, units: int, function: nn.Module, device: torch.device | str | None = None):
        super().__init__()
        self.units, self.function = units, function
        self.slope = nn.Parameter(torch.ones(units, device=device))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return z + self.slope * (self.function(z) - z)


class PeriodicEmbeddingModule(nn.Module):
    """Each of the first `columns` inputs x becomes x and u cos(2π frequency x + phase) + c; the others stay."""

    def __init__(
        self,
        inputs: int,
        columns: int,
        frequencies: int = 16,
        units: int = 3,
        sigma: float = 0.1,
        device: torch.device | str | None = None,
    ):
        super().__init__()
        self.inputs, self.columns, self.frequencies = inputs, columns, frequencies
        self.units, self.sigma = units, sigma
        limit = frequencies**-0.5
        self.frequency = nn.Parameter(sigma * torch.randn(columns, frequencies, device=device))
        self.phase = nn.Parameter(math.pi * (2 * torch.rand(columns, frequencies, device=device) - 1))
        self.u = nn.Parameter(limit * (2 * torch.rand(columns, units, frequencies, device=device) - 1))
        self.c = nn.Parameter(limit * (2 * torch.rand(columns, units, device=device) - 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        here = x[:, : self.columns, None]
        waves = torch.cos(2 * math.pi * self.frequency * here + self.phase)
        mixed = torch.einsum("jkf,njf->njk", self.u, waves) + self.c
        return torch.cat([torch.cat([here, mixed], dim=2).flatten(1), x[:, self.columns :]], dim=1)


class EmbeddingModule(nn.Module):
    """The last inputs are codes of categories; each becomes its row of a table, or zeros where it is none."""

    def __init__(
        self,
        inputs: int,
        categories: tuple[int, ...],
        size: int = 8,
        device: torch.device | str | None = None,
    ):
        super().__init__()
        self.inputs, self.categories, self.size = inputs, categories, size
        self.table = nn.Parameter(size**-0.5 * torch.randn(sum(categories), size, device=device))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        counts = torch.tensor(self.categories, device=x.device)
        codes = x[:, -len(self.categories) :]
        known = (codes >= 0) & (codes < counts)
        rows = torch.where(known, codes, 0).long() + counts.cumsum(0) - counts
        found = self.table[rows] * known[:, :, None]
        return torch.cat([x[:, : -len(self.categories)], found.flatten(1)], dim=1)


class ResidualModule(nn.Module):
    """z = x + F(x)."""

    def __init__(self, inside: nn.Sequential):
        super().__init__()
        self.inside = inside

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.inside(x)


class RBFModule(nn.Module):
    """a_j = exp(−‖x − c_j‖² / (2 s_j²)).   centre c: (units, inputs), log_width log s: (units,)

    A new one starts as `deltaprop.RBF` does: standard normal centres, s = √inputs.
    """

    def __init__(self, inputs: int, units: int, device: torch.device | str | None = None):
        super().__init__()
        self.inputs, self.units = inputs, units
        self.centre = nn.Parameter(torch.randn(units, inputs, device=device))
        self.log_width = nn.Parameter(torch.full((units,), 0.5 * math.log(inputs), device=device))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # the distances themselves, not x² − 2xc + c², which loses what is small
        distance = torch.cdist(x, self.centre, compute_mode="donot_use_mm_for_euclid_dist")
        return torch.exp(-0.5 * torch.square(distance * torch.exp(-self.log_width)))

    def extra_repr(self) -> str:
        return f"{self.inputs}, {self.units}"
