"""The layers: one file each, forward and backward side by side."""

from .activation import Activation
from .base import DECAYING, Cache, Layer, View
from .batch_norm import BatchNorm
from .dense import Dense
from .dropout import Dropout
from .layer_norm import LayerNorm
from .rbf import RBF
from .residual import Residual
from .scale import Scale
from .shorthand import as_layers
from .softmax import Softmax

LAYERS: tuple[type[Layer], ...] = (
    Dense,
    Activation,
    Softmax,
    Dropout,
    BatchNorm,
    LayerNorm,
    Residual,
    RBF,
    Scale,
)

__all__ = [
    "DECAYING",
    "LAYERS",
    "RBF",
    "Activation",
    "BatchNorm",
    "Cache",
    "Dense",
    "Dropout",
    "Layer",
    "LayerNorm",
    "Residual",
    "Scale",
    "Softmax",
    "View",
    "as_layers",
]
