"""The layers that PyTorch does not have, as modules of PyTorch.

Their names and formulas are those of `deltaprop.layers` and `deltaprop.functions`. They live at the top of a module so
that a model which holds them can be saved, copied, scripted and trained like any other.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from ..functions import activations


class Step(nn.Module):
    """f(z) = 1 if z ≥ 0 else 0.  f′ = 0."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        # by sign, which has the gradient 0 in PyTorch; a comparison has none at all
        return 0.5 + 0.5 * torch.sign(torch.sign(z) + 0.5)


class ScaledTanh(nn.Module):
    """f(z) = A tanh(S z), A = 1.7159, S = 2/3."""

    def __init__(self):
        super().__init__()
        self.amplitude = activations.ScaledTanh.amplitude
        self.slope = activations.ScaledTanh.slope

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.amplitude * torch.tanh(self.slope * z)


class Exp(nn.Module):
    """f(z) = e^z: the output map of the Poisson loss."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.exp(z)


class Scale(nn.Module):
    """z = factor · x + offset, nothing learned."""

    def __init__(self, factor: float = 1.0, offset: float = 0.0):
        super().__init__()
        self.factor = float(factor)
        self.offset = float(offset)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.factor + self.offset

    def extra_repr(self) -> str:
        return f"factor={self.factor}, offset={self.offset}"


class Residual(nn.Module):
    """z = x + F(x)."""

    def __init__(self, inside: nn.Sequential):
        super().__init__()
        self.inside = inside

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.inside(x)


class RBF(nn.Module):
    """a_j = exp(−‖x − c_j‖² / (2 s_j²)).   centre c: (units, d_in), log_width log s: (units,)

    A new one starts as `deltaprop.RBF` does: standard normal centres, s = √d_in.
    """

    def __init__(self, d_in: int, units: int, device: torch.device | str | None = None):
        super().__init__()
        self.centre = nn.Parameter(torch.randn(units, d_in, device=device))
        self.log_width = nn.Parameter(torch.full((units,), 0.5 * math.log(d_in), device=device))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # the distances themselves, not x² − 2xc + c², which loses what is small
        distance = torch.cdist(x, self.centre, compute_mode="donot_use_mm_for_euclid_dist")
        return torch.exp(-0.5 * torch.square(distance * torch.exp(-self.log_width)))

    def extra_repr(self) -> str:
        units, d_in = self.centre.shape
        return f"{d_in}, {units}"
