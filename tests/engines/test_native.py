"""The native engine against the NumPy engine: the same steps, the same sums, the same outputs, within rounding."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import scipy.sparse
from both_engines import (
    RATES,
    WITHIN,
    assert_alike,
    assert_equal_engines,
    data,
    optimizer_named,
    paired,
    train,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deltaprop import (
    RBF,
    Activation,
    BatchNorm,
    Dense,
    Dropout,
    Embedding,
    GroupedDense,
    LayerNorm,
    LearnedScale,
    Network,
    ParametricActivation,
    PeriodicEmbedding,
    Repeat,
    Residual,
)
from deltaprop.engines import NumpyEngine, Sums, _core, select
from deltaprop.engines.native import NativeEngine
from deltaprop.engines.native_evaluator import NativeEvaluator
from deltaprop.engines.program import member
from deltaprop.functions.activations import ACTIVATIONS
from deltaprop.functions.losses import LOSSES
from deltaprop.functions.penalties import Penalty
from deltaprop.functions.schedules import Linear
from deltaprop.layers import LAYERS as ALL_LAYERS
from deltaprop.layers import Scale, Softmax
from deltaprop.optimizers import OPTIMIZERS, SGD, Adam, Momentum


def steady(name):
    """With an ε that keeps the rule from blowing rounding errors up where the true gradient is zero."""
    return optimizer_named(name, **({"epsilon": 1e-2} if name in RATES else {}))


# -- every part ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", WITHIN)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_activation_loss_and_optimizer(loss, optimizer, dtype):
    """Every loss with every optimizer, and every activation with each of both."""
    turn = list(LOSSES).index(loss) + list(OPTIMIZERS).index(optimizer)
    for seed, activation in list(enumerate(ACTIVATIONS))[turn % 4 :: 4]:
        x, t = data(loss, 3, seed=seed)
        x = x / 4 if loss == "poisson" else x  # whose steps are exponential in the outputs
        layers = [Dense(7), activation, Dense(3)]
        assert_equal_engines(
            partial(Network, layers, 5, loss, seed=seed, dtype=dtype), x, t, optimizer_named(optimizer)
        )


def test_the_core_has_code_for_every_class_and_every_name_of_the_core_is_used():
    """So `select` gives the NumPy engine for parts of the user's own only."""
    operations = {
        layer(*[0.5] * (layer is Dropout)) for layer in (BatchNorm, LayerNorm, Dropout, Scale, Softmax)
    }
    operations |= {Dense(1), GroupedDense(1, 1), Repeat(1), RBF(1), Residual([]), Activation("relu")}
    operations |= {LearnedScale(), ParametricActivation("relu"), PeriodicEmbedding(1), Embedding((2,))}
    assert {type(layer) for layer in operations} == set(ALL_LAYERS)
    for kind, objects, more in (
        (_core.Operation, operations, {_core.Operation.join}),
        (_core.Function, ACTIVATIONS.values(), set()),
        (_core.Loss, LOSSES.values(), set()),
        (_core.Rule, OPTIMIZERS.values(), set()),
    ):
        assert {member(kind, obj) for obj in objects} | more == set(kind)
    assert {loss.output_map for loss in LOSSES.values()} == set(_core.OutputMap.__members__)


def test_a_subclass_has_no_code():
    class Mine(Dense):
        pass

    assert member(_core.Operation, Mine(2)) is None
    assert select("auto", Network([Mine(2)], 3), SGD()) is NumpyEngine


LAYERS = {
    "dense": [Dense(6, bias=False)],
    "softmax": [Dense(5), Softmax()],
    "dropout": [Dropout(0.3)],
    "batch_norm": [BatchNorm(momentum=0.2)],
    "layer_norm": [LayerNorm(epsilon=1e-3)],
    "residual": [Residual([Dense(7), "tanh", Dense(7)])],
    "residual within": [Residual([Residual(["gelu", Dense(7)]), BatchNorm(), Dropout(0.2)]), "tanh"],
    "rbf": [RBF(6)],
    "scale": [Scale(0.5, 0.25)],
    "repeat": [Repeat(2)],
    "grouped_dense": [Repeat(3), GroupedDense(4, 3)],
    "shared": [Repeat(2), GroupedDense(5, 2, shared=True)],
    "learned_scale": [LearnedScale("signs")],
    "periodic_embedding": [PeriodicEmbedding(3, frequencies=18, units=2), PeriodicEmbedding(1, 2)],
    "parametric_activation": [ParametricActivation("mish"), ParametricActivation("selu")],
}


@pytest.mark.parametrize("dtype", WITHIN)
@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_with_every_activation_and_optimizer(layer, dtype):
    """Over the layers, every activation with every optimizer."""
    turn = list(LAYERS).index(layer) + len(OPTIMIZERS) // 2 * list(WITHIN).index(dtype)
    for seed, (activation, optimizer) in enumerate(paired(list(ACTIVATIONS), list(OPTIMIZERS), turn)):
        x, t = data("softmax_cross_entropy", 3, seed=seed)
        layers = [Dense(7), activation, *LAYERS[layer], Activation(activation), Dense(3)]
        assert_equal_engines(
            partial(Network, layers, 5, "softmax_cross_entropy", seed=seed, dtype=dtype),
            x,
            t,
            steady(optimizer),
            steps=20,
        )


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_first(layer):
    x, t = data("squared_error", 2)
    make = lambda: Network([*LAYERS[layer], Dense(2)], 7, dtype="float64")  # noqa: E731
    assert_equal_engines(make, np.tile(x, 2)[:, :7], t, Momentum(0.01))


def test_a_network_that_learns_nothing():
    x, t = data("squared_error", 5)
    assert_equal_engines(lambda: Network(["tanh"], 5, dtype="float64"), x, t, SGD(0.1))


# -- drawn networks ------------------------------------------------------------------------------------------

widths = st.sampled_from([1, 2, 3, 8, 15, 16, 17, 31, 32, 33, 50, 64, 65])
pieces = st.one_of(
    widths.map(Dense),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.just(Softmax()),
    st.floats(0, 0.6).map(Dropout),
    st.builds(BatchNorm, st.floats(0.01, 1), st.just(1e-2)),
    st.just(LayerNorm(1e-2)),
    st.just(Residual(["tanh", Dropout(0.1)])),
    st.integers(1, 20).map(RBF),
    st.just(Scale(0.7, -0.1)),
    st.just(LearnedScale("signs")),
    st.builds(PeriodicEmbedding, st.just(1), st.integers(1, 20), st.integers(1, 4)),
    st.sampled_from(sorted(ACTIVATIONS)).map(ParametricActivation),
)


@settings(max_examples=60)
@given(
    layers=st.lists(pieces, max_size=5),
    inputs=widths,
    outputs=st.sampled_from([1, 2, 10, 17, 33]),
    loss=st.sampled_from(sorted(LOSSES)),
    optimizer=st.sampled_from(sorted(OPTIMIZERS)),
    dtype=st.sampled_from(sorted(WITHIN)),
    batch=st.sampled_from([1, 5, 16, 33, 48, 150]),
    threads=st.sampled_from([1, 2, 3]),
    penalty=st.sampled_from([None, Penalty(l1=1e-3), Penalty(l2=1e-2)]),
    clip=st.sampled_from(
        [{}, {"clip_norm": 0.05}, {"clip_value": 0.01}, {"clip_norm": 1e-2, "clip_value": 2e-3}]
    ),
    weighted=st.booleans(),
    seed=st.integers(0, 100),
)
def test_drawn_networks(
    layers, inputs, outputs, loss, optimizer, dtype, batch, threads, penalty, clip, weighted, seed
):
    x, t = data(loss, outputs, n=160, inputs=inputs, seed=seed)
    weight = np.random.default_rng(seed).uniform(0, 3, 160) if weighted else None

    def make():
        net = Network([*layers, Dense(outputs)], inputs, loss, penalty, seed, dtype)
        net.theta += np.random.default_rng(seed).normal(0, 0.1, net.theta.size).astype(dtype)  # no bias is 0
        return net

    options = {"batch": batch, "weight": weight, **clip}
    assume(well_conditioned(make, x, t, steady(optimizer), **options))
    assert_equal_engines(make, x, t, steady(optimizer), threads=threads, **options)


def well_conditioned(make, x, t, optimizer, **options):
    """Whether the NumPy engine agrees with itself after the last digits of the initial weights were changed.

    Where it does not (training that explodes, a sample at a kink, a gradient that is rounding and nothing else), no two
    correct programs need agree. About one drawn network in seven.
    """
    first, second = make(), make()
    signs = np.random.default_rng(0).choice([-1, 1], first.theta.size)
    second.theta *= 1 + 8 * np.finfo(first.dtype).eps * signs
    with np.errstate(all="ignore"):
        ends = [train(NumpyEngine, net, x, t, optimizer, **options) for net in (first, second)]
    if not all(np.isfinite(sums).all() for sums, *_ in ends):
        return False
    try:
        assert_alike(first, ends[0], second, ends[1], WITHIN[str(first.dtype)] / 3)
    except AssertionError:
        return False
    return True


# -- what surrounds the network ------------------------------------------------------------------------------


def deep(dtype="float64", **options):
    return Network(
        [Dense(40), "relu", Dense(20), "tanh", Dense(3)], 9, "softmax_cross_entropy", dtype=dtype, **options
    )


def sample(n=100, inputs=9):
    rng = np.random.default_rng(4)
    return rng.standard_normal((n, inputs)), rng.integers(0, 3, n)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_schedules_rate_factors_penalties_and_clipping(threads):
    x, t = sample()
    for options in ({}, {"clip_norm": 0.3}, {"clip_value": 0.01}):
        factors = np.random.default_rng(0).uniform(0, 2, deep().theta.size)
        assert_equal_engines(
            lambda: deep(penalty=Penalty(1e-4, 1e-3)),
            x,
            t,
            Adam(Linear(1e-2, 1e-4, steps=40), beta1=Linear(0.95, 0.85, steps=40)),
            rate_factors=factors,
            threads=threads,
            **options,
        )


@pytest.mark.parametrize("dtype", WITHIN)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_decoupled_weight_decay_of_every_rule(optimizer, dtype):
    x, t = sample()
    rule = replace(steady(optimizer), weight_decay=Linear(0.5, 0.1, steps=40))
    for options in (
        {},
        {"clip_norm": 0.3},
        {"rate_factors": np.linspace(0, 2, deep().theta.size, dtype=dtype)},
    ):
        assert_equal_engines(lambda: deep(dtype=dtype), x, t, rule, **options)


KINDS = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8", ">f4", "f2"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_number_is_read(kind):
    x, t = sample()
    x = (x > 0) if kind == "?" else (np.abs(x) * 9).astype(kind)
    make = lambda: Network([Scale(0.1, -0.5), *deep().config], 9, "softmax_cross_entropy", dtype="float64")  # noqa: E731
    assert_equal_engines(make, x, t, SGD(0.1))


def test_rows_apart_in_memory_columns_apart_and_a_mapped_file(tmp_path):
    x, t = sample()
    wide = np.zeros((200, 30), np.float32)
    wide[::2, 4:13] = x
    assert_equal_engines(deep, wide[::2, 4:13], t, SGD(0.1))
    assert_equal_engines(deep, np.asfortranarray(x), t, SGD(0.1))
    np.save(tmp_path / "x.npy", (np.abs(x) * 50).astype(np.uint8))
    assert_equal_engines(deep, np.load(tmp_path / "x.npy", mmap_mode="r"), t, SGD(1e-5))


@pytest.mark.parametrize("wide", [np.int32, np.int64])
@pytest.mark.parametrize("kind", ["f4", "f8", "u1"])
def test_sparse_rows(kind, wide):
    x, t = sample()
    x = scipy.sparse.csr_array((np.abs(x) * 3 * (x > 0.8)).astype(kind))
    x.indices, x.indptr = x.indices.astype(wide), x.indptr.astype(wide)
    assert_equal_engines(deep, x, t, SGD(0.1))


@settings(max_examples=30)
@given(
    inputs=st.sampled_from([64, 80, 257, 300]),
    units=st.sampled_from([1, 16, 17, 33, 64]),
    fill_value=st.sampled_from([0.0, -0.5, 3.0]),
    filled=st.sampled_from([0.0, 0.05, 0.2, 0.34]),
    kind=st.sampled_from(["f4", "f8", "i2", "csr"]),
    scale=st.sampled_from([[], [Scale(0.5, 0.25)]]),
    bias=st.booleans(),
    batch=st.sampled_from([1, 16, 40, 130]),
    threads=st.sampled_from([1, 2, 3]),
    dtype=st.sampled_from(sorted(WITHIN)),
    options=st.sampled_from([{}, {"clip_norm": 0.1}]),
)
def test_inputs_that_are_mostly_one_value(
    inputs, units, fill_value, filled, kind, scale, bias, batch, threads, dtype, options
):
    rng = np.random.default_rng(1)
    x = np.where(rng.random((150, inputs)) < filled, rng.normal(size=(150, inputs)), fill_value)
    x[:20] = rng.normal(size=(20, inputs))  # and some that are not
    x = (x * 4).astype(kind) if kind == "i2" else x if kind == "csr" else x.astype(kind)
    if kind == "csr":
        x = scipy.sparse.csr_array(np.where(x == fill_value, 0, x))
    layers = [*scale, Dense(units, bias=bias), "tanh", Dense(3)]
    assert_equal_engines(
        lambda: Network(layers, inputs, "softmax_cross_entropy", Penalty(1e-4, 1e-3), dtype=dtype),
        x,
        rng.integers(0, 3, 150),
        Momentum(0.01),
        steps=20,
        batch=batch,
        threads=threads,
        **options,
    )


def test_the_split_into_calls_changes_no_bit():
    x, t = sample()
    results = []
    for cuts in ([], [3], [1, 2, 5, 9]):
        net = deep(penalty=Penalty(1e-4, 1e-3), dtype="float32")
        engine = NativeEngine(net, x, net.encode(t), None, Adam(), 7, threads=2)
        sums, step = Sums(3), 0
        for part in np.split(np.arange(77), [7 * c for c in cuts]):
            step += engine.run(part, step, 1.0, sums)
        results.append(np.concatenate([net.theta, sums.vector, *engine.state.values()]).tobytes())
    assert len(set(results)) == 1


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_same_seed_and_threads_give_the_same_bits(threads):
    x, t = sample()
    layers = [Dense(40), BatchNorm(), "gelu", Dropout(0.2), Residual([Dense(40), LayerNorm()]), Dense(3)]
    results = set()
    for _ in range(5):
        net = Network(layers, 9, "softmax_cross_entropy")
        sums, z, _ = train(NativeEngine, net, x, t, Adam(), batch=64, threads=threads)
        results.add(net.theta.tobytes() + sums.tobytes() + z.tobytes())
    assert len(results) == 1


# -- what is not a number, and what hardly is ----------------------------------------------------------------


@pytest.mark.parametrize("dtype", WITHIN)
def test_training_stops_at_the_first_loss_that_is_not_finite(dtype):
    x, t = sample()
    x[50] = 1e300 if dtype == "float64" else 1e38
    for engine in (NumpyEngine, NativeEngine):
        net = Network([Dense(4), Dense(4), Dense(3)], 9, dtype=dtype)
        net.theta *= 10
        run = engine(net, x, net.encode(np.eye(3)[t]), None, SGD(0.0), 10)
        sums = Sums(3)
        with np.errstate(all="ignore"):
            assert run.run(np.arange(100), 0, 1.0, sums) == 6, engine
        assert not np.isfinite(sums.loss)
        assert np.isfinite(net.theta).all()


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("dtype", WITHIN)
def test_infinite_denormal_and_signed_numbers_pass_as_in_numpy(activation, dtype):
    tiny = np.finfo(dtype).smallest_subnormal
    z = np.array(
        [np.inf, -np.inf, np.nan, 0.0, -0.0, tiny, -tiny, 3 * tiny, 88.8, -87.5, -103.9, 710, -745, 1e-30, 30]
    )
    z = z.astype(dtype)[:, None]
    net = Network([activation], 1, dtype=dtype)
    t = np.zeros((len(z), 1))
    run = NativeEngine(net, z, net.encode(t), None, SGD(0.1), len(z))
    with np.errstate(all="ignore"):
        expected = net.run_forward(z)
    ours = run.outputs(z)
    rtol = 3e-6 if dtype == "float32" else 1e-14
    np.testing.assert_allclose(ours, expected, rtol=rtol, atol=2 * tiny)
    exact = activation in ("identity", "relu", "leaky_relu", "step")
    if exact:
        np.testing.assert_array_equal(ours, expected)


def test_the_floating_point_mode_of_the_process_stays():
    x, t = sample()
    train(NativeEngine, deep("float32"), x, t, Adam(), threads=2)
    tiny = np.float32(1e-40)
    assert float(tiny * np.float32(0.5)) > 0  # denormals are not flushed


@pytest.mark.parametrize("dtype", WITHIN)
def test_dead_and_saturated_units_are_counted_alike(dtype):
    x, t = sample(300)
    for activation in ACTIVATIONS:
        layers = [Dense(40), activation, Residual([Dense(40), activation]), BatchNorm(), Dense(3)]
        net = Network(layers, 9, "softmax_cross_entropy", dtype=dtype)
        net.layers[0].w *= np.linspace(0, 9, 40, dtype=dtype)[:, None]
        net.layers[0].b = np.linspace(-30, 20, 40)
        probe = x.astype(dtype)
        engines = [E(net, x, t, None, SGD(0.1), 64) for E in (NumpyEngine, NativeEngine)]
        expected, ours = (engine.report(1).seen[0] for engine in engines)
        for engine, seen in zip(engines, (expected, ours), strict=True):
            engine.layer_stats(probe, seen)
        np.testing.assert_allclose(ours[:-4], expected[:-4], rtol=WITHIN[dtype])  # ‖θ‖²
        # in float32 a slope at the very edge may round to either side: a unit or two
        for shares in (ours[-4:], NativeEvaluator(net).dead_and_saturated(probe)):
            np.testing.assert_allclose(shares, expected[-4:], atol=0.051 if dtype == "float32" else 1e-12)


def test_arrays_whose_numbers_lie_apart_are_read_as_they_are():
    x, t = sample(60)
    x[np.random.default_rng(0).random(x.shape) < 0.7] = 0
    labels = np.stack([t, t], axis=1)[:, 1]
    rows = scipy.sparse.csr_array(x)
    twice = np.repeat(rows.data, 2)
    twice[1::2] = np.nan
    apart = scipy.sparse.csr_array((twice[::2], rows.indices, rows.indptr), shape=rows.shape)
    apart.data = twice[::2]
    results = []
    for inputs, targets in ((rows, t), (apart, t), (apart, labels), (x, labels), (x, labels[::-1][::-1])):
        net = Network([Dense(4), "tanh", Dense(3)], x.shape[1], "softmax_cross_entropy")
        net.fit(inputs, targets, epochs=2, batch_size=16, engine="native")
        results.append(net.theta.copy())
        np.testing.assert_allclose(net.predict(inputs), net.predict(x), rtol=1e-5)
    for theta in results:
        np.testing.assert_allclose(theta, results[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("column", [-1, 9, 10**7])
def test_sparse_rows_that_point_outside_are_refused(column):
    net = Network([Dense(4)], 9, "squared_error")
    wrong = scipy.sparse.csr_array((np.ones(1), np.array([0]), np.array([0, 1])), shape=(1, 9))
    wrong.indices[0] = column
    with pytest.raises(ValueError, match=f"has the column {column}, expected columns 0 to 8"):
        net.predict(wrong)
    with pytest.raises(ValueError, match=f"has the column {column}"):
        net.fit(wrong, np.zeros((1, 4)))
    wrong.indices[0], wrong.indptr[1] = 0, 5
    with pytest.raises(ValueError, match="indptr"):
        net.predict(wrong)


def test_inputs_that_grow_beyond_the_largest_number_are_passed_on():
    net = Network([Scale(100.0), Dense(2)], 3, "squared_error")
    for x in (np.full((1, 3), 1e37, "float32"), scipy.sparse.csr_array(np.full((1, 3), 1e37, "float32"))):
        assert not np.isfinite(net.predict(x)).any()
