"""The layers, forward and backward side by side."""

from .activation import Activation
from .base import PENALIZED, Cache, Layer, View
from .dense import Dense
from .dropout import Dropout
from .embedding import Embedding
from .grouped_dense import GroupedDense
from .learned_scale import LearnedScale
from .normalization import BatchNorm, LayerNorm
from .parametric_activation import ParametricActivation
from .periodic_embedding import PeriodicEmbedding
from .rbf import RBF
from .repeat import Repeat
from .residual import Residual
from .scale import Scale
from .shorthand import as_layers
from .softmax import Softmax

#: The layers themselves, which `deltaprop` exports as well.
__all__ = [
    "RBF",
    "Activation",
    "BatchNorm",
    "Dense",
    "Dropout",
    "Embedding",
    "GroupedDense",
    "LayerNorm",
    "LearnedScale",
    "ParametricActivation",
    "PeriodicEmbedding",
    "Repeat",
    "Residual",
    "Scale",
    "Softmax",
]

#: The layers that a file may name.
LAYERS: tuple[type[Layer], ...] = tuple(globals()[name] for name in __all__)

__all__ += ["LAYERS", "PENALIZED", "Cache", "Layer", "View", "as_layers"]
