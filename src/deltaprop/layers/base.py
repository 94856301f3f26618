"""What a layer is: forward and backward side by side, the parameters outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..bounds import Bounded
from ..errors import InputError
from ..functions.activations import ActivationFunction

Shapes = dict[str, tuple[int, ...]]


class View:
    """The named arrays of one layer, each a view of one flat vector.

    ``p.w`` is the array; assigning to it writes its entries in place, so that it stays a view. The same class shows a
    layer its parameters, its slot of the gradient, or a direction in parameter space.
    """

    layer: Layer
    index: int  #: Number in depth-first order: the layer's name in layouts and its stream of random numbers.
    arrays: dict[str, np.ndarray]
    inside: tuple[View, ...]  #: The views of the layers that this one wraps.

    def __init__(
        self, layer: Layer, index: int, arrays: dict[str, np.ndarray], inside: tuple[View, ...] = ()
    ):
        self.__dict__.update(layer=layer, index=index, inside=inside, arrays=arrays)

    def __getattr__(self, name: str) -> np.ndarray:
        arrays = self.__dict__.get("arrays", {})
        if name in arrays:
            return arrays[name]
        kind = type(self.__dict__.get("layer")).__name__
        raise AttributeError(f"{kind} has no {name!r}; it has {', '.join(arrays) or 'no arrays'}")

    def __setattr__(self, name: str, value: Any) -> None:
        array = getattr(self, name)
        try:
            array[...] = value
        except (ValueError, TypeError):
            got = f"has shape {np.shape(value)}" if isinstance(value, np.ndarray) else f"is {value!r}"
            kind = type(self.layer).__name__
            raise InputError(
                f"{kind}: {name} {got}, expected numbers of shape {array.shape}; give it that shape."
            ) from None

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in self.arrays.items())
        return f"{self.layer}" + (f": {shapes}" if shapes else "")


class Cache:
    """What forward stores for backward and jvp under names of its own, such as ``cache.z``, and what marks this pass.

    In `training`, dropout drops and batch normalization uses the batch's own statistics; `seed` and `step` are the key
    of the dropout masks; `inside` holds the caches of wrapped layers.
    """

    def __init__(self, training: bool = False, seed: int = 0, step: int = 0):
        self.training = training
        self.seed = seed
        self.step = step
        self.inside: list[Cache] = []

    if TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None: ...

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"forward stored no {name!r}; call forward with this cache first")


class Layer(Bounded, ABC):
    """One step of the network: z = forward(x), with the exact derivative beside it.

    A layer is configuration only. `p` shows it its parameters and buffers, `cache` what forward stored. A batch is
    (n, d), one sample per row. Subclass it for a layer of your own: `forward`, `backward` and, where they are needed,
    `jvp` for forward-mode derivatives, `r_backward` for second derivatives, `backward_diagonal` for their diagonal.

    Attributes
    ----------
    has_units : bool
        Whether the layer has units of its own: summaries and drawings show such layers as columns.
    rescales : bool
        Whether the layer only rescales or drops values, so that the layer before it is initialized for the
        activation after it.
    operation : str
        Name of the layer in the compiled core, if it has one; not inherited.
    integers, numbers : tuple of str
        What the core needs to know, in its order. Integers are fields, places of arrays in their vectors (by the
        array's name), ``"slot"`` (the number among the layers that have parameters), ``"index"`` (the number among
        all layers) or the activation ``"function"``; numbers are fields, the function's own and the slope below which
        it is ``"flat"``.
    """

    has_units: ClassVar[bool] = False
    rescales: ClassVar[bool] = False
    integers: ClassVar[tuple[str, ...]] = ()
    numbers: ClassVar[tuple[str, ...]] = ()

    def width(self, d_in: int) -> int:
        """Number of outputs for `d_in` inputs."""
        return d_in

    def shapes(self, d_in: int) -> Shapes:
        """The parameters by name: what gradient descent learns."""
        return {}

    def buffers(self, d_in: int) -> Shapes:
        """The running statistics by name: arrays that follow the batches, not the gradient."""
        return {}

    def wrapped(self) -> Sequence[Layer]:
        """The layers inside this one."""
        return ()

    def initialize(self, p: View, rng: np.random.Generator, following: ActivationFunction | None) -> None:
        """Fill the parameters in place; `following` is the activation that the layer feeds, if any."""

    def initialize_from_data(self, p: View, x: np.ndarray, rng: np.random.Generator) -> None:
        """Change the initial parameters in place, for a layer whose first inputs are x."""

    @abstractmethod
    def forward(self, p: View, x: np.ndarray, cache: Cache, /) -> np.ndarray:
        """The layer's output for the batch x."""

    @abstractmethod
    def backward(self, p: View, cache: Cache, d_z: np.ndarray, grad: View, /) -> np.ndarray:
        """From d_z, ∂E/∂output: write ∂E/∂parameters into `grad`, return ∂E/∂x.

        A layer whose output is an activation calls its argument d_a.
        """

    def jvp(self, p: View, d_p: View, cache: Cache, d_x: np.ndarray, /) -> np.ndarray:
        """The change of the output when the parameters change by `d_p` and the input by `d_x` (first order)."""
        raise NotImplementedError(f"{type(self).__name__} has no jvp: write it for forward-mode derivatives")

    def r_backward(
        self, p: View, r_p: View, cache: Cache, d_z: np.ndarray, r_d_z: np.ndarray, r_grad: View, /
    ) -> np.ndarray:
        """R{·} of `backward`: the change of its results when the parameters change by `r_p`, the input by `r_input`.

        `backward` was given d_z, which changes by r_d_z. The change of ∂E/∂parameters is written into `r_grad`, that of
        ∂E/∂x is returned. `jvp` went before: ``cache.r_input`` and ``cache.r_output`` are the changes of input and
        output.

        Source: Pearlmutter, *Fast exact multiplication by the Hessian* (1994).
        """
        raise NotImplementedError(f"{type(self).__name__} has no r_backward: write it for second derivatives")

    def backward_diagonal(
        self, p: View, cache: Cache, d_z: np.ndarray, h_z: np.ndarray, h_grad: View, gauss_newton: bool, /
    ) -> np.ndarray:
        """From h_z, ∂²E/∂output²: write ∂²E/∂parameters² into `h_grad`, return ∂²E/∂x²; diagonals only.

        Second derivatives by two different outputs are taken as 0. With `gauss_newton` so are the layer's own, which
        `backward`'s d_z multiplies.

        Source: LeCun, Denker, Solla, *Optimal brain damage* (1990); *Efficient BackProp*, §7.4.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no backward_diagonal: write it for the diagonal of the Hessian"
        )

    def update_running_stats(self, p: View, cache: Cache, /) -> None:
        """After a training step: take this batch into the running statistics."""


#: Parameters that penalties act on, by name: weights, not biases, gains, centres or widths.
PENALIZED = frozenset({"w"})

#: The names of the parameters of this package's layers. Factors by one of them are for whatever layers have it, if any.
PARAMETERS = frozenset(
    {
        "w",
        "b",
        "gain",
        "shift",
        "factor",
        "slope",
        "centre",
        "log_width",
        "table",
        "frequency",
        "phase",
        "u",
        "c",
    }
)
