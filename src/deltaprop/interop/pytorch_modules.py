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
