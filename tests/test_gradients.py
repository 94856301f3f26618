"""Every gradient, jvp and vjp against JAX's automatic differentiation and against central differences.

Each test takes one kind of layer with one activation through each width, each batch size and all losses; over the
activations, each width meets each batch size. Data near a kink of a function are drawn again, so that the derivative
exists and both sides must agree on it.
"""

from dataclasses import dataclass
from functools import cache, partial

import jax
import numpy as np
import oracle
import pytest
from structures import INPUTS, KINDS, LOSSES, MODES, PENALTY, PRODUCT, SEED, fed, network

from deltaprop import Dense, Network
from deltaprop.functions.activations import LeakyReLU, as_activation
from deltaprop.functions.losses import Huber, Quantile

WIDTHS = (1, 2, 7)
BATCHES = (1, 2, 33)
MARGIN = 1e-3  # no pre-activation and no error is closer to a kink than this
ZERO = (
    1e-14  # what rounding leaves of a derivative that is exactly 0, such as that of a softmax over one unit
)


# ------------------------------------------------------------------------------------------------- JAX's answers


@cache
def passes(kind, d, training, step):
    """One program for all activations: z, its jvp, the vjps of a stack of cotangents, the penalty and its gradient.

    `which` is 1 for the activation that is meant and 0 for the others.
    """

    functions = oracle.ACTIVATIONS.values()

    @jax.jit
    def run(which, parameters, statistics, x, d_parameters, d_x, cotangents):
        layers = KINDS[kind](lambda z: sum(w * f(z) for w, f in zip(which, functions, strict=True)), d)
        mode = {"training": training, "seed": SEED, "step": step, "buffers": statistics}
        z, push = jax.linearize(partial(oracle.forward, layers, **mode), parameters, x)
        pulled = jax.vmap(jax.linear_transpose(push, parameters, x))(cotangents)
        penalty = jax.value_and_grad(partial(oracle.penalty, **PENALTY))(parameters)
        return z, push(d_parameters, d_x), pulled, penalty

    return run


@jax.jit
def slopes(z, targets, sample_weight):
    """For each loss: the weighted mean over the samples, and its derivative by z."""
    return {
        loss: jax.value_and_grad(
            lambda z, f=f, t=targets[loss]: oracle.weighted_mean(f(z, t), sample_weight)
        )(z)
        for loss, f in oracle.LOSSES.items()
    }


# ------------------------------------------------------------------------------------------------------ the data


@dataclass
class Case:
    """One structure at one width and batch size, with random parameters and data away from kinks."""

    kind: str
    function: str
    d: int
    n: int
    step: int = 0

    def __post_init__(self):
        self.modes = MODES.get(self.kind, (True,))
        self.name = f"{self.kind}, {self.function}, width {self.d}, batch {self.n}"
        self.rng = np.random.default_rng(list(self.name.encode()))
        self.layers = KINDS[self.kind](self.function, self.d)
        self.net = network(self.layers)
        self.sample_weight = self.rng.uniform(0.2, 3, self.n)
        for _ in range(1000):
            self.net.theta = self.rng.normal(scale=0.6, size=self.net.theta.size)
            self.net.buffers[:] = self.rng.uniform(0.5, 2, self.net.buffers.size)
            self.x = self.rng.normal(size=(self.n, INPUTS))
            if all(self.is_smooth(training) for training in self.modes):
                return
        raise RuntimeError(f"{self.name}: no data away from kinks")

    def oracle(self, training, d_theta, d_x, cotangents):
        """`passes` for this case.

        Compiling is what takes time, so small batches are run as the first rows of the largest one, which changes
        nothing: no sample sees another, but for batch normalization in training.
        """
        n, rows = self.n, self.n if training and self.kind == "batch norm" else max(BATCHES)
        statistics = {f"{b.layer}.{b.parameter}": b.of(self.net.buffers) for b in self.net.buffer_layout}
        which = np.array([name == self.function for name in oracle.ACTIVATIONS], float)
        z, d_z, (grads, d_xs), (penalty, d_penalty) = passes(self.kind, self.d, training, self.step)(
            which,
            self.named(self.net.theta),
            statistics,
            pad(self.x, rows),
            self.named(d_theta),
            pad(d_x, rows),
            pad(cotangents, rows, axis=1),
        )
        return z[:n], d_z[:n], self.flat(grads), d_xs[:, :n], penalty, self.flat(d_penalty)

    def named(self, vector):
        """The oracle's parameters: a vector laid out like theta, cut into arrays."""
        return {f"{b.layer}.{b.parameter}": b.of(vector) for b in self.net.layout}

    def flat(self, arrays):
        """The vector, or a stack of vectors, of the oracle's parameters."""
        pieces = [np.asarray(arrays[f"{b.layer}.{b.parameter}"]) for b in self.net.layout]
        return np.concatenate(
            [
                p.reshape(*p.shape[: p.ndim - len(b.shape)], b.size)
                for p, b in zip(pieces, self.net.layout, strict=True)
            ],
            axis=-1,
        )

    def is_smooth(self, training):
        """Whether no pre-activation of a kinked function lies near 0, and no output near a kink of a loss: 0 or ±1."""
        cache = self.net.new_cache(training, self.step)
        z, last = np.abs(self.net.run_forward(self.x, cache)), self.layers[-1][-1]
        kinked = oracle.KINKED_ACTIVATIONS
        near = list(map(np.abs, fed(self.net.layers, cache))) if self.function in kinked else []
        if last not in (
            "softmax",
            "sigmoid",
            *kinked,
        ):  # these do not cross 0, or do so where their input does
            near.append(z)
        if last not in ("softmax", "sigmoid", "tanh"):  # these do not cross ±1
            near.append(np.abs(z - 1)[z != 1])  # the step gives exactly 1, but there f′ = 0 hides the kink
        return min((np.min(v, initial=1) for v in near), default=1) > MARGIN

    def targets(self, z):
        """For each loss, targets of its kind; no error within the margin of a kink."""
        t = {loss: self.rng.normal(size=z.shape) for loss in LOSSES}
        for loss in ("absolute_error", "quantile", "huber"):
            while (close := oracle.kinks(loss, z, t[loss]) < MARGIN).any():
                t[loss][close] = self.rng.normal(size=close.sum())
        return t | {
            "softmax_cross_entropy": self.rng.dirichlet(np.ones(z.shape[1]), len(z)),
            "sigmoid_cross_entropy": self.rng.uniform(size=z.shape),
            "perceptron": self.rng.integers(0, 2, z.shape).astype(float),
            "hinge": self.rng.choice([-1.0, 1.0], z.shape),
            "poisson": self.rng.poisson(1.5, z.shape).astype(float),
        }

    def with_loss(self, loss):
        """The network under this loss."""
        self.net.loss = loss
        return self.net


def pad(v, rows, axis=0):
    """v with rows of zeros behind its own."""
    return np.concatenate([v, np.zeros((*v.shape[:axis], rows - v.shape[axis], *v.shape[axis + 1 :]))], axis)


def answers(z, targets, sample_weight):
    """`slopes` of a batch, as the first rows of the largest one; the others weigh nothing."""
    n, rows = len(z), max(BATCHES)
    padded = {loss: pad(t, rows) for loss, t in targets.items()}
    pairs = slopes(pad(z, rows), padded, pad(sample_weight, rows))
    return {loss: (float(value), np.asarray(slope)[:n]) for loss, (value, slope) in pairs.items()}


def cases(kind, function):
    """Each width and each batch size once; which meet is the activation's turn."""
    turn = list(oracle.ACTIVATIONS).index(function)
    return (Case(kind, function, d, BATCHES[(i + turn) % len(BATCHES)]) for i, d in enumerate(WIDTHS))


def check(got, wanted, tolerance, message):
    """The largest error against the largest entry of the wanted array; zero is zero up to rounding."""
    error, size = np.abs(got - wanted).max(initial=0), np.abs(wanted).max(initial=0)
    assert error <= max(tolerance * size, ZERO), f"{message}: error {error:.3g}, the largest entry {size:.3g}"


# ----------------------------------------------------------------------------------------------------- the tests


@pytest.mark.parametrize(("kind", "function"), PRODUCT)
def test_gradient_vjp_and_jvp_equal_autodiff(kind, function):
    for case in cases(kind, function):
        for training in case.modes:
            compare_with_autodiff(case, training)


@pytest.mark.parametrize("step", [1, 2**31, 2**40])
def test_dropout_of_later_steps_equals_autodiff(step):
    compare_with_autodiff(Case("dropout", "tanh", 7, 33, step), training=True)


def compare_with_autodiff(case, training):
    net, where = case.net, f"{case.name}, {'training' if training else 'inference'}"
    d_theta, d_x = case.rng.normal(size=net.theta.size), case.rng.normal(size=case.x.shape)
    mode = {"training": training, "step": case.step}
    ours = net.forward(case.x, **mode)
    targets, cotangent = case.targets(ours), case.rng.normal(size=ours.shape)
    wanted = answers(ours, targets, case.sample_weight)
    cotangents = np.stack([*(wanted[loss][1] for loss in LOSSES), cotangent])
    z, d_z, grads, d_xs, penalty, d_penalty = case.oracle(training, d_theta, d_x, cotangents)

    check(ours, z, 1e-12, f"{where}: z")
    check(net.jvp(case.x, d_theta, d_x, **mode), d_z, 1e-9, f"{where}: jvp")
    vjp = net.vjp(case.x, cotangent, **mode)
    check(np.append(*vjp), np.append(grads[-1], d_xs[-1]), 1e-9, f"{where}: vjp")
    for i, loss in enumerate(LOSSES):
        value, grad = case.with_loss(loss).gradient(case.x, targets[loss], case.sample_weight, **mode)
        check(value, np.asarray(wanted[loss][0] + penalty), 1e-12, f"{where}, {loss}: value")
        check(grad, grads[i] + d_penalty, 1e-9, f"{where}, {loss}: gradient")


@pytest.mark.parametrize(("kind", "function"), PRODUCT)
def test_gradient_equals_central_differences(kind, function):
    """Along a random direction, and with one of the losses at width 2 along every axis.

    Away from kinks every function is smooth.
    """
    along_axes = LOSSES[list(oracle.ACTIVATIONS).index(function) % len(LOSSES)]
    for case in cases(kind, function):
        for training in case.modes:
            targets = case.targets(case.net.forward(case.x, training=training))
            for loss in LOSSES:
                net = case.with_loss(loss)
                batch = (case.x, targets[loss], case.sample_weight)
                _, grad = net.gradient(*batch, training=training)
                direction = case.rng.normal(size=net.theta.size)
                directions = [direction / np.linalg.norm(direction)]
                if case.d == 2 and loss == along_axes:
                    directions.extend(np.eye(net.theta.size))
                got = np.array([slope_along(net, v, batch, training) for v in directions])
                error = np.abs(got - directions @ grad).max()
                where = f"{case.name}, {loss}, {'training' if training else 'inference'}"
                assert error <= 1e-6 * np.abs(grad).max(), f"{where}: error {error:.3g}"


def slope_along(net, direction, batch, training, h=1e-5):
    """The derivative of the value along a direction, by central differences of fourth order."""
    theta = net.theta.copy()
    values = []
    for steps in (-2, -1, 1, 2):
        net.theta[:] = theta + steps * h * direction
        values.append(net.value(*batch, training=training))
    net.theta[:] = theta
    return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)


@pytest.mark.parametrize(
    ("function", "loss"),
    [
        (LeakyReLU(np.float64(0.1)), "squared_error"),
        ("tanh", Huber(np.float64(0.5))),
        ("tanh", Quantile(np.float64(0.3))),
    ],
)
def test_a_numpy_number_as_parameter_keeps_float32(function, loss):
    net = Network([Dense(4), function, Dense(2)], inputs=INPUTS, loss=loss, seed=SEED)
    e, f = net.loss, as_activation(function)
    rows, targets = np.float32([[-2, 2], [0.1, -0.1]]), np.zeros((2, 2), np.float32)
    results = [f.f(rows), f.df(rows, f.f(rows)), e.value(rows, targets), e.delta(rows, targets)]
    results.append(e.curvature(rows, targets, rows))
    assert {result.dtype for result in results} == {np.dtype("float32")}
