"""The numbers that stand for the classes under a squared error: where the output activation bends most, say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import InputError, number, short
from .activations import ActivationFunction
from .losses import SquaredError

__all__ = ["curvature_points", "with_target_values"]


def curvature_points(function: ActivationFunction) -> tuple[float, float]:
    """f(z) where f″ is smallest and largest, of a sigmoid function: (low, high).

    Targets there make use of the non-linearity, but do not drive the weights to infinity as the asymptotes would.

    Parameters
    ----------
    function : ActivationFunction
        f″ must be positive on the left of one point, and negative on the right.

    Raises
    ------
    InputError
        For any other function.

    Source: LeCun, Bottou, Orr, Müller, *Efficient BackProp*, §4.5.

    Examples
    --------
    >>> from deltaprop.functions import ScaledTanh, Sigmoid
    >>> print(np.round(curvature_points(ScaledTanh()), 4), np.round(curvature_points(Sigmoid()), 4))
    [-0.9907  0.9907] [0.2113 0.7887]
    """
    from scipy.optimize import minimize_scalar  # imported on use: keeps `import deltaprop` light

    def d2f(z: Any) -> Any:
        return function.d2f(np.asarray(z, float), function.f(np.asarray(z, float)))

    z = np.linspace(-10, 10, 2001)
    bend = d2f(z)
    signs = np.sign(bend[np.abs(bend) > 1e-12])
    if not (len(signs) and signs[0] > 0 > signs[-1] and np.count_nonzero(np.diff(signs)) <= 2):
        raise InputError(
            f"target_values: 'curvature' is asked for with the output activation {function}, expected a sigmoid one; "
            "use sigmoid, tanh or scaled_tanh, or give the two numbers."
        )
    points = []
    for sign in (-1, 1):
        i = int(np.clip((sign * bend).argmin(), 1, len(z) - 2))
        found = minimize_scalar(
            lambda at, sign=sign: float(sign * d2f(at)),
            bounds=(z[i - 1], z[i + 1]),
            method="bounded",
            options={"xatol": 1e-10},
        )
        points.append(float(function.f(np.asarray(found.x))))
    return points[0], points[1]


def with_target_values(owner: str, loss: Any, values: Any, function: ActivationFunction) -> Any:
    """The loss with these target values of classes.

    Parameters
    ----------
    owner : str
        What messages call the caller.
    loss : Loss
    values : (low, high), "curvature" or None
        None changes nothing; "curvature": `curvature_points` of the output activation.
    function : ActivationFunction
        The output activation.

    Raises
    ------
    InputError
        For values of another form, and for other losses than the squared error.

    Examples
    --------
    >>> from deltaprop.functions import ScaledTanh, SquaredError
    >>> with_target_values("Network", SquaredError(), (-1, 1), ScaledTanh())
    SquaredError(off=-1.0, on=1.0)
    """
    if values is None:
        return loss
    if not isinstance(loss, SquaredError):
        raise InputError(
            f"{owner}: target_values is {short(values)} with the loss {loss}, expected squared_error; leave it out, or "
            "choose this loss."
        )
    if isinstance(values, str) and values == "curvature":
        off, on = curvature_points(function)
        return replace(loss, off=off, on=on)
    if isinstance(values, str) or np.shape(values) != (2,):
        raise InputError(
            f"{owner}: target_values is {short(values)}, expected (low, high) or 'curvature'; give one of these."
        )
    for value in values:
        number(owner, "target_values", value)
    return replace(loss, off=float(values[0]), on=float(values[1]))
