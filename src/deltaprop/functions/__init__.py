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
from .scores import accuracy, r2
from .target_values import *

__all__ = ["FUNCTION_CLASSES", "Loss", "Penalty", "accuracy", "r2", "softmax"]
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
