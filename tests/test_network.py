import pickle

import numpy as np
import oracle
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from deltaprop import BatchNorm, Dense, Dropout, LayerNorm, Network
from deltaprop.errors import InputError
from deltaprop.functions.losses import LOSSES, Loss
from deltaprop.functions.penalties import Penalty
from deltaprop.layers import Softmax
from deltaprop.optimizers import GradientDescent

XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 3))


def classifier(**options):
    options = {"inputs": 3, "loss": "softmax_cross_entropy", "dtype": "float64"} | options
    return Network([Dense(5), "tanh", Dense(4)], **options)


# ------------------------------------------------------------------------------------------- theta and its views


def test_derivatives_take_arrays_of_any_memory_order():
    net = classifier()
    d_theta, d_x, d_z = (
        RNG.normal(size=2 * net.theta.size)[::2],
        RNG.normal(size=(3, 8)).T,
        RNG.normal(size=(4, 8)).T,
    )
    np.testing.assert_array_equal(net.jvp(X, d_theta, d_x), net.jvp(X, d_theta.copy(), d_x.copy()))
    np.testing.assert_array_equal(
        net.jvp(X, d_theta, np.asfortranarray(d_x)), net.jvp(X, d_theta.copy(), d_x.copy())
    )
    np.testing.assert_array_equal(net.vjp(X, d_z)[0], net.vjp(X, d_z.copy("C"))[0])


@pytest.mark.parametrize(
    "options", [{"inputs": 10**5000}, {"layers": 10**5000}, {"layers": [10**5000]}, {"layers": [Dense(10**5000)]}]
    + [{name: 10**5000} for name in ("dtype", "loss", "penalty")]
)  # fmt: skip
def test_integers_too_long_for_repr_are_refused_in_a_message(options):
    with pytest.raises(InputError, match="an integer of 166"):
        Network(**({"layers": [Dense(4)], "inputs": 3} | options))


def test_long_names_are_shortened_in_messages():
    for options in ({"layers": ["x" * 10**6]}, {"dtype": "x" * 10**5}):
        with pytest.raises(InputError, match=r"^Network: \w+ \w+ 'x+\.\.\.x+', expected") as caught:
            Network(**({"layers": [Dense(4)], "inputs": 3} | options))
        assert len(str(caught.value)) < 300


def test_layers_are_views_of_theta():
    net = classifier()
    net.layers[0].w = np.arange(15).reshape(5, 3)
    net.layers[2].b = [1, 2, 3, 4]
    np.testing.assert_array_equal(net.theta[:15], np.arange(15))
    np.testing.assert_array_equal(net.theta[-4:], [1, 2, 3, 4])
    net.theta[0] = 77
    net.theta = 2 * net.theta
    assert net.layers[0].w[0, 0] == 154
    assert net.layers[0].w.base is not None
    assert np.shares_memory(net.layers[0].w, net.theta)
    assert net.theta.flags.c_contiguous


def test_layout_tiles_theta_without_gaps():
    net = Network([Dense(5), BatchNorm(), "relu", Dense(4, bias=False)], inputs=3)
    assert [(b.name, b.shape, b.penalized) for b in net.layout] == [
        ("0.w", (5, 3), True),
        ("0.b", (5,), False),
        ("1.gain", (5,), False),
        ("1.shift", (5,), False),
        ("3.w", (4, 5), True),
    ]
    assert [b.start for b in net.layout] == [0, 15, 20, 25, 30]
    assert net.layout[-1].slice.stop == net.theta.size == 50


def test_views_show_any_vector_of_the_layout():
    net = classifier()
    _, grad = net.gradient(X, [0] * 8)
    np.testing.assert_array_equal(net.views(grad)[0].w.ravel(), grad[:15])
    assert np.shares_memory(net.views(grad)[2].b, grad)


def test_an_array_of_another_shape_does_not_fit():
    net = classifier()
    with pytest.raises(
        InputError, match=r"^Dense: w has shape \(2, 2\), expected numbers of shape \(5, 3\); give"
    ):
        net.layers[0].w = np.zeros((2, 2))
    with pytest.raises(
        InputError, match=r"^Network: theta has shape \(3,\), expected \(44,\); give it that shape\.$"
    ):
        net.theta = [1, 2, 3]
    with pytest.raises(AttributeError, match="Dense has no 'v'; it has w, b"):
        net.layers[0].v = 3


def test_astype():
    net = classifier(dtype="float32")
    wide = net.astype("float64")
    assert wide.theta.dtype == wide.predict(X).dtype == np.float64
    np.testing.assert_array_equal(wide.theta, net.theta)
    np.testing.assert_allclose(wide.predict(X), net.predict(X), rtol=1e-5)
    with pytest.raises(InputError, match="dtype is 'int8', expected float32 or float64"):
        net.astype("int8")


def test_copy_is_independent():
    net = Network([Dense(2), BatchNorm()], inputs=2, penalty=Penalty(l1=1))
    twin = net.copy()
    twin.theta += 1
    twin.buffers[:] += 1
    assert not np.any(net.theta == twin.theta)
    assert not np.any(net.buffers == twin.buffers)
    assert (twin.config, twin.loss, twin.penalty) == (net.config, net.loss, net.penalty)


def test_another_loss_and_penalty_count_from_then_on():
    """Also after a first use, for copies, and pickled."""
    rows = np.eye(4)[[0, 1, 2, 3] * 2]
    net = classifier()
    net.value(X, rows)
    net.predict(X)
    net.loss, net.penalty = "squared_error", Penalty(l2=1)
    fresh = classifier(loss="squared_error", penalty=Penalty(l2=1))
    for other in (net, net.copy(), pickle.loads(pickle.dumps(net))):
        assert other.value(X, rows) == other.gradient(X, rows)[0] == fresh.value(X, rows)
        np.testing.assert_array_equal(other.predict(X), fresh.predict(X))
        np.testing.assert_array_equal(other.gradient(X, rows)[1], fresh.gradient(X, rows)[1])


def test_an_impossible_loss_or_penalty_is_refused_and_changes_nothing():
    net = classifier()
    for name, value, message in (
        ("loss", "mse", "loss is 'mse', expected one of"),
        ("loss", None, "loss is None, expected one of"),
        ("penalty", 0.1, r"penalty is 0\.1, expected a Penalty"),
    ):
        before = getattr(net, name)
        with pytest.raises(InputError, match=f"^Network: {message}"):
            setattr(net, name, value)
        assert getattr(net, name) is before


@pytest.mark.parametrize(
    ("layers", "loss", "warning"),
    [
        (
            [Dense(3), Softmax()],
            "softmax_cross_entropy",
            "softmax_cross_entropy applies softmax itself; remove",
        ),
        ([Dense(3), "sigmoid"], "sigmoid_cross_entropy", "sigmoid_cross_entropy applies the sigmoid itself"),
        (
            [Dense(1)],
            "softmax_cross_entropy",
            "softmax over one output is always 1; use sigmoid_cross_entropy",
        ),
        ([Dense(1), Softmax()], "squared_error", "softmax over one output is always 1"),
        ([Dense(3), Softmax()], "squared_error", None),
        ([Dense(3), "sigmoid"], "squared_error", None),
        ([Dense(3), "sigmoid", Dense(1)], "sigmoid_cross_entropy", None),
    ],
)
def test_an_output_layer_that_contradicts_the_loss_is_warned_of_in_one_line(layers, loss, warning, caplog):
    net = Network(layers, 2, loss)
    Network(layers, 2).loss = loss
    net.copy()
    lines = [record.getMessage() for record in caplog.records if loss in record.getMessage() or warning]
    assert len(lines) == (0 if warning is None else 2 if loss != "squared_error" else 3)
    assert all(line.startswith(f"Network: {warning}") and "\n" not in line for line in lines)


@pytest.mark.parametrize(
    "options",
    [
        {"inputs": 2**62},
        {"inputs": 10**400},
        {"layers": [Dense(2**62)]},
        {"dtype": np.zeros(3)},
        {"dtype": [1, 2]},
        {"dtype": None},
        {"dtype": "no such type"},
        {"seed": -(2**70)},
        {"seed": np.zeros(3)},
        {"seed": float("nan")},
        {"inputs": np.zeros(2)},
    ],
    ids=str,
)
def test_absurd_networks_are_refused(options):
    with pytest.raises(InputError, match=r"^Network: .+, expected "):
        Network(**{"layers": [Dense(1)], "inputs": 2} | options)


@pytest.mark.parametrize(
    ("function", "loss", "t", "warning"),
    [
        (
            "relu",
            "squared_error",
            [-1.0, 2.0],
            r"outputs after ReLU() lie in [0, 3.4e+38], but the targets in [-1, 2]",
        ),
        (
            "sigmoid",
            "squared_error",
            [0.0, 35.2],
            "outputs after Sigmoid() lie in [0, 1], but the targets in",
        ),
        ("tanh", "sigmoid_cross_entropy", [0, 1], "outputs after Tanh() lie in [0.269, 0.731]"),
        ("relu", "hinge", [-1, 1], "outputs after ReLU() lie in"),
        ("sigmoid", "squared_error", [0.0, 1.0], None),
        ("tanh", "squared_error", [-1.0, 1.0], None),
        ("identity", "poisson", [0, 40], None),
        ("relu", "absolute_error", [0, 40], None),
        ("relu", "squared_error", [0, 9.6e9], None),
    ],
)
def test_targets_out_of_reach_are_warned_of_in_one_line(function, loss, t, warning, caplog):
    net = Network([Dense(1), function], 1, loss)
    net.fit([[0.0], [1.0]], t, epochs=0)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == (warning is not None)
    assert all(warning in line and "\n" not in line for line in lines)


@pytest.mark.parametrize("loss", ["squared_error", "sigmoid_cross_entropy", "softmax_cross_entropy", "hinge"])
def test_whole_numbers_are_class_labels_and_one_hot_rows_are_told_of(loss, caplog):
    net = Network([Dense(2)], 2, loss)
    expected = net.gradient(XOR, [0, 1, 1, 0])[1]
    np.testing.assert_array_equal(net.gradient(XOR, [0.0, 1.0, 1.0, 0.0])[1], expected)
    net.fit(XOR, [0.0, 1.0, 1.0, 0.0], epochs=0)
    told = [record.getMessage() for record in caplog.records if "one-hot rows" in record.getMessage()]
    assert len(told) == (loss in ("squared_error", "sigmoid_cross_entropy"))


def test_any_seed_is_a_seed():
    np.testing.assert_array_equal(classifier(seed=2**400).theta, classifier(seed=2**400).theta)


def test_summary_counts_every_parameter():
    text = Network([Dense(5), "relu", Dense(2)], inputs=3, loss="hinge").summary().splitlines()
    assert [line.split()[-2:] for line in text[1:]] == [
        ["5", "20"],
        ["Activation(function=ReLU())", "5"],
        ["2", "12"],
        ["2", "32"],
    ]
    assert text[-1].startswith("Hinge()")


# -------------------------------------------------------------------------------------------------------- seeds


def test_same_seed_same_weights():
    np.testing.assert_array_equal(classifier(seed=3).theta, classifier(seed=3).theta)
    assert not np.array_equal(classifier(seed=3).theta, classifier(seed=4).theta)


def test_one_seed_means_the_same_weights_in_both_precisions():
    np.testing.assert_array_equal(
        classifier(seed=3).theta.astype(np.float32), classifier(seed=3, dtype="float32").theta
    )


def test_initial_weights_by_a_function():
    def init(views):
        assert not any(array.any() for view in views for array in view.arrays.values())
        views[0].w, views[2].b = 2, [5]

    net = Network([Dense(3), "tanh", Dense(1)], inputs=2, init=init)
    expected = np.repeat(np.array([2, 0, 0, 5]), [6, 3, 3, 1])
    assert np.array_equal(net.theta, expected)


def test_streams_are_independent():
    """Layers without weights, the loss and the use of dropout leave the initial weights as they were."""
    plain = Network([Dense(5), Dense(4)], inputs=3, seed=1)
    other = Network([Dropout(0.5), Dense(5), Dropout(0.2), Dense(4)], inputs=3, seed=1, loss="hinge")
    other.forward(X, training=True)
    np.testing.assert_array_equal(plain.theta, other.theta)


@pytest.mark.parametrize("seed", [-1, 1.5, "a", None])
def test_impossible_seeds_are_refused(seed):
    with pytest.raises(InputError, match=r"seed is .*, expected an integer"):
        classifier(seed=seed)


# ----------------------------------------------------------------------------------------------- targets, weights


@given(st.lists(st.integers(0, 3), min_size=8, max_size=8).filter(any), st.sampled_from(sorted(LOSSES)))
def test_weighted_samples_equal_duplicated_samples(copies, loss):
    net = classifier(loss=loss, penalty=Penalty(l1=0.01, l2=0.1))
    t = LOSSES[loss].rows(np.arange(8) % 4, 4, net.dtype)
    value, grad = net.gradient(X, t, sample_weight=copies)
    again, grad_again = net.gradient(np.repeat(X, copies, axis=0), np.repeat(t, copies, axis=0))
    assert value == pytest.approx(again, rel=1e-12)
    np.testing.assert_allclose(grad, grad_again, rtol=1e-9, atol=1e-14)
    assert net.value(X, t, copies) == pytest.approx(value, rel=1e-12)
    if sum(copies) > 1:  # R² of one sample is not defined
        score = net.score(np.repeat(X, copies, axis=0), np.repeat(t, copies, axis=0))
        assert net.score(X, t, copies) == pytest.approx(score, rel=1e-9)


def test_a_common_factor_of_the_weights_cancels():
    net, t = classifier(), [0, 1, 2, 3] * 2
    np.testing.assert_allclose(net.gradient(X, t, [1e-3] * 8)[1], net.gradient(X, t)[1], rtol=1e-12)


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "sigmoid_cross_entropy", "perceptron", "hinge"])
def test_class_labels_equal_rows(loss):
    net, labels = classifier(loss=loss), np.array([0, 1, 2, 3, 3, 2, 1, 0])
    rows = np.eye(4)[labels] * (2 if loss == "hinge" else 1) - (loss == "hinge")
    for t in (labels, labels.astype(np.uint8), labels.astype(float), list(labels)):
        value, grad = net.gradient(X, t)
        assert value == net.gradient(X, rows)[0]
        np.testing.assert_array_equal(grad, net.gradient(X, rows)[1])
    assert net.score(X, labels) == np.mean(net.predict_labels(X) == labels)


def test_one_output_takes_a_plain_vector():
    net = Network([Dense(1)], inputs=3)
    np.testing.assert_array_equal(net.gradient(X, X[:, 0])[1], net.gradient(X, X[:, :1])[1])


# ----------------------------------------------------------------------------------------------- small and empty


def test_empty_list_of_layers_is_the_identity():
    net = Network([], inputs=3, dtype="float64")
    np.testing.assert_array_equal(net.predict(X), X)
    value, grad = net.gradient(X, X + 1)
    assert (value, grad.shape, net.theta.shape) == (1.5, (0,), (0,))
    np.testing.assert_array_equal(net.vjp(X, X)[1], X)
    np.testing.assert_array_equal(net.jvp(X, [], X), X)
    assert "SquaredError()" in net.summary()
    assert "E = 1.5" in str(net.trace(X, X + 1))


def test_one_unit_one_sample():
    net = Network([Dense(1)], inputs=1, dtype="float64")
    net.theta = [2, 1]
    value, grad = net.gradient([[3]], [5])
    assert value == 2  # ½ (7 − 5)²
    np.testing.assert_array_equal(grad, [6, 2])


def test_an_engine_that_is_none_is_refused():
    with pytest.raises(
        InputError, match=r"^Network: engine is 'gpu', expected one of auto, numpy, native, jax"
    ):
        Network([Dense(1)], inputs=3).predict(X, engine="gpu")


def test_zero_samples_predict_nothing_and_teach_nothing():
    net = classifier()
    nothing = np.zeros((0, 3))
    assert net.predict(nothing).shape == net.forward(nothing).shape == (0, 4)
    assert net.predict_labels(nothing).shape == (0,)
    for ask in (net.gradient, net.value, net.score, net.trace):
        with pytest.raises(InputError, match=r"^Network: x has no samples, expected at least one"):
            ask(nothing, np.zeros((0, 4)))


def test_many_samples_pass_in_pieces():
    """Inference in chunks equals the whole in one go, and never keeps a batch whole."""
    net = Network([Dense(2), "relu"], inputs=3, dtype="float64")
    x = np.random.default_rng(0).normal(size=(9001, 3))
    terms = np.abs(x) @ np.abs(net.layers[0].w).T + np.abs(
        net.layers[0].b
    )  # 4 terms, summed in another order
    rounding = 2 * 4 * np.finfo(float).eps / 2 * terms
    assert (np.abs(net.forward(x) - net.forward(x, training=True)) <= rounding).all()


# ------------------------------------------------------------------------------------------------- kinds of input


@pytest.mark.parametrize("dtype", ["float32", "float64", np.float32, np.dtype("float64")])
def test_everything_comes_out_in_the_networks_dtype(dtype):
    net = Network(
        [Dense(4), BatchNorm(), "gelu", Dropout(0.5), LayerNorm(), Dense(2)],
        inputs=3,
        dtype=dtype,
        penalty=Penalty(0.1),
    )
    value, grad = net.gradient(X, X[:, :2], sample_weight=np.ones(8))
    arrays = [net.theta, net.buffers, net.layers[0].w, grad, net.forward(X), net.predict(X)]
    arrays += [net.jvp(X, grad, X), *net.vjp(X, X[:, :2]), net.forward(X, training=True)]
    assert {a.dtype for a in arrays} == {np.dtype(dtype)}
    assert type(value) is float


@pytest.mark.parametrize(
    "kind", [np.float64, np.float32, np.uint8, np.int64, bool, list, scipy.sparse.csr_array]
)
def test_inputs_of_any_numeric_kind_are_the_same(kind):
    net = Network([Dense(2), "tanh", Dense(1)], inputs=2)
    x = XOR.tolist() if kind is list else kind(XOR) if kind is scipy.sparse.csr_array else XOR.astype(kind)
    np.testing.assert_array_equal(net.predict(x), net.predict(XOR))
    np.testing.assert_array_equal(net.forward(x, training=True), net.forward(XOR, training=True))
    np.testing.assert_array_equal(net.gradient(x, [0, 1, 1, 0])[1], net.gradient(XOR, [0, 1, 1, 0])[1])


def test_inputs_are_left_as_they_are():
    net, x = classifier(), np.asfortranarray(X)
    before, t = x.copy(), np.eye(4)[[0, 1, 2, 3] * 2]
    net.gradient(x, t)
    net.predict(x[::-1])
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(t, np.eye(4)[[0, 1, 2, 3] * 2])


@pytest.mark.parametrize("name", LOSSES)
def test_losses_and_gradients_at_extreme_outputs_are_finite(name):
    if name == "poisson":
        return  # exp(z) is infinite there, as the mathematics has it
    net = Network([], inputs=2, loss=name)
    x = np.array([[1e4, -1e4], [-1e4, 1e4]])
    t = {"hinge": [[1, -1]] * 2}.get(name, [[1, 0]] * 2)
    assert np.isfinite(net.value(x, t))
    assert np.isfinite(net.predict(x)).all()


# ------------------------------------------------------------------------------------------------ refused inputs

BAD = {
    "NaN in x": (
        np.where(X > 1, np.nan, X),
        [0] * 8,
        None,
        r"x has nan at \[\d, \d\], expected finite numbers",
    ),
    "infinite x": (np.full((8, 3), -np.inf), [0] * 8, None, r"x has -inf at \[0, 0\]"),
    "text in x": ([["a", "b", "c"]], [0], None, r"x has dtype <U1, expected numbers"),
    "objects in x": (X.astype(object), [0] * 8, None, r"x has dtype object, expected numbers"),
    "complex x": (X + 1j, [0] * 8, None, r"x has dtype complex128, expected numbers"),
    "ragged x": (
        [[1, 2, 3], [1]],
        [0, 0],
        None,
        r"x has rows of different lengths, expected an array of numbers",
    ),
    "too wide x": (
        np.zeros((8, 9)),
        [0] * 8,
        None,
        r"x has shape \(8, 9\), expected \(n, 3\); check the inputs",
    ),
    "flat x": (X[0], [0], None, r"x has shape \(3,\), expected \(n, 3\)"),
    "too few t": (X, [0] * 7, None, r"t has 7 rows, expected 8, as x has; give one target for each sample"),
    "NaN in t": (X, [0] * 7 + [np.nan], None, r"t has nan at \[7\], expected finite numbers"),
    "text in t": (X, ["cat"] * 8, None, r"t has dtype <U3, expected numbers"),
    "label too large": (X, [0] * 7 + [4], None, r"t has the class label 4, expected integers in \[0, 3\]"),
    "negative label": (X, [-1] * 8, None, r"t has the class label -1, expected integers in \[0, 3\]"),
    "broken label": (X, [0.5] * 8, None, r"t has the class label 0\.5, expected integers in \[0, 3\]"),
    "t of another width": (
        X,
        np.zeros((8, 3)),
        None,
        r"t has shape \(8, 3\), expected \(n, 4\) or class labels",
    ),
    "no probabilities": (
        X,
        np.ones((8, 4)),
        None,
        r"t has the value 4\.0, expected rows of probabilities that sum to 1",
    ),
    "negative weight": (
        X,
        [0] * 8,
        [-1] + [1] * 7,
        r"sample_weight has negative entries, expected weights ≥ 0",
    ),
    "zero weights": (
        X,
        [0] * 8,
        np.zeros(8),
        r"sample_weight is zero everywhere, expected weights ≥ 0, some > 0",
    ),
    "NaN weight": (X, [0] * 8, [np.nan] * 8, r"sample_weight has nan at \[0\], expected finite numbers"),
    "too few weights": (X, [0] * 8, [1, 1], r"sample_weight has shape \(2,\), expected \(8,\)"),
    "text as weight": (X, [0] * 8, ["heavy"] * 8, r"sample_weight has dtype <U5, expected numbers"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_batches_are_refused_in_one_line_and_change_nothing(name):
    x, t, weight, message = BAD[name]
    net = classifier()
    before = net.theta.copy()
    for ask in (net.gradient, net.value, net.score, net.trace):
        with pytest.raises(InputError, match=rf"^\w+: {message}") as caught:
            ask(x, t, weight)
        line = str(caught.value)
        assert "\n" not in line
        assert line.endswith(".")
        assert "; " in line.partition(", expected ")[2]  # wanted, then the remedy
    np.testing.assert_array_equal(net.theta, before)


def test_numbers_too_large_for_the_dtype_are_refused():
    net = Network([Dense(1)], inputs=1)
    with pytest.raises(InputError, match=r"^Network: x has 1e\+300 at \[1, 0\], expected .*float32"):
        net.predict([[1.0], [1e300]])
    assert np.isfinite(Network([Dense(1)], inputs=1, dtype="float64").predict([[1e300]])).all()


@pytest.mark.parametrize(
    ("loss", "t"), [("poisson", -1), ("sigmoid_cross_entropy", 1.5), ("hinge", 0), ("perceptron", -1)]
)
def test_targets_outside_what_the_loss_is_defined_for_are_refused(loss, t):
    net = Network([Dense(1)], inputs=3, loss=loss)
    with pytest.raises(InputError, match=rf"^{type(LOSSES[loss]).__name__}: t has the value {float(t):g}"):
        net.gradient(X, np.full(8, float(t)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": 0}, r"inputs is 0, expected an integer in \[1, inf\)"),
        ({"inputs": 2.5}, r"inputs is 2\.5, expected an integer"),
        ({"loss": "mse"}, r"loss is 'mse', expected one of squared_error, softmax_cross_entropy"),
        ({"penalty": 0.1}, r"penalty is 0\.1, expected a Penalty; for example Penalty\(l2=1e-4\)"),
        ({"dtype": "float16"}, r"dtype is 'float16', expected float32 or float64"),
        ({"dtype": int}, r"dtype is <class 'int'>, expected float32 or float64"),
    ],
)
def test_impossible_networks_are_refused(options, message):
    with pytest.raises(InputError, match=f"^Network: {message}"):
        classifier(**options)


@pytest.mark.parametrize("layers", ["relu", Dense(2), 3, None, [Dense], [3], [None]])
def test_impossible_lists_of_layers_are_refused(layers):
    with pytest.raises(InputError, match=r"^Network: layers "):
        Network(layers, inputs=2)


def test_directions_of_another_shape_are_refused():
    net = classifier()
    with pytest.raises(InputError, match=r"d_theta has shape \(3,\), expected \(44,\)"):
        net.jvp(X, np.zeros(3))
    with pytest.raises(InputError, match=r"d_x has shape \(8, 2\), expected \(8, 3\)"):
        net.jvp(X, net.theta, np.zeros((8, 2)))
    with pytest.raises(InputError, match=r"d_z has shape \(8, 3\), expected \(8, 4\)"):
        net.vjp(X, np.zeros((8, 3)))


# ------------------------------------------------------------------------------------------- custom loss and layer


class Quartic(Loss):
    """E = ¼ Σ (z − t)⁴."""

    def value(self, z, t):
        return ((z - t) ** 4).sum(axis=1) / 4

    def delta(self, z, t):
        return (z - t) ** 3

    def curvature(self, z, t, v):
        return 3 * (z - t) ** 2 * v


def test_a_loss_of_ones_own():
    net = Network([], inputs=1, loss=Quartic(), dtype="float64")
    assert net.value([[3]], [1]) == 4
    net = Network([Dense(1)], inputs=1, loss=Quartic(), dtype="float64")
    net.theta = [1, 0]
    np.testing.assert_array_equal(net.gradient([[3]], [1])[1], [24, 8])


# ------------------------------------------------------------------------------------- the checks of backprop.md


def test_delta_of_softmax_and_cross_entropy_sums_to_0():
    grad = classifier().gradient(X, [0, 1, 2, 3] * 2)[1]
    assert abs(grad[-4:].sum()) < 1e-16


def test_forward_and_reverse_mode_are_transposes():
    net = classifier()
    d_theta, d_x, d_z = RNG.normal(size=net.theta.size), RNG.normal(size=X.shape), RNG.normal(size=(8, 4))
    grad, back = net.vjp(X, d_z)
    assert np.sum(d_z * net.jvp(X, d_theta, d_x)) == pytest.approx(
        grad @ d_theta + np.sum(back * d_x), rel=1e-12
    )


def test_rescaling_around_a_relu_leaves_the_value():
    net = Network([Dense(5), "relu", Dense(2)], inputs=3, dtype="float64")
    grad = net.views(net.gradient(X, X[:, :2])[1])
    below, above = net.layers[0], net.layers[2]
    assert np.sum(below.w * grad[0].w) + below.b @ grad[0].b == pytest.approx(
        np.sum(above.w * grad[2].w), rel=1e-12
    )


# ---------------------------------------------------------------------------------------------- worked by hand


def test_and_by_a_perceptron():
    """The unit w = (1, 1), b = −1.5 gives 0.5 at (1, 1) and less than 0 elsewhere."""
    net = Network([Dense(1)], inputs=2, loss="perceptron")
    net.theta = [1, 1, -1.5]
    np.testing.assert_array_equal(net.forward(XOR).ravel(), [-1.5, -0.5, -0.5, 0.5])
    np.testing.assert_array_equal(net.predict(XOR).ravel(), [0, 0, 0, 1])
    value, grad = net.gradient(XOR, [0, 0, 0, 1])
    assert value == 0
    assert not grad.any()


def test_a_perceptron_learns_from_its_mistakes_only():
    net = Network([Dense(1)], inputs=2, loss="perceptron", dtype="float64")
    net.theta = 0 * net.theta
    np.testing.assert_array_equal(net.gradient([[1, 1]], [1])[1], [0, 0, 0])  # H(0) = 1 is right
    np.testing.assert_array_equal(net.gradient([[2, 3]], [0])[1], [2, 3, 1])  # (y − t) x, y − t


def test_adaline_one_step():
    """x = (1, 1), t = 1, w = b = 0, learning rate 0.1: w = (0.1, 0.1), b = 0.1."""
    net = Network([Dense(1, init="zeros")], inputs=2, dtype="float64")
    value, grad = net.gradient([[1, 1]], [1])
    assert value == 0.5
    rule = GradientDescent(0.1)
    rule.step(net.theta, grad, rule.init(net.theta), 0)
    np.testing.assert_array_equal(net.theta, [0.1, 0.1, 0.1])


def test_xor_by_a_made_feature():
    net = Network([Dense(1)], inputs=3)
    net.theta = [1, 1, -2, 0]
    phi = np.column_stack([XOR, XOR[:, 0] * XOR[:, 1]])
    np.testing.assert_array_equal(net.forward(phi).ravel() >= 0.5, [False, True, True, False])


def test_xor_by_a_hidden_layer():
    net = Network([Dense(2), "relu", Dense(1)], inputs=2)
    net.layers[0].w, net.layers[0].b = [[1, 1], [1, 1]], [0, -1]
    net.layers[2].w, net.layers[2].b = [[1, -2]], [0]
    np.testing.assert_array_equal(net.predict(XOR).ravel(), [0, 1, 1, 0])
    np.testing.assert_array_equal(net.trace(XOR, [0, 1, 1, 0]).layers[0].a, [[0, 0], [1, 0], [1, 0], [2, 1]])


def test_delta_of_identity_and_squared_error():
    np.testing.assert_array_equal(Network([], inputs=2).trace([[3, 5]], [[1, 7]]).y, [[3, 5]])
    net = Network([Dense(1)], inputs=1, dtype="float64")
    net.theta = [2, 0]
    assert net.trace([[1]], [5]).layers[0].delta == -3


@pytest.mark.parametrize("z", [-8.0, -1.0, 0.0, 2.0, 8.0])
def test_sigmoid_with_squared_error_has_the_extra_factor(z):
    """delta = (a − t) a (1 − a) instead of a − t: a saturated unit that is wrong learns next to nothing."""
    a = 1 / (1 + np.exp(-z))
    squared = Network([Dense(1, init="zeros"), "sigmoid"], inputs=1, dtype="float64")
    entropy = Network([Dense(1, init="zeros")], inputs=1, loss="sigmoid_cross_entropy", dtype="float64")
    squared.layers[0].b = entropy.layers[0].b = z
    t = float(z < 0)
    assert entropy.trace([[1]], [t]).layers[0].delta == pytest.approx(a - t, rel=1e-12)
    assert squared.trace([[1]], [t]).layers[0].delta == pytest.approx((a - t) * a * (1 - a), rel=1e-12)


def test_layers_without_activations_collapse_to_one():
    net = Network([Dense(7), Dense(5), Dense(2)], inputs=3, dtype="float64")
    net.theta = RNG.normal(size=net.theta.size)
    (w1, b1), (w2, b2), (w3, b3) = ((p.w, p.b) for p in net.layers)
    one = Network([Dense(2)], inputs=3, dtype="float64")
    one.layers[0].w, one.layers[0].b = w3 @ w2 @ w1, w3 @ (w2 @ b1 + b2) + b3
    np.testing.assert_allclose(net.forward(X), one.forward(X), rtol=1e-12)


def test_two_layers_by_hand_equal_the_oracle():
    """All gradients of a two-layer ReLU network with softmax and cross-entropy, written out."""
    net = Network([Dense(5), "relu", Dense(4)], inputs=3, loss="softmax_cross_entropy", dtype="float64")
    labels = np.array([0, 1, 2, 3] * 2)
    w1, b1, w2, b2 = net.layers[0].w, net.layers[0].b, net.layers[2].w, net.layers[2].b
    z1 = X @ w1.T + b1
    a1 = np.maximum(z1, 0)
    y = np.exp(a1 @ w2.T + b2)
    delta2 = y / y.sum(axis=1, keepdims=True) - np.eye(4)[labels]
    delta1 = (delta2 @ w2) * (z1 > 0)
    by_hand = [delta1.T @ X / 8, delta1.mean(axis=0), delta2.T @ a1 / 8, delta2.mean(axis=0)]
    value, grad = net.gradient(X, labels)
    np.testing.assert_allclose(grad, np.concatenate([g.ravel() for g in by_hand]), rtol=1e-12)
    parameters = {f"{b.layer}.{b.parameter}": b.of(net.theta) for b in net.layout}
    layers = (("dense", 5), ("activation", "relu"), ("dense", 4))
    wanted = oracle.value(layers, parameters, X, np.eye(4)[labels], "softmax_cross_entropy")
    assert value == pytest.approx(float(wanted), rel=1e-14)
