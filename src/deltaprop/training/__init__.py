"""The training loop: fit, its history, callbacks and checkpoints."""

from .batch_size import GrowingBatchSize
from .callbacks import Callback, EarlyStopping, MomentumOnPlateau, ReduceOnPlateau
from .checkpoint import Checkpoint
from .curvature_rates import CURVATURE_RATES, DiagonalLM, EigenvalueRate
from .fit import fit
from .history import History
from .largest_eigenvalue import LargestEigenvalue
from .progress import Progress
from .record_activations import RecordActivations
from .run import Run
from .samplers import Alternating, Curriculum, Emphasizing, Fixed, Sampler, Shuffled, Stratified
from .snapshot import Snapshot
from .stepwise import Stepwise
from .time_limit import TimeLimit
from .trainer import Trainer

__all__ = [
    "CURVATURE_RATES",
    "Alternating",
    "Callback",
    "Checkpoint",
    "Curriculum",
    "DiagonalLM",
    "EarlyStopping",
    "EigenvalueRate",
    "Emphasizing",
    "Fixed",
    "GrowingBatchSize",
    "History",
    "LargestEigenvalue",
    "MomentumOnPlateau",
    "Progress",
    "RecordActivations",
    "ReduceOnPlateau",
    "Run",
    "Sampler",
    "Shuffled",
    "Snapshot",
    "Stepwise",
    "Stratified",
    "TimeLimit",
    "Trainer",
    "fit",
]
