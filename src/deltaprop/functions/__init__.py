"""Pure mathematics without state: activations, losses, initializers, schedules, penalties and scores."""

from dataclasses import is_dataclass

from . import activations, data_initializers, initializers, losses, member_loss, schedules, target_values
from .activations import *
from .data_initializers import *
from .initializers import *
from .loss import Loss, softmax
from .losses import *
from .member_loss import *
from .penalties import Penalty
from .schedules import *
from .scores import accuracy, average_precision, balanced_accuracy, mae, r2, recall, rmse
from .target_values import *

__all__ = ["FUNCTION_CLASSES", "Loss", "Penalty", "softmax"]
__all__ += ["accuracy", "average_precision", "balanced_accuracy", "mae", "r2", "recall", "rmse"]
__all__ += activations.__all__
__all__ += initializers.__all__
__all__ += data_initializers.__all__
__all__ += losses.__all__
__all__ += member_loss.__all__
__all__ += schedules.__all__
__all__ += target_values.__all__

#: The classes defined here that a file may name: see `deltaprop.serialization.from_spec`.
FUNCTION_CLASSES = tuple(
    public
    for public in (globals()[name] for name in __all__[1:])
    if isinstance(public, type) and is_dataclass(public)
)
