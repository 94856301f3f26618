"""The compiled core, src/bindings.cpp."""

from enum import Enum
from typing import Any

import numpy as np

Inputs = np.ndarray | tuple[np.ndarray, np.ndarray, np.ndarray]

def instruction_set() -> str: ...
def instruction_sets() -> list[str]: ...
def shuffle(numbers: np.ndarray, key: np.ndarray, counter: np.ndarray) -> None: ...

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
        self,
        theta: np.ndarray,
        buffers: np.ndarray,
        x: Inputs,
        order: np.ndarray | None,
        mapped: bool,
        z: np.ndarray,
    ) -> bool: ...
    def layer_stats(
        self, theta: np.ndarray, buffers: np.ndarray, probe: Inputs, most: float, seen: np.ndarray
    ) -> None: ...
    def gradient(
        self,
        theta: np.ndarray,
        buffers: np.ndarray,
        x: Inputs,
        t: np.ndarray,
        weight: np.ndarray | None,
        training: bool,
        step: int,
        grad: np.ndarray | None,
    ) -> float: ...
    def sample_gradients(
        self,
        theta: np.ndarray,
        buffers: np.ndarray,
        x: Inputs,
        t: np.ndarray,
        grads: np.ndarray,
    ) -> None: ...
    def jvp(
        self,
        theta: np.ndarray,
        buffers: np.ndarray,
        x: Inputs,
        d_theta: np.ndarray,
        d_x: np.ndarray | None,
        training: bool,
        step: int,
        d_z: np.ndarray,
    ) -> None: ...
    def vjp(
        self,
        theta: np.ndarray,
        buffers: np.ndarray,
        x: Inputs,
        d_z: np.ndarray,
        training: bool,
        step: int,
        grad: np.ndarray,
        d_x: np.ndarray,
    ) -> None: ...
