"""Layers, losses, activations and optimizers of one's own, in NumPy: trained by JAX as they stand, or refused."""

from dataclasses import dataclass

import numpy as np
import pytest
import scipy.linalg
import scipy.special

from deltaprop import Dense, InputError, Network
from deltaprop.engines import NumpyEngine
from deltaprop.functions import Loss
from deltaprop.functions.activations import ActivationFunction
from deltaprop.layers import Activation, Layer
from deltaprop.optimizers import Optimizer

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (22, 4))
T = RNG.normal(size=(22, 2))


@dataclass(frozen=True)
class Gate(Layer):
    """z = x ⊙ σ(x w + b), written with loops, masks and changes in place."""

    limit: float = 3.0

    def shapes(self, d_in):
        return {"w": (d_in, d_in), "b": (d_in,)}

    def buffers(self, d_in):
        return {"seen": (d_in,)}

    def initialize(self, p, rng, following):
        p.w = 0.3 * rng.standard_normal(p.w.shape)
        for row in p.w:
            row -= row.mean()

    def forward(self, p, x, cache):
        z = np.zeros_like(x)
        for j in range(x.shape[1]):
            z[:, j] = x @ p.w[:, j]
        z += p.b
        z[z > self.limit] = self.limit
        cache.x, cache.open, cache.a = x, z < self.limit, 1 / (1 + np.exp(-z))
        return cache.x * cache.a

    def backward(self, p, cache, d_z, grad):
        d = d_z * cache.x * cache.a * (1 - cache.a)
        d *= cache.open
        grad.w[...] = np.einsum("ni,nj->ij", cache.x, d)
        grad.b = d.sum(axis=0)
        d_x = d @ p.w.T
        d_x += d_z * cache.a
        return d_x

    def update_running_stats(self, p, cache):
        p.seen *= 0.9
        p.seen += 0.1 * np.median(cache.x, axis=0)


@dataclass(frozen=True)
class Bent(ActivationFunction):
    """f(z) = log cosh z + erf z."""

    def f(self, z):
        return np.logaddexp(z, -z) - np.log(2) + scipy.special.erf(z)

    def df(self, z, a):
        return np.tanh(z) + 2 / np.sqrt(np.pi) * np.exp(-(z**2))

    def d2f(self, z, a):
        raise NotImplementedError


@dataclass(frozen=True)
class Cauchy(Loss):
    """e = Σ log(1 + r²)."""

    def value(self, z, t):
        return np.log1p(np.square(z - t)).sum(axis=1)

    def delta(self, z, t):
        r = z - t
        np.divide(2 * r, 1 + r * r, out=r)
        return r

    def curvature(self, z, t, v):
        raise NotImplementedError


@dataclass(frozen=True)
class Signs(Optimizer):
    """Steps of the signs' running mean, with a count in the state; the rate falls with the step."""

    learning_rate: float = 0.01
    vectors = ("mean",)

    def init(self, theta):
        return super().init(theta) | {"count": np.zeros(1), "longest": np.zeros(())}

    def update(self, theta, grad, state, alpha, k):
        mean, count, longest = state["mean"], state["count"], state["longest"]
        mean *= 0.8
        mean += 0.2 * np.sign(grad)
        count += 1
        np.maximum(longest, np.linalg.norm(grad), out=longest)
        theta -= alpha / (1 + k) ** 0.5 * mean
        theta[: theta.size // 2] -= 1e-3 * theta[: theta.size // 2]


def network(*layers, loss="squared_error", dtype="float64"):
    return Network([Dense(4), *layers, Dense(2)], 4, loss, seed=1, dtype=dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_code_of_ones_own_ends_with_numpys_weights(dtype):
    def trained(engine):
        net = network(Gate(0.5), Activation(Bent()), Gate(), loss=Cauchy(), dtype=dtype)
        start = net.theta.copy()
        history = net.fit(X, T, optimizer=Signs(), epochs=7, batch_size=8, engine=engine, keep_state=True)
        assert np.abs(net.theta - start).max() > 0.04
        return net, history

    (ours, history), (reference, expected) = trained("jax"), trained("numpy")
    within = 1e-10 if dtype == "float64" else 1e-4
    np.testing.assert_allclose(
        ours.theta, reference.theta, rtol=0, atol=within * np.abs(reference.theta).max()
    )
    np.testing.assert_allclose(ours.buffers, reference.buffers, rtol=10 * within, atol=within)
    np.testing.assert_allclose(
        history.table()[:, :-1], expected.table()[:, :-1], rtol=20 * within, atol=within
    )
    for name, array in expected.state.arrays.items():
        assert history.state.arrays[name].dtype == array.dtype
        if name.startswith("optimizer."):
            np.testing.assert_allclose(history.state.arrays[name], array, rtol=10 * within, atol=within)


# -- refused, in one line and before anything changes ------------------------------------------------------------

FORWARD = {
    "a condition": (lambda x: x if x.sum() > 0 else -x, "needs the value of an array"),
    "a number": (lambda x: x * float(x.max()), "needs the value of an array"),
    "an array of NumPy": (lambda x: np.asarray(x), "needs the value of an array"),
    "a mask": (lambda x: x - x[x > 0].mean(), "indexed by a mask"),
    "values of unknown number": (lambda x: x + len(np.unique(x)), "depends on the values"),
    "SciPy's linear algebra": (lambda x: x @ scipy.linalg.expm(x.T @ x), ""),
    "an attribute that arrays lack": (lambda x: x.magnitude, "AttributeError: .*'magnitude'"),
    "memory": (lambda x: x + x.strides[0], "the attribute strides"),
    "wrong shapes": (lambda x: x @ x, "ValueError|TypeError"),
    "an index outside": (lambda x: x + x[:, 9][:, None], "IndexError"),
    "a random generator": (lambda x: x * np.random.default_rng(x).random(), ""),
    "a slice": (lambda x: x[: x.argmax()], ""),
    "text": (lambda x: x + "1", ""),
    "an error of one's own": (lambda x: 1 / 0, "ZeroDivisionError"),
    "no counterpart": (lambda x: np.frompyfunc(abs, 1, 1)(x), "no counterpart in JAX"),
    "writing into NumPy's memory": (lambda x: np.exp(x, out=np.zeros(x.shape)), "into a NumPy array"),
    "JAX's own objects": (lambda x: np.exp(x.value), "TracerArrayConversionError"),
}


@dataclass(frozen=True)
class Strange(Layer):
    kind: str

    def forward(self, p, x, cache):
        return FORWARD[self.kind][0](x)

    def backward(self, p, cache, d_z, grad):
        return d_z


@pytest.mark.parametrize("kind", FORWARD)
def test_a_layer_that_needs_values_is_refused(kind):
    net = network(Strange(kind))
    before = net.theta.copy()
    with pytest.raises(InputError) as caught:
        net.fit(X, T, engine="jax")
    message = str(caught.value)
    assert message.startswith("fit: engine cannot train this network: ")
    assert message.endswith(", expected one that can; use engine='numpy'.")
    assert "\n" not in message
    assert "in <lambda> (test_own.py, line " in message or kind == "wrong shapes"
    np.testing.assert_array_equal(net.theta, before)


@pytest.mark.parametrize(("kind", "words"), [(kind, words) for kind, (_, words) in FORWARD.items() if words])
def test_the_reason_is_named(kind, words):
    with pytest.raises(InputError, match=f"cannot train this network: .*(?:{words})"):
        network(Strange(kind)).fit(X, T, engine="jax")


@dataclass(frozen=True)
class Inference(Layer):
    """Needs values outside training only."""

    def forward(self, p, x, cache):
        return x if cache.training else x * float(x.max() > 0)

    def backward(self, p, cache, d_z, grad):
        return d_z


@dataclass(frozen=True)
class Halving(Signs):
    def update(self, theta, grad, state, alpha, k):
        theta -= alpha * grad * (0.5 if k % 2 else 1)


@dataclass(frozen=True)
class Picky(Cauchy):
    def delta(self, z, t):
        return super().delta(z, t) if np.isfinite(z).all() else z


@dataclass(frozen=True)
class Rough(Bent):
    def df(self, z, a):
        return np.array([[np.sign(v) for v in row] for row in z])


@pytest.mark.parametrize(
    ("net", "optimizer", "place"),
    [
        (network(Inference()), "sgd", "in forward"),
        (network(), Halving(), "in update"),
        (network(loss=Picky()), "sgd", "in delta"),
        (network(Activation(Rough())), "sgd", "in df"),
    ],
    ids=["layer outside training", "optimizer", "loss", "activation"],
)
def test_it_is_said_whose_code_cannot_be_traced(net, optimizer, place):
    with pytest.raises(InputError, match=rf"cannot train this network: .*{place} \(test_own.py, line \d+\)"):
        net.fit(X, T, optimizer=optimizer, engine="jax")


@dataclass(frozen=True)
class Misfit(Layer):
    """Writes a gradient of another shape: an error in any engine."""

    def shapes(self, d_in):
        return {"w": (d_in,)}

    def forward(self, p, x, cache):
        return x * p.w

    def backward(self, p, cache, d_z, grad):
        grad.w = d_z.sum(axis=0)[:-1]
        return d_z


def test_an_error_of_any_engine_is_numpys_own():
    for engine in (NumpyEngine, "jax"):
        with pytest.raises(InputError, match=r"^Misfit: w .*, expected numbers of shape \(4,\)"):
            network(Misfit()).fit(X, T, engine=engine)
