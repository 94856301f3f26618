"""Multilayer networks trained by explicit backpropagation.

The public names are imported on first use, so that ``import deltaprop`` itself stays light: NumPy, and nothing
of scikit-learn, pandas or matplotlib until something is asked for that needs them.

Examples
--------
>>> import deltaprop
>>> "Network" in dir(deltaprop)
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import data, errors, estimators, functions, layers, optimizers, recipes, report, solvers, training
    from .errors import InputError
    from .estimators import Adaline, MLPClassifier, MLPRegressor, Perceptron
    from .functions import schedules
    from .functions.penalties import Penalty
    from .layers import RBF, Activation, BatchNorm, Dense, Dropout, LayerNorm, Residual, Scale, Softmax
    from .network import Network
    from .trace import Trace
    from .training.fit import fit
    from .training.history import History
    from .training.lr_find import lr_find

__version__ = "0.1.0"

_HOME = {
    "Network": "network",
    "Trace": "trace",
    "InputError": "errors",
    "Penalty": "functions.penalties",
    "Dense": "layers",
    "Activation": "layers",
    "Softmax": "layers",
    "Dropout": "layers",
    "BatchNorm": "layers",
    "LayerNorm": "layers",
    "Residual": "layers",
    "RBF": "layers",
    "Scale": "layers",
    "fit": "training.fit",
    "History": "training.history",
    "lr_find": "training.lr_find",
    "MLPClassifier": "estimators",
    "MLPRegressor": "estimators",
    "Perceptron": "estimators",
    "Adaline": "estimators",
}
_MODULES = {
    "functions": "functions",
    "schedules": "functions.schedules",
    "layers": "layers",
    "optimizers": "optimizers",
    "training": "training",
    "data": "data",
    "recipes": "recipes",
    "report": "report",
    "solvers": "solvers",
    "errors": "errors",
    "estimators": "estimators",
}

__all__ = [
    "RBF",
    "Activation",
    "Adaline",
    "BatchNorm",
    "Dense",
    "Dropout",
    "History",
    "InputError",
    "LayerNorm",
    "MLPClassifier",
    "MLPRegressor",
    "Network",
    "Penalty",
    "Perceptron",
    "Residual",
    "Scale",
    "Softmax",
    "Trace",
    "data",
    "errors",
    "estimators",
    "fit",
    "functions",
    "layers",
    "lr_find",
    "optimizers",
    "recipes",
    "report",
    "schedules",
    "solvers",
    "training",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"{__name__}.{_MODULES[name]}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
