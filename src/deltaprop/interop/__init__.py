"""Networks for other programs, and from them: PyTorch both ways, ONNX out.

PyTorch and ONNX are optional: each is imported when one of these functions is first asked for.

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
    from .torch import from_torch, to_torch

__all__ = ["from_torch", "to_onnx", "to_torch"]

_NEEDS = {
    "to_torch": "torch",
    "from_torch": "torch",
    "to_onnx": "onnx",
}  # the module here, the package, the extra


def __getattr__(name: str):
    if name not in _NEEDS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    package = _NEEDS[name]
    try:
        module = import_module(f"{__name__}.{package}")
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise InputError(
            f"{name}: {package} is not installed, expected an optional package; pip install "
            f"'deltaprop[{package}]'."
        ) from error
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
