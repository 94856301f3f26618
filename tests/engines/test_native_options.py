"""Options of losses and layers, and factors of parameters, on both engines: the compiled core follows NumPy's."""

from dataclasses import replace

import numpy as np
import pytest
from both_engines import WITHIN, assert_equal_engines, data, optimizer_named

from deltaprop import (
    RBF,
    BatchNorm,
    Dense,
    Dropout,
    GroupedDense,
    InputError,
    LayerNorm,
    Network,
    Repeat,
    Residual,
)
from deltaprop.engines import Evaluator
from deltaprop.engines.native_evaluator import NativeEvaluator
from deltaprop.functions import FlatCosine, Linear, Penalty, SigmoidCrossEntropy, SoftmaxCrossEntropy
from deltaprop.optimizers import OPTIMIZERS
from deltaprop.training import Callback


def assert_equal_evaluators(net, x, t, training=False, step=0):
    """Value, gradient and products of the Hessian and the Gauss–Newton matrix."""
    t, v = net.encode(t), np.random.default_rng(5).standard_normal(net.theta.size).astype(net.dtype)
    ours, reference = NativeEvaluator(net), Evaluator(net)
    within = 10 * WITHIN[str(net.dtype)]
    value, grad = ours.gradient(x, t, None, training, step)
    expected, wanted = reference.gradient(x, t, None, training, step)
    assert value == pytest.approx(expected, rel=within)
    assert ours.value(x, t, None, training, step) == pytest.approx(value, rel=within)
    np.testing.assert_allclose(grad, wanted, rtol=within, atol=within * np.abs(wanted).max())
    for name in ("hvp", "gauss_newton_vp"):
        product = getattr(reference, name)(x, t, v, None, training, step)
        got = getattr(ours, name)(x, t, v, None, training, step)
        np.testing.assert_allclose(got, product, rtol=within, atol=within * np.abs(product).max())


@pytest.mark.parametrize("dtype", WITHIN)
@pytest.mark.parametrize("outputs", [1, 2, 3, 17])
@pytest.mark.parametrize("loss", [SoftmaxCrossEntropy, SigmoidCrossEntropy])
def test_label_smoothing(loss, outputs, dtype):
    if loss is SoftmaxCrossEntropy and outputs == 1:
        return  # softmax over one output is always 1
    x, t = data(loss.operation, outputs)

    def make():
        return Network([Dense(7), "tanh", Dense(outputs)], 5, loss(label_smoothing=0.2), seed=1, dtype=dtype)

    assert_equal_engines(make, x, t, optimizer_named("adam"))
    assert_equal_evaluators(make(), x, t)
    plain = make()
    plain.loss = loss()
    assert np.abs(plain.gradient(x, t)[1] - make().gradient(x, t)[1]).max() > 1e-3


# -- factors on rate and decay -------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", WITHIN)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("each", [False, True], ids=["by array", "by parameter"])
def test_factors_of_every_rule(each, optimizer, dtype):
    layers = [Dense(19), BatchNorm(), "tanh", RBF(5), Residual([Dense(5), LayerNorm()]), Dense(3)]
    rule = replace(optimizer_named(optimizer), weight_decay=0.5)
    if hasattr(rule, "epsilon"):
        rule = replace(rule, epsilon=1e-2)
    x, t = data("softmax_cross_entropy", 3)

    def make():
        return Network(layers, 5, "softmax_cross_entropy", Penalty(l2=1e-3), seed=1, dtype=dtype)

    def factors(seed):
        rng, net = np.random.default_rng(seed), make()
        vector = rng.uniform(0, 2, net.theta.size).astype(dtype)
        if not each:
            for block in net.layout:
                vector[block.slice] = rng.uniform(0, 2)
        return vector

    chosen = {"rate_factors": factors(0), "decay_factors": factors(1)}
    for names, options in ((chosen, {"clip_norm": 0.3}), (["rate_factors"], {}), (["decay_factors"], {})):
        given = {name: chosen[name] for name in names}
        assert_equal_engines(make, x, t, rule, threads=2, steps=20, **given, **options)


# -- dropout along a schedule ----------------------------------------------------------------------------------

INSIDE = Residual([Dropout(0.2), Dense(9), Dropout(Linear(0, 0.5, 40))])
DROPOUTS = [Dropout(FlatCosine(0.4, 60)), Dense(9), "tanh", INSIDE]


@pytest.mark.parametrize("dtype", WITHIN)
@pytest.mark.parametrize(
    "layers", [DROPOUTS, [Repeat(2), GroupedDense(6, 2), *DROPOUTS[:1]]], ids=["row", "groups"]
)
def test_dropout_along_schedules(layers, dtype):
    def make():
        return Network([*layers, Dense(3)], 5, "softmax_cross_entropy", seed=1, dtype=dtype)

    x, t = data("softmax_cross_entropy", 3)
    assert_equal_engines(make, x, t, optimizer_named("momentum"), threads=2)
    for step in (0, 40, 99):
        assert_equal_evaluators(make(), x, t, training=True, step=step)
        net, v = make(), np.random.default_rng(0).standard_normal((len(x), 3)).astype(dtype)
        ours, reference = NativeEvaluator(net), Evaluator(net)
        within = {"rtol": 1e-4, "atol": 1e-4} if dtype == "float32" else {"rtol": 1e-10, "atol": 1e-11}
        x_own = x.astype(dtype)
        for got, wanted in zip(
            ours.vjp(x_own, v, True, step), reference.vjp(x_own, v, True, step), strict=True
        ):
            np.testing.assert_allclose(got, wanted, **within)
        d_theta = net.theta.copy()
        for d_x in (None, x_own):
            wanted = reference.jvp(x_own, d_theta, d_x, True, step)
            np.testing.assert_allclose(ours.jvp(x_own, d_theta, d_x, True, step), wanted, **within)


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_rate_outside_its_range_ends_the_fit_with_the_weights_of_the_last_epoch(engine):
    x, t = data("softmax_cross_entropy", 3)
    layers = [Dense(9), "tanh", Dropout(Linear(0, 1, 10)), Dense(3)]
    net, two = (Network(layers, 5, "softmax_cross_entropy", seed=1) for _ in range(2))
    options = {"batch_size": 12, "engine": engine}  # 4 steps an epoch
    net.fit(x, t, epochs=2, **options)
    with pytest.raises(InputError, match=r"^Dropout: rate is 1 in step 10"):
        two.fit(x, t, epochs=4, callbacks=[Callback()], plateau=99, validation=(x, t), **options)
    np.testing.assert_array_equal(two.theta, net.theta)
