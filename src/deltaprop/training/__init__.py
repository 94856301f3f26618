"""The training loop: fit, its history, what watches it, and its checkpoints."""

from .callbacks import Callback, EarlyStopping, ReduceOnPlateau
from .checkpoint import Checkpoint
from .fit import fit
from .history import History
from .progress import Progress
from .run import Run, Snapshot

__all__ = [
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "History",
    "Progress",
    "ReduceOnPlateau",
    "Run",
    "Snapshot",
    "fit",
]
