"""fit: what it trains on, what it measures, what it refuses."""

import numpy as np
import pytest
import scipy.sparse
import sklearn.metrics
from sklearn.datasets import load_iris

from deltaprop import BatchNorm, Dense, Dropout, InputError, Network
from deltaprop.engines import NumpyEngine
from deltaprop.functions import MemberLoss
from deltaprop.functions.penalties import Penalty
from deltaprop.functions.schedules import Linear
from deltaprop.layers import GroupedDense, Repeat
from deltaprop.optimizers import SGD, Adam, Momentum
from deltaprop.training import Callback, fit, loop

RNG = np.random.default_rng(2)
X = RNG.normal(size=(60, 3))
T = (X[:, 0] * X[:, 1] > 0).astype(int)
Y = X @ [1.0, -2.0, 0.5] + 3
WEIGHT = RNG.integers(0, 3, size=60)


def classifier(seed=1, dtype="float64", penalty=None):
    return Network([Dense(8), "tanh", Dense(2)], 3, "softmax_cross_entropy", penalty, seed, dtype)


def linear(seed=1, dtype="float64"):
    return Network([Dense(1)], 3, "squared_error", seed=seed, dtype=dtype)


def without_seconds(history):
    return np.delete(history.table(), history.columns.index("seconds"), axis=1)


# -- it trains ------------------------------------------------------------------------------------------------------


def test_it_learns_iris():
    x, t = load_iris(return_X_y=True)
    net = Network([Dense(16), "relu", Dense(3)], inputs=4, loss="softmax_cross_entropy", seed=0)
    history = net.fit((x - x.mean(0)) / x.std(0), t, optimizer=Adam(0.01), epochs=40, validation=0.2, seed=1)
    assert history.last["validation_score"] > 0.9
    assert history.last["train_loss"] < 0.3 < history.first["train_loss"]
    assert history.status == "completed"


def test_gradient_descent_on_a_line_finds_least_squares():
    net = linear()
    history = fit(net, X, Y, optimizer="gradient_descent", epochs=400, batch_size=7)
    np.testing.assert_allclose(net.theta, [1, -2, 0.5, 3], atol=1e-6)
    assert history["train_loss"][-1] < 1e-12


def test_two_fits_with_one_seed_are_bit_identical_and_another_seed_is_not():
    nets = [classifier() for _ in range(3)]
    tables = [
        without_seconds(fit(net, X, T, epochs=3, batch_size=7, seed=seed, validation=0.2))
        for net, seed in zip(nets, (1, None, 2), strict=True)
    ]
    assert nets[0].theta.tobytes() == nets[1].theta.tobytes() != nets[2].theta.tobytes()
    assert tables[0].tobytes() == tables[1].tobytes()


def test_looking_more_often_changes_nothing(monkeypatch):
    results = []
    for look in (0.0, 1e-4, 10.0):
        monkeypatch.setattr(loop, "POLL_INTERVAL", look)
        net = Network(
            [Dense(4), BatchNorm(), "relu", Dropout(0.5), Dense(2)], 3, "softmax_cross_entropy", seed=4
        )
        history = fit(net, X, T, epochs=4, batch_size=4, clip_norm=0.5, validation=0.2, plateau=1)
        results.append((net.theta.tobytes(), net.buffers.tobytes(), without_seconds(history).tobytes()))
    assert results[0] == results[1] == results[2]


def test_weights_that_count_samples_equal_repeated_samples():
    nets = classifier(penalty=Penalty(l2=0.01)), classifier(penalty=Penalty(l2=0.01))
    weighted = fit(nets[0], X, T, sample_weight=WEIGHT, epochs=5, batch_size=None)
    repeated = fit(nets[1], np.repeat(X, WEIGHT, axis=0), np.repeat(T, WEIGHT), epochs=5, batch_size=None)
    np.testing.assert_allclose(nets[0].theta, nets[1].theta, rtol=1e-9)
    np.testing.assert_allclose(weighted["train_loss"], repeated["train_loss"], rtol=1e-9)


def test_a_weight_of_zero_leaves_a_sample_out_altogether():
    x, weight = X.copy(), np.ones(60)
    weight[::3] = 0
    x[::3] = 1e6
    nets = classifier(), classifier()
    left_out = fit(nets[0], x, T, sample_weight=weight, epochs=2, shuffle=False, validation=0.25)
    absent = fit(nets[1], x[weight > 0], T[weight > 0], epochs=2, shuffle=False, validation=0.25)
    np.testing.assert_allclose(nets[0].theta, nets[1].theta, rtol=1e-12)
    np.testing.assert_allclose(without_seconds(left_out), without_seconds(absent), rtol=1e-12)


@pytest.mark.parametrize(
    "convert",
    [scipy.sparse.csr_array, scipy.sparse.csc_matrix, lambda x: x.astype("uint8"), lambda x: x.tolist()],
    ids=["csr", "csc", "uint8", "list"],
)
def test_inputs_of_every_kind_train_alike(convert):
    x = RNG.integers(0, 2, size=(60, 3)).astype(float)
    nets = classifier(), classifier()
    first = fit(nets[0], x, T, epochs=2, validation=0.2, train_score=True)
    second = fit(nets[1], convert(x), T, epochs=2, validation=0.2, train_score=True)
    assert nets[0].theta.tobytes() == nets[1].theta.tobytes()
    assert without_seconds(first).tobytes() == without_seconds(second).tobytes()


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("batch_size", [1, 7, None])
def test_one_unit_and_one_sample_are_enough(n, batch_size):
    net = Network([Dense(1)], inputs=1, loss="squared_error")
    history = fit(net, [[1.0]] * n, [2.0] * n, optimizer=SGD(0.1), epochs=60, batch_size=batch_size)
    assert abs(float(net.predict([[1.0]])[0, 0]) - 2) < 1e-3
    assert history.status == "completed"


def test_no_epochs_change_nothing():
    net, before = classifier(), classifier().theta
    history = fit(net, X, T, epochs=0)
    assert net.theta.tobytes() == before.tobytes()
    assert (len(history), history.status) == (0, "completed")


def test_rate_factors_freeze_and_scale():
    net, start = linear(), linear().theta
    fit(net, X, Y, optimizer=SGD(0.1), epochs=1, batch_size=None, rate_factors={"0.b": 0, 0: 2})
    frozen = net.theta - start
    assert frozen[3] == 0
    whole = linear()
    fit(whole, X, Y, optimizer=SGD(0.1), epochs=1, batch_size=None, rate_factors=np.array([1, 1, 1, 0]))
    np.testing.assert_allclose(frozen, 2 * (whole.theta - start), rtol=1e-12)


def test_factors_by_name_alone_and_fan_in_are_those_of_each_array():
    def trained(**options):
        net = classifier()
        fit(net, X, T, optimizer=Adam(0.01, weight_decay=0.1), epochs=2, **options)
        return net

    fans = {"0.w": 3**-0.5, "2.w": 8**-0.5}
    assert {b.name: b.shape[1] for b in classifier().layout if b.penalized} == {"0.w": 3, "2.w": 8}
    rates, decays = {"w": "fan_in", "b": 0.1, "2.b": 3}, {"w": "fan_in", 2: 0.5, "b": 0}
    ours = trained(rate_factors=rates, decay_factors=decays)
    written_out = {"0.w": 3**0.5, "2.w": 0.5 * 8**0.5, "0.b": 0, "2.b": 0}
    theirs = trained(rate_factors=fans | {"0.b": 0.1, "2.b": 0.3}, decay_factors=written_out)
    np.testing.assert_allclose(ours.theta, theirs.theta, rtol=1e-5)
    assert np.abs(ours.theta - trained(rate_factors=rates).theta).max() > 1e-3


def test_a_step_decays_by_rate_and_both_factors():
    """θ ← θ (1 − 0.2 · r · 0.5 · d) − 0.2 · r · g."""
    net, start = linear(), linear().theta.astype(np.float64)
    _, grad = linear().gradient(X, Y)
    r, d = np.array([1.0, 2.0, 0.5, 3.0]), np.array([0.0, 1.0, 4.0, 0.5])
    rule = SGD(0.2, weight_decay=0.5)
    fit(net, X, Y, optimizer=rule, epochs=1, batch_size=None, rate_factors=r, decay_factors=d)
    np.testing.assert_allclose(net.theta, start * (1 - 0.1 * r * d) - 0.2 * r * grad, rtol=1e-5)


def test_threads_limit_blas_while_it_runs():
    import threadpoolctl

    class Pools(Callback):
        def on_epoch(self, run):
            self.seen = {p["num_threads"] for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas"}

    before = threadpoolctl.threadpool_info()
    pools = Pools()
    fit(classifier(), X, T, epochs=1, threads=1, callbacks=[pools])
    assert pools.seen == {1}
    assert threadpoolctl.threadpool_info() == before


# -- what it measures -------------------------------------------------------------------------------------------------


def test_losses_and_scores_are_those_of_the_network():
    net = classifier(penalty=Penalty(l1=0.01, l2=0.1))
    held_out = (X[:20], T[:20], WEIGHT[:20])
    history = fit(
        net, X[20:], T[20:], sample_weight=WEIGHT[20:], epochs=3, validation=held_out, train_score=True
    )
    last = history.last
    assert last["validation_loss"] == pytest.approx(net.value(*held_out), rel=1e-12)
    assert last["validation_score"] == pytest.approx(
        sklearn.metrics.accuracy_score(T[:20], net.predict_labels(X[:20]), sample_weight=WEIGHT[:20])
    )
    assert last["train_score"] == pytest.approx(net.score(X[20:], T[20:], WEIGHT[20:]))


def test_the_train_loss_is_the_mean_of_the_batches_before_their_steps():
    net = classifier()
    history = fit(net, X, T, optimizer=SGD(0.0), epochs=1, batch_size=7, sample_weight=WEIGHT)
    assert history.last["train_loss"] == pytest.approx(net.value(X, T, WEIGHT), rel=1e-12)


def test_norms_ratios_and_rates():
    net, rate = classifier(), Linear(0.5, 0.1, steps=10)
    _, grad = net.gradient(X, T)
    history = fit(net, X, T, optimizer=SGD(rate), epochs=2, batch_size=None, clip_value=0.01)
    parts = slice(0, 32), slice(32, 50)
    np.testing.assert_allclose(
        history["gradient_norm"][0], [np.linalg.norm(grad[p]) for p in parts], rtol=1e-12
    )
    np.testing.assert_allclose(history["learning_rate"], rate.rate([0, 1]), rtol=1e-12)
    one = classifier()
    fit(one, X, T, optimizer=SGD(rate), epochs=1, batch_size=None, clip_value=0.01)
    step = one.theta - classifier().theta
    ratios = [np.linalg.norm(step[p]) / np.linalg.norm(one.theta[p]) for p in parts]
    np.testing.assert_allclose(history["update_ratio"][0], ratios, rtol=1e-9)


def test_norms_of_several_steps_are_root_mean_squares():
    net = classifier()
    squares = [np.sum(net.gradient(X[i : i + 20], T[i : i + 20])[1][:32] ** 2) for i in (0, 20, 40)]
    history = fit(net, X, T, optimizer=SGD(0.0), epochs=1, batch_size=20, shuffle=False)
    assert history.last["gradient_norm_0"] == pytest.approx(np.sqrt(np.mean(squares)), rel=1e-12)
    assert history.last["update_ratio_0"] == 0


def test_a_custom_score_is_recorded_and_may_stop_the_fit():
    def score(network, x, t, sample_weight):
        return sklearn.metrics.roc_auc_score(t, network.predict(x)[:, 1], sample_weight=sample_weight)

    net = classifier()
    history = fit(net, X, T, epochs=2, validation=(X[:20], T[:20], WEIGHT[:20] + 1), score=score)
    assert history.last["validation_score"] == pytest.approx(score(net, X[:20], T[:20], WEIGHT[:20] + 1))


def test_a_split_takes_the_held_out_samples_from_training_and_keeps_their_weights():
    class Look(Callback):
        def on_start(self, run):
            self.run = run

    look, weight = Look(), WEIGHT + 0.5
    net = classifier()
    history = fit(net, X, T, sample_weight=weight, epochs=2, validation=0.25, callbacks=[look])
    held_out, train = look.run.validation.samples, look.run.data.samples
    assert sorted([*held_out, *train]) == list(range(60))
    assert len(held_out) == 15
    assert abs(np.mean(T[held_out]) - np.mean(T)) < 1 / 15
    expected = net.value(X[held_out], T[held_out], weight[held_out])
    assert history.last["validation_loss"] == pytest.approx(expected, rel=1e-12)


# -- what it refuses --------------------------------------------------------------------------------------------------

BAD = [
    ({"x": X[:, :2]}, r"x has shape \(60, 2\), expected \(n, 3\)"),
    ({"x": np.where(X > 2, np.nan, X)}, "x has nan at"),
    ({"x": X.astype(str)}, "x has dtype"),
    ({"x": X[:0], "t": T[:0]}, "x has no samples"),
    ({"t": T[:9]}, "t has 9 rows, expected 60"),
    ({"t": T + 1}, "class label 2"),
    ({"sample_weight": -np.ones(60)}, "negative"),
    ({"sample_weight": np.zeros(60)}, "zero everywhere"),
    ({"sample_weight": np.ones(3)}, r"shape \(3,\)"),
    ({"optimizer": "adem"}, "adem"),
    ({"epochs": -1}, "epochs is -1"),
    ({"epochs": 2.5}, "epochs is 2.5"),
    ({"batch_size": 0}, "batch_size is 0"),
    ({"shuffle": "yes"}, "shuffle is 'yes'"),
    ({"validation": 1.0}, "validation is 1.0"),
    ({"validation": 0.001}, "validation is 0.001, of 60 samples"),
    ({"validation": (X,)}, "validation is a tuple of length 1"),
    ({"validation": (X[:, :1], T)}, r"validation: x has shape \(60, 1\)"),
    ({"early_stopping": 5}, "EarlyStopping: monitor is 'validation_loss', which this fit does not measure"),
    ({"early_stopping": 0, "validation": 0.2}, "early_stopping is 0"),
    ({"plateau": "soon"}, "plateau is 'soon'"),
    ({"callbacks": [print]}, "callbacks has <built-in function print>"),
    ({"score": "auc"}, "score is 'auc'"),
    ({"clip_norm": 0}, "clip_norm is 0"),
    ({"clip_value": -1.0}, "clip_value is -1.0"),
    ({"rate_factors": np.ones(3)}, r"rate_factors has shape \(3,\)"),
    ({"rate_factors": {7: 1.0}}, "rate_factors names 7, expected a layer or one of 0.w, 0.b, 2.w, 2.b"),
    ({"rate_factors": -np.ones(50)}, "rate_factors has -1.0"),
    ({"decay_factors": -np.ones(50)}, "decay_factors has -1.0"),
    (
        {"decay_factors": {"0.b": "fan_in"}},
        r"decay_factors\['0.b'\] is 'fan_in' for 0.b, expected it for weights",
    ),
    ({"rate_factors": {0: "fan_in"}}, r"rate_factors\[0\] is 'fan_in' for 0.b"),
    ({"rate_factors": {"bias": 1}}, "rate_factors names 'bias', expected a layer or one of 0.w"),
    ({"checkpoint": 3}, "checkpoint is 3"),
    ({"checkpoint": "no/such/folder/a"}, "expected a file in an existing folder"),
    ({"checkpoint": "x" * 5000 + "/a"}, "expected a file in an existing folder"),
    ({"checkpoint": "x" * 5000}, r"\(File name too long\), expected a file"),
    ({"resume": True}, "resume is True without a checkpoint"),
    ({"resume": "yes"}, "resume is 'yes'"),
    ({"progress": "loud"}, "progress is 'loud'"),
    ({"engine": "fast"}, "engine is 'fast'"),
    ({"threads": 0}, "threads is 0"),
    ({"threads": 2**31}, r"threads is 2147483648, expected an integer in \[1, 1024\]"),
    ({"seed": -1}, "seed is -1"),
    ({"epochs": 10**400}, r"epochs is 1000*\.\.\."),
    ({"threads": 2**31}, "threads is 2147483648"),
    ({"clip_norm": 10**400}, r"clip_norm is 1000*\.\.\."),
    ({"clip_value": float("inf")}, "clip_value is inf"),
    ({"sample_weight": np.full(60, 5e-324)}, "sample_weight sums to"),
    ({"early_stopping": True}, "early_stopping is True"),
    ({"callbacks": None}, "callbacks has None"),
    ({"rate_factors": {"0.w": "x"}}, "rate_factors"),
    ({"rate_factors": {0: 10**400}}, "rate_factors"),
    ({"validation": "some"}, r"validation is 'some', expected \(x, t\), "),
    ({"validation": ()}, "validation is a tuple of length 0"),
    ({"shuffle": 1}, "shuffle is 1"),
    *(
        ({name: 10**5000}, f"{name} (is|has) an integer of 16610 bits")
        for name in ("callbacks", "score", "progress", "checkpoint", "resume", "shuffle")
    ),
    ({"rate_factors": {10**5000: 1.0}}, "rate_factors names an integer of 16610 bits"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=[words for _, words in BAD])
def test_bad_arguments_are_refused_in_one_line_before_anything_changes(arguments, words):
    net = classifier()
    with pytest.raises(InputError, match=words) as error:
        fit(net, **({"x": X, "t": T} | arguments))
    assert "\n" not in str(error.value)
    assert str(error.value).endswith(".")
    assert net.theta.tobytes() == classifier().theta.tobytes()


def test_one_engine_class_may_be_given():
    calls = []

    class Counting(NumpyEngine):
        def run(self, order, step, rate_scale, sums):
            calls.append((len(order), step))
            return super().run(order, step, rate_scale, sums)

    fit(linear(), X, Y, optimizer=Momentum(0.01), epochs=2, batch_size=16, engine=Counting)
    assert sum(n for n, _ in calls) == 120
    assert [step for _, step in calls] == [0, 4]


def test_the_message_states_facts_and_gives_no_advice():
    """Losses that only grow, and losses that no longer change: neither says what would help."""
    x = np.linspace(1, 1.01, 8)[:, None]
    for rate in (2.2, 0.0):
        net = Network([Dense(1)], inputs=1, loss="squared_error", seed=0)
        for more in ({}, {"validation": 0.5}):
            history = fit(net, x, np.zeros(8), optimizer=SGD(rate), epochs=3, batch_size=None, **more)
            assert history.message == "All 3 epochs are done."


def test_factors_by_a_name_that_only_other_layers_have():
    """One dict serves networks with and without an embedding; a name that no layer has is refused."""
    plain, with_more = (Network([Dense(3), "tanh", Dense(1)], inputs=2, seed=0) for _ in range(2))
    x, t = np.random.default_rng(0).standard_normal((20, 2)), np.zeros(20)
    fit(plain, x, t, epochs=2, rate_factors={"b": 0.1})
    fit(with_more, x, t, epochs=2, rate_factors={"b": 0.1, "frequency": 0.5, "table": 2.0})
    np.testing.assert_array_equal(plain.theta, with_more.theta)
    with pytest.raises(InputError, match="rate_factors names 'bias'"):
        fit(plain, x, t, epochs=2, rate_factors={"bias": 0.1})


@pytest.mark.parametrize("solver", ["lm", "bayesian_lm", "gauss_newton"])
def test_weights_of_members_are_refused_by_solvers_of_residuals(solver):
    net = Network(
        [Repeat(3), GroupedDense(5, 3), "tanh", GroupedDense(1, 3)], 4, MemberLoss("squared_error", 3)
    )
    x = np.random.default_rng(0).standard_normal((20, 4))
    with pytest.raises(InputError, match=r"sample_weight is \(n, members\)"):
        fit(net, x, x[:, 0], optimizer=solver, sample_weight=np.ones((20, 3)))
