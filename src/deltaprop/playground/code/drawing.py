"""How initial weights are drawn, as Python source."""

from __future__ import annotations

from ...functions.initializers import Constant, Initializer, Orthogonal, Uniform, Zeros


def drawn(initializer: Initializer, shape: tuple[int, int]) -> str:
    """The expression of a weight matrix of that shape, by a generator ``rng``, before it is rounded to float32.

    >>> from deltaprop.functions.initializers import GlorotUniform
    >>> drawn(GlorotUniform(), (8, 4))
    'rng.uniform(-0.7071067811865476, 0.7071067811865476, (8, 4))'
    """
    match initializer:
        case Orthogonal(gain=gain):
            return f"{gain} * orthogonal(rng, {shape})"
        case Zeros() | Constant():
            return f"np.full({shape}, {getattr(initializer, 'value', 0.0)})"
        case Uniform(limit=limit):
            return f"rng.uniform({-limit}, {limit}, {shape})"
    variance = initializer.variance(*shape)  # type: ignore[attr-defined]
    if initializer.uniform:  # type: ignore[attr-defined]
        limit = float((3 * variance) ** 0.5)
        return f"rng.uniform({-limit}, {limit}, {shape})"
    return f"{float(variance**0.5)} * rng.standard_normal({shape})"
