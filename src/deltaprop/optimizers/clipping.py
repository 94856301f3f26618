"""Gradient clipping, against the rare huge gradient at a cliff of the loss surface."""

import numpy as np

from ..errors import number


def clip_norm(grad: np.ndarray, limit: float) -> float:
    """Shorten the gradient to length `limit` if it is longer; its direction stays.

    g ← g · limit/‖g‖ where ‖g‖ > limit, with ‖g‖ = √Σg². A gradient that is not finite is left unchanged.

    Parameters
    ----------
    grad : ndarray of shape (p,)
        Changed in place.
    limit : float
        > 0, in the units of the gradient.

    Returns
    -------
    float
        ‖g‖ before clipping.

    Raises
    ------
    InputError
        If `limit` is not a positive number.

    Source: Pascanu, Mikolov, Bengio, *On the difficulty of training recurrent neural networks* (2013), algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> grad = np.array([3.0, 4.0])
    >>> clip_norm(grad, 1.0)
    5.0
    >>> print(grad)
    [0.6 0.8]
    """
    number("clip_norm", "limit", limit, low=0, open_low=True)
    if not grad.size:
        return 0.0
    largest = np.maximum(grad.max(), -grad.min())
    scale = np.where((largest > 0) & np.isfinite(largest), largest, 1).astype(grad.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        norm = largest * np.sqrt(
            np.square(grad / scale).sum(dtype=np.float64)
        )  # scaled: squares do not overflow
    grad *= np.where(np.isfinite(norm), limit / np.maximum(norm, limit), 1).item()
    return norm.item()


def clip_value(grad: np.ndarray, limit: float) -> None:
    """Limit every entry of the gradient to [−limit, limit], in place; its direction may change.

    Raises
    ------
    InputError
        If `limit` is not a positive number.

    Examples
    --------
    >>> import numpy as np
    >>> grad = np.array([3.0, -0.5])
    >>> clip_value(grad, 1.0)
    >>> print(grad)
    [ 1.  -0.5]
    """
    number("clip_value", "limit", limit, low=0, open_low=True)
    np.clip(grad, -float(limit), float(limit), out=grad)
