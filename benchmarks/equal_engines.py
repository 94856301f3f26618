"""Whether the JAX engine trains as the NumPy engine does, on the device that JAX finds: 50 steps of two networks.

    python -m benchmarks.equal_engines [--quick]

The same weights within 1e-10 in float64 and 1e-4 in float32; with rounded products, another result but as good a one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import numpy as np

from deltaprop import BatchNorm, Dense, Dropout, LayerNorm, Network, Residual
from deltaprop.errors import InputError

from .options import Parser, command

TOLERANCES = {"float64": 1e-10, "float32": 1e-4}
#: A training loss that counts as learned, over that of the NumPy engine.
AS_GOOD = 1.25


def networks(width: int) -> dict[str, list]:
    """Their layers; relu's slope jumps, which after batch norm moves single weights by more than rounding."""
    normalized = [Dense(width, bias=False), BatchNorm(), "tanh", Dropout(0.2), Dense(width // 2), "tanh"]
    residual = [Dense(width), "tanh", Residual([Dense(width), "relu", Dense(width)]), LayerNorm()]
    return {"batch norm, dropout": [*normalized, Dense(10)], "residual": [*residual, Dense(10)]}


def compare(
    width: int, inputs: int = 784, samples: int = 640, epochs: int = 10
) -> Iterator[tuple[bool, str]]:
    """Whether each network is in each precision as it must be, in words too."""
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((samples, inputs)), rng.integers(0, 10, samples)

    def fit(layers, dtype, **options):
        net = Network(layers, inputs=inputs, loss="softmax_cross_entropy", seed=1, dtype=dtype)
        history = net.fit(x, t, epochs=epochs, batch_size=samples // 5, optimizer="adam", **options)
        return net.theta, history["train_loss"][-1]

    for name, layers in networks(width).items():
        for dtype, tolerance in TOLERANCES.items():
            expected, loss = fit(layers, dtype, engine="numpy")
            found, _ = fit(layers, dtype, engine="jax")
            error = np.abs(found - expected).max()
            yield error <= tolerance, f"{name}, {dtype}: weights differ by {error:.1e}, at most {tolerance:g}"
        for precision in ("tf32", "bf16") if name == "residual" else ():
            try:
                found, other = fit(layers, "float32", engine="jax", precision=precision)
            except InputError as refusal:
                yield True, f"{name}, {precision}: {refusal}"
                continue
            rounded = np.abs(found - expected).max()
            words = (
                f"{name}, {precision}: weights differ by {rounded:.1e}, loss {other:.4f} beside {loss:.4f}"
            )
            yield rounded > error and other <= AS_GOOD * loss, words


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, compare, print; exit status 1 if an engine differs."""
    parser = Parser("benchmarks.equal_engines", __doc__)
    parser.add_argument("--quick", action="store_true", help="small networks")
    options = parser.parse_args(arguments)
    alike = True
    for good, words in compare(16 if options.quick else 256):
        print(f"{'as expected' if good else 'NOT AS EXPECTED'}: {words}", flush=True)
        alike = alike and good
    sys.exit(not alike)


if __name__ == "__main__":
    main()
