"""The compiled core, src/bindings.cpp."""

from enum import Enum
from typing import Any

from numpy import ndarray as Array

Inputs = Array | tuple[Array, Array, Array]

def instruction_set() -> str: ...
def instruction_sets() -> list[str]: ...
def shuffle(numbers: Array, key: Array, counter: Array) -> None: ...

class Operation(Enum):  # of the members of these classes, those that Python names itself
    branch = ...
    join = ...

class Function(Enum): ...
class Loss(Enum): ...
class OutputMap(Enum): ...
class Rule(Enum): ...

class Program:
    def __init__(self, **plan: Any) -> None: ...
    def train(self, **training: Any) -> int: ...
    def forward(
        self, theta: Array, buffers: Array, x: Inputs, order: Array | None, mapped: bool, z: Array
    ) -> bool: ...
    def layer_stats(self, theta: Array, buffers: Array, probe: Inputs, most: float, seen: Array) -> None: ...
    def gradient(
        self,
        theta: Array,
        buffers: Array,
        x: Inputs,
        t: Array,
        weight: Array | None,
        dropout: Array | None,
        step: int,
        grad: Array | None,
    ) -> float: ...
    def sample_gradients(self, theta: Array, buffers: Array, x: Inputs, t: Array, grads: Array) -> None: ...
    def sample_vjp(
        self, theta: Array, buffers: Array, x: Inputs, d_z: Array, count: int, grads: Array
    ) -> None: ...
    def normal_matrix(
        self, theta: Array, buffers: Array, x: Inputs, d_z: Array, count: int, matrix: Array
    ) -> None: ...
    def jvp(
        self,
        theta: Array,
        buffers: Array,
        x: Inputs,
        d_theta: Array,
        d_x: Array | None,
        dropout: Array | None,
        step: int,
        d_z: Array,
    ) -> None: ...
    def vjp(
        self,
        theta: Array,
        buffers: Array,
        x: Inputs,
        d_z: Array,
        dropout: Array | None,
        step: int,
        grad: Array,
        d_x: Array,
    ) -> None: ...
    def hvp(
        self,
        theta: Array,
        buffers: Array,
        x: Inputs,
        t: Array,
        weight: Array | None,
        v: Array,
        gauss_newton: bool,
        dropout: Array | None,
        step: int,
        product: Array,
    ) -> None: ...
