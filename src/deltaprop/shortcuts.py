"""Methods of `Network` that belong to modules above it: training, files, and other libraries.

This is the only place from which the network reaches upwards, always by `module`.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import onnx
    import torch  # pyright: ignore[reportMissingImports]

    from .network import Network
    from .playground.widget import PageWidget
    from .training.history import History
    from .training.lr_find import LearningRateSearch


def module(name: str) -> Any:
    """A module of the package, imported on use."""
    return import_module(f".{name}", __package__)


class Shortcuts:
    """``net.fit(x, t)`` for ``deltaprop.training.fit(net, x, t)``, and the like."""

    def fit(self, x: Any, t: Any, **options: Any) -> History:
        """Train from where the weights are; see `deltaprop.training.fit` for the options."""
        return module("training").fit(self, x, t, **options)

    def lr_find(self, x: Any, t: Any, **options: Any) -> LearningRateSearch:
        """Suggest a learning rate, without changing the network; see `deltaprop.training.lr_find`."""
        return module("training.lr_find").lr_find(self, x, t, **options)

    def watch(self, x: Any, t: Any, **options: Any) -> PageWidget:
        """Show the network in a notebook while it trains there; see `deltaprop.playground.watch` for the options."""
        return module("playground").watch(self, x, t, **options)

    def save(self, path: str | Path, extra: dict | None = None) -> None:
        """Write weights and architecture to one safetensors file, atomically; `extra` is any JSON to keep with it."""
        module("model_file").write(path, self, extra)

    @staticmethod
    def load(path: str | Path, own: Iterable[type] = ()) -> Network:
        """Read a network that `save` wrote; `own` are layers, activations and losses of your own that it may name.

        Loading never runs code from the file.
        """
        return module("model_file").read(path, own)[0]

    def to_torch(self, output_map: bool = False) -> torch.nn.Sequential:
        """This network as a PyTorch model that computes the same; see `deltaprop.interop.to_torch`."""
        return module("interop").to_torch(self, output_map)

    @staticmethod
    def from_torch(model: torch.nn.Sequential, inputs: int | None = None, **options: Any) -> Network:
        """The network that computes what a PyTorch model computes; see `deltaprop.interop.from_torch`."""
        return module("interop").from_torch(model, inputs, **options)

    def to_onnx(self, path: str | Path | None = None, output_map: bool = True) -> onnx.ModelProto:
        """This network's inference as an ONNX model; see `deltaprop.interop.to_onnx`."""
        return module("interop").to_onnx(self, path, output_map)
