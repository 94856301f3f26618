"""Conversion of networks: to and from PyTorch, to ONNX.

PyTorch and ONNX are optional packages, imported when one of these functions is first used.

Examples
--------
>>> from deltaprop import Dense, Network
>>> from deltaprop.interop import to_onnx
>>> to_onnx(Network([Dense(2)], inputs=3)).producer_name
'deltaprop'
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from .onnx import to_onnx
    from .pytorch import from_torch, to_torch

__all__ = ["from_torch", "to_onnx", "to_torch"]

_HOME = {"from_torch": "pytorch", "to_onnx": "onnx", "to_torch": "pytorch"}


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    except ModuleNotFoundError as error:
        if error.name not in ("onnx", "torch"):
            raise
        raise InputError(
            f"{name}: {error.name} is not installed; pip install 'deltaprop[{error.name}]'."
        ) from error


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
