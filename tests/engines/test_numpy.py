"""The NumPy engine against a training loop in JAX, whose gradients JAX derives."""

import jax
import numpy as np
import oracle
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaprop import Dense, Dropout, InputError, Network, Residual
from deltaprop.engines import Engine, NumpyEngine, Sums, select
from deltaprop.functions.penalties import Penalty
from deltaprop.functions.schedules import Linear
from deltaprop.optimizers import OPTIMIZERS, SGD, Adam

LAYERS = (("dense", 5), ("activation", "tanh"), ("dropout", 0.3), ("dense", 3))
SLICES = {"0": slice(0, 25), "3": slice(25, 43)}
RNG = np.random.default_rng(5)
X = RNG.normal(size=(17, 4))
T = RNG.integers(0, 3, size=17)
WEIGHT = RNG.uniform(0.1, 2, size=17)


def network(dtype="float64", seed=7):
    layers = [Dense(5), "tanh", Dropout(0.3), Dense(3)]
    return Network(layers, 4, "softmax_cross_entropy", Penalty(l1=0.01, l2=0.02), seed, dtype)


def engine(net=None, x=X, t=T, weight=WEIGHT, optimizer=None, batch_size=5, **options):
    net = net or network()
    return NumpyEngine(net, x, net.encode(t), weight, optimizer or SGD(0.3), batch_size, **options)


def named(theta):
    """theta as the oracle's dict of parameters."""
    return {
        "0.w": theta[:20].reshape(5, 4),
        "0.b": theta[20:25],
        "3.w": theta[25:40].reshape(3, 5),
        "3.b": theta[40:],
    }


def test_steps_sums_and_weights_are_those_of_a_loop_in_jax():
    net, clip, factors = network(), 0.4, np.linspace(0.5, 2, 43)
    rate = {4: 0.22, 5: 0.2}  # on the straight line from 0.3 to 0.1
    falling = SGD(Linear(0.3, 0.1, steps=10))
    ours = engine(net, optimizer=falling, batch_size=9, clip_norm=clip, clip_value=0.1, rate_factors=factors)
    theta, expected = net.theta.copy(), Sums(2)
    sums = Sums(2)
    assert ours.run(np.arange(17), 4, 0.5, sums) == 2
    of_steps = jax.value_and_grad(
        lambda theta, x, t, weight, step: oracle.value(
            LAYERS, named(theta), x, t, "softmax_cross_entropy",
            sample_weight=weight, l1=0.01, l2=0.02, training=True, seed=7, step=step,
        )
    )  # fmt: skip
    gradient = jax.jit(of_steps, static_argnums=4)
    for k, start in enumerate((0, 9)):
        rows = slice(start, start + 9)
        value, grad = gradient(theta, X[rows], np.eye(3)[T[rows]], WEIGHT[rows], 4 + k)
        grad = np.asarray(grad)
        expected.vector[:3] += [value * WEIGHT[rows].sum(), WEIGHT[rows].sum(), 1]
        expected.gradient2 += [np.sum(grad[part] ** 2) for part in SLICES.values()]
        grad = grad * min(1, clip / np.linalg.norm(grad))
        update = -rate[4 + k] * 0.5 * factors * np.clip(grad, -0.1, 0.1)
        expected.update2 += [np.sum(update[part] ** 2) for part in SLICES.values()]
        theta = theta + update
    np.testing.assert_allclose(net.theta, theta, rtol=1e-12)
    np.testing.assert_allclose(sums.vector, expected.vector, rtol=1e-12)


@settings(max_examples=25)
@given(
    cuts=st.lists(st.integers(1, 7), max_size=4, unique=True),
    name=st.sampled_from(sorted(OPTIMIZERS)),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_the_split_into_calls_changes_no_bit(cuts, name, dtype):
    order = np.random.default_rng(0).permutation(np.repeat(np.arange(17), 2))[:33]
    nets, sums = [network(dtype), network(dtype)], [Sums(2), Sums(2)]
    engine(nets[0], optimizer=OPTIMIZERS[name]).run(order, 0, 1.0, sums[0])
    pieces, step = engine(nets[1], optimizer=OPTIMIZERS[name]), 0
    for piece in np.split(order, np.sort(cuts) * 5 if cuts else []):
        step += pieces.run(piece, step, 1.0, sums[1])
    assert nets[0].theta.tobytes() == nets[1].theta.tobytes()
    assert sums[0].vector.tobytes() == sums[1].vector.tobytes()


def memory_mapped(x, folder):
    np.save(folder / "x.npy", x)
    return np.load(folder / "x.npy", mmap_mode="r")


@pytest.mark.parametrize(
    "given",
    [
        lambda x, folder: x.astype("uint8"),
        lambda x, folder: x.astype("float32"),
        lambda x, folder: np.asfortranarray(x),
        lambda x, folder: scipy.sparse.csr_array(x),
        lambda x, folder: scipy.sparse.csr_matrix(x.astype("int32")),
        lambda x, folder: memory_mapped(x.astype("uint8"), folder),
        lambda x, folder: x.astype(bool),
    ],
    ids=["uint8", "float32", "fortran", "csr", "csr matrix", "memmap", "bool"],
)
def test_every_kind_of_input_trains_alike(given, tmp_path):
    x = np.random.default_rng(1).integers(0, 2, size=(17, 4)).astype(float)
    nets = network(), network()
    engine(nets[0], x).run(np.arange(17), 0, 1.0, Sums(2))
    other = engine(nets[1], given(x, tmp_path))
    other.run(np.arange(17), 0, 1.0, Sums(2))
    assert nets[0].theta.tobytes() == nets[1].theta.tobytes()
    samples = np.array([3, 1])
    np.testing.assert_array_equal(
        other.outputs(other.x, samples), nets[1].run_forward(x[samples]), strict=True
    )


def test_it_stops_at_the_first_loss_that_is_not_finite():
    x = X.copy()
    x[8] = np.nan
    net = network()
    sums, order = Sums(2), np.arange(17)
    assert engine(net, x).run(order, 0, 1.0, sums) == 2
    good = network()
    assert engine(good).run(order[:5], 0, 1.0, Sums(2)) == 1
    assert not np.isfinite(sums.loss)
    assert net.theta.tobytes() == good.theta.tobytes()  # the step of the bad batch was not taken


def test_outputs_of_many_rows_are_those_of_the_network(monkeypatch):
    monkeypatch.setattr("deltaprop.batching.CHUNK", 4)
    net = network()
    np.testing.assert_allclose(engine(net).outputs(X), net.forward(X), rtol=1e-14)
    assert engine(net).outputs(X[:0]).shape == (0, 3)


def test_health_counts_dead_and_saturated_units_in_residual_blocks_too():
    net = Network([Residual([Dense(2), "relu"]), "sigmoid", Dense(1)], inputs=2, dtype="float64")
    net.layers[0].inside[0].w, net.layers[0].inside[0].b = np.eye(2), [0, -5]
    ours = NumpyEngine(net, X[:, :2], np.zeros((17, 1)), None, Adam(), 5)
    x = np.array([[1.0, 1.0], [2.0, 2.0], [50.0, 3.0]])
    theta2 = [np.sum(net.theta[:6] ** 2), np.sum(net.theta[6:] ** 2)]

    def seen(x):
        row = ours.report(1).seen[0]
        ours.layer_stats(x, row)
        np.testing.assert_allclose(row[:2], theta2)
        return row[2:].tolist()

    assert seen(x) == [0.5, 0.5, 0.0, 0.0]
    x = np.full((40, 2), 9.0)
    x[:2] = 0.1
    assert seen(x)[2:] == [0.0, 1.0]  # 38 of 40 samples, 95 %, are on the flat part
    x[:3] = 0.1
    assert seen(x)[2:] == [0.0, 0.0]


def test_choose_takes_a_name_or_a_class_and_refuses_the_rest():
    class Never(Engine):
        @classmethod
        def unable(cls, network, optimizer):
            return "it never can"

        def run(self, order, step, rate_scale, sums):
            return 0

    net = network()
    assert select("numpy", net, SGD()) is NumpyEngine
    assert select(NumpyEngine, net, SGD()) is NumpyEngine
    assert issubclass(select("auto", net, SGD()), Engine)
    for bad, words in (("fast", "one of auto, numpy, native"), (Never, "it never can"), (3, "is 3")):
        with pytest.raises(InputError, match=words):
            select(bad, net, SGD())
