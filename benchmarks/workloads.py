"""What is timed: data, networks and training, the same for every contender."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One thing to time.

    Attributes
    ----------
    name, title : str
    sizes : tuple of int
        Units from the inputs to the outputs.
    activation : str
        Between them.
    loss : str
        ``"softmax_cross_entropy"`` or ``"squared_error"``.
    optimizer : str
        ``"momentum"`` (0.9) or ``"adam"``.
    rate : float
    batch : int
    samples : int
        A multiple of the batch, so that every contender's steps are alike.
    epochs : int
        In one timing; 0 for as many as each contender needs for `contenders.LONG_ENOUGH` seconds.
    unit : str
        What a timing is divided by: ``"step"``, ``"epoch"``, ``"fit"``, ``"call"``, ``"run"`` or
        ``"iteration"``.
    inputs : str
        One of `INPUTS`.
    dtype : str
        ``"float32"`` or ``"float64"``, of the data and of everything computed.
    task : str
        ``"train"``, ``"predict"`` one sample, ``"many"`` fits in parallel, train until ``"accurate"``, or iterate
        ``"lm"``, Levenberg–Marquardt on all samples.
    acceleration : float
        Of deltaprop's `LevenbergMarquardt`.
    precision : str
        Of the products on a GPU, for `benchmarks.gpu`: ``"float32"`` or ``"tf32"``.
    """

    name: str
    title: str
    sizes: tuple[int, ...]
    activation: str = "relu"
    loss: str = "softmax_cross_entropy"
    optimizer: str = "adam"
    rate: float = 1e-3
    batch: int = 128
    samples: int
    epochs: int
    unit: str = "step"
    inputs: str = "normal"
    dtype: str = "float32"
    task: str = "train"
    acceleration: float = 0.75
    precision: str = "float32"

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return self.samples // self.batch

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs (samples, sizes[0]), and labels, int64 (samples,), or values (samples,); all numbers of dtype."""
        x, t = INPUTS[self.inputs](self)
        x, t = x[: self.samples], t[: self.samples]
        return np.ascontiguousarray(x, self.dtype), t if t.dtype == np.int64 else t.astype(self.dtype)

    def weights(self) -> list[np.ndarray]:
        """The initial w, b, w, b, … that every contender starts from where it lets one choose."""
        net = self.network()
        return [array.copy() for layer in net.layers for array in layer.arrays.values()]

    def network(self, seed: int = 0):
        """The network as deltaprop writes it."""
        from deltaprop import Dense, Network

        layers: list = []
        for units in self.sizes[1:-1]:
            layers += [Dense(units), self.activation]
        layers.append(Dense(self.sizes[-1]))
        return Network(layers, inputs=self.sizes[0], loss=self.loss, seed=seed, dtype=self.dtype)


def mnist() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training and test images, standardized float32 (n, 784), and labels, int64."""
    from deltaprop.data import load

    data = load("mnist")
    x, x_test = ((np.asarray(v, np.float32) / 255 - 0.1307) / 0.3081 for v in (data.x, data.x_test))
    return x, np.asarray(data.t, np.int64), x_test, np.asarray(data.t_test, np.int64)


def _rings(workload: Workload) -> tuple[np.ndarray, np.ndarray]:
    from deltaprop.data import load

    rings = load("rings", samples=workload.samples)
    x = np.asarray(rings.x)
    return (x - x.mean(axis=0)) / x.std(axis=0), np.asarray(rings.codes, np.int64)


def _digits(workload: Workload) -> tuple[np.ndarray, np.ndarray]:
    from deltaprop.data import load

    digits = load("digits")
    return np.asarray(digits.x) / 16, np.asarray(digits.codes, np.int64)


def _normal(workload: Workload) -> tuple[np.ndarray, np.ndarray]:
    """Standard normal inputs; random labels, or a function of the first eight inputs with noise."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((workload.samples, workload.sizes[0]), dtype=np.dtype(workload.dtype))
    if workload.loss == "softmax_cross_entropy":
        return x, rng.integers(0, workload.sizes[-1], workload.samples)
    return x, np.sin(x[:, :8].sum(axis=1)) + 0.1 * rng.standard_normal(workload.samples)


def _surface(workload: Workload) -> tuple[np.ndarray, np.ndarray]:
    """sin(3 x₁) cos(2 x₂) + x₁ x₂ of inputs drawn evenly from a square."""
    x = np.random.default_rng(0).uniform(-1, 1, (workload.samples, 2))
    return x, np.sin(3 * x[:, 0]) * np.cos(2 * x[:, 1]) + x[:, 0] * x[:, 1]


INPUTS = {
    "normal": _normal,
    "rings": _rings,
    "digits": _digits,
    "mnist": lambda workload: mnist()[:2],
    "surface": _surface,
}


RINGS = Workload(
    name="rings",
    title="rings, per step",
    sizes=(2, 32, 16, 2),
    optimizer="momentum",
    rate=0.01,
    samples=2048,
    epochs=40,
    inputs="rings",
)
DIGITS = Workload(
    name="digits",
    title="digits, per step",
    sizes=(64, 100, 10),
    samples=1792,
    epochs=40,
    inputs="digits",
)
MNIST = Workload(
    name="mnist",
    title="MNIST, per step",
    sizes=(784, 256, 128, 10),
    samples=59_904,
    epochs=1,
    inputs="mnist",
)
WIDE = Workload(
    name="wide",
    title="wide table, per epoch",
    sizes=(50, 512, 256, 1),
    loss="squared_error",
    batch=1024,
    samples=100_352,
    epochs=1,
    unit="epoch",
)
DENSE = replace(MNIST, name="dense", title="dense inputs of MNIST's shape, per step", inputs="normal")
ACCURATE = replace(
    MNIST,
    name="accurate",
    title="98 % on MNIST's test images",
    rate=3e-3,
    epochs=4,
    unit="run",
    task="accurate",
)
PREDICT = replace(MNIST, name="predict", title="predict one sample, per call", unit="call", task="predict")
MANY = replace(
    RINGS, name="many", title="1,000 fits of the rings, per fit", epochs=10, unit="fit", task="many"
)

LM = Workload(
    name="lm",
    title="Levenberg–Marquardt, 1000 samples, 501 weights, per iteration",
    sizes=(2, 20, 20, 1),
    activation="tanh",
    loss="squared_error",
    batch=1000,
    samples=1000,
    epochs=10,
    unit="iteration",
    inputs="surface",
    dtype="float64",
    task="lm",
)
LM_PLAIN = replace(
    LM, name="lm-plain", title="the same without geodesic acceleration, per iteration", acceleration=0.0
)


def _float64(workload: Workload) -> Workload:
    what, unit = workload.title.split(", ")
    return replace(
        workload, name=f"{workload.name}-float64", title=f"{what}, float64, {unit}", dtype="float64"
    )


WORKLOADS = {
    w.name: w
    for w in (
        *(RINGS, _float64(RINGS)),
        *(DIGITS, _float64(DIGITS)),
        *(MNIST, DENSE),
        *(WIDE, _float64(WIDE)),
        *(ACCURATE, PREDICT, MANY),
        *(LM, LM_PLAIN),
    )
}
