"""What is timed: data, networks and training, the same for every contender."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Workload:
    """One thing to time.

    Attributes
    ----------
    name, title : str
    sizes : tuple of int
        Units from the inputs to the outputs; ReLU between.
    loss : str
        ``"softmax_cross_entropy"`` or ``"squared_error"``.
    optimizer : str
        ``"momentum"`` (0.9) or ``"adam"``.
    rate : float
    batch : int
    samples : int
        A multiple of the batch, so that every contender's steps are alike.
    epochs : int
        In one timing.
    unit : str
        What a timing is divided by: ``"step"``, ``"epoch"``, ``"fit"``, ``"call"`` or ``"run"``.
    """

    name: str
    title: str
    sizes: tuple[int, ...]
    loss: str
    optimizer: str
    rate: float
    batch: int
    samples: int
    epochs: int
    unit: str

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return self.samples // self.batch

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs, float32 (samples, sizes[0]), and labels, int64 (samples,), or values, float32."""
        if self.sizes[0] == 784:
            x, t, _, _ = mnist()
            return x[: self.samples], t[: self.samples]
        rng = np.random.default_rng(0)
        if self.sizes[0] == 2:
            from deltaprop.data import load

            rings = load("rings", samples=self.samples)
            x = np.asarray(rings.x, np.float32)
            return (x - x.mean(axis=0)) / x.std(axis=0), np.asarray(rings.codes, np.int64)
        x = rng.standard_normal((self.samples, self.sizes[0]), dtype=np.float32)
        return x, np.sin(x[:, :8].sum(axis=1)) + 0.1 * rng.standard_normal(self.samples, dtype=np.float32)

    def weights(self) -> list[np.ndarray]:
        """The initial w, b, w, b, … that every contender starts from where it lets one choose."""
        net = self.network()
        return [array.copy() for layer in net.layers for array in layer.arrays.values()]

    def network(self, seed: int = 0):
        """The network as deltaprop writes it."""
        from deltaprop import Dense, Network

        layers: list = []
        for units in self.sizes[1:-1]:
            layers += [Dense(units), "relu"]
        return Network([*layers, Dense(self.sizes[-1])], inputs=self.sizes[0], loss=self.loss, seed=seed)


def mnist() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training and test images, standardized float32 (n, 784), and labels, int64."""
    from deltaprop.data import load

    data = load("mnist")
    x, x_test = ((np.asarray(v, np.float32) / 255 - 0.1307) / 0.3081 for v in (data.x, data.x_test))
    return x, np.asarray(data.t, np.int64), x_test, np.asarray(data.t_test, np.int64)


RINGS = Workload(
    "rings",
    "rings, per step",
    (2, 32, 16, 2),
    "softmax_cross_entropy",
    "momentum",
    0.01,
    128,
    2048,
    40,
    "step",
)
MNIST = Workload(
    "mnist",
    "MNIST, per step",
    (784, 256, 128, 10),
    "softmax_cross_entropy",
    "adam",
    1e-3,
    128,
    59_904,
    1,
    "step",
)
WIDE = Workload(
    "wide",
    "wide table, per epoch",
    (50, 512, 256, 1),
    "squared_error",
    "adam",
    1e-3,
    1024,
    100_352,
    1,
    "epoch",
)
PREDICT = replace(MNIST, name="predict", title="predict one sample, per call", unit="call")
MANY = replace(RINGS, name="many", title="1,000 fits of the rings, per fit", epochs=10, unit="fit")
ACCURATE = replace(
    MNIST, name="accurate", title="98 % on MNIST's test images", rate=3e-3, epochs=4, unit="run"
)

WORKLOADS = {w.name: w for w in (RINGS, MNIST, WIDE, ACCURATE, PREDICT, MANY)}
