"""Rates from the curvature: against the exact matrices, on both engines, and after a restart."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from deltaprop import Dense, MLPClassifier, MLPRegressor, Network
from deltaprop.curvature import GaussNewton, Hessian
from deltaprop.errors import InputError
from deltaprop.estimators.parameters import UnusedArgumentWarning
from deltaprop.functions.schedules import Cosine
from deltaprop.optimizers import SGD
from deltaprop.training import DiagonalLM, EigenvalueRate, LargestEigenvalue, ReduceOnPlateau, loop

rng = np.random.default_rng(0)
X = rng.normal(size=(200, 3)) * [1, 2, 3]
T = np.tanh(X.sum(axis=1, keepdims=True))
LABELS = (X[:, 0] > 0).astype(int)
BOTH = {"eigenvalue": EigenvalueRate, "diagonal_lm": DiagonalLM}


def network(dtype="float64", **options):
    return Network([Dense(6), "tanh", Dense(1)], inputs=3, seed=3, dtype=dtype, **options)


def fit(adapt_rate, net=None, *, epochs=4, optimizer=None, **options):
    net = net or network()
    options = {"optimizer": optimizer or SGD(0.01), "epochs": epochs, "progress": False} | options
    return net, net.fit(X, T, adapt_rate=adapt_rate, **options)


def test_the_rate_is_a_fraction_of_that_of_the_largest_eigenvalue():
    rule = EigenvalueRate(updates=100, batch_size=200, rate=0.5, fraction=0.25)
    start = network()
    _, history = fit(rule, epochs=3)
    assert rule.epochs == [0, 1, 2, 3]
    assert rule.values[0] == pytest.approx(np.linalg.eigvalsh(Hessian(start, X, T).dense())[-1], rel=1e-4)
    np.testing.assert_allclose(history["learning_rate"], 0.25 / np.array(rule.values[:-1]))


def test_with_factors_the_eigenvalue_is_that_of_the_scaled_hessian():
    net, factors = network(), {"w": "fan_in", "0.b": 0}
    rule = EigenvalueRate(updates=100, batch_size=200, rate=0.5)
    hessian = Hessian(net, X, T).dense()
    scale = np.concatenate([np.full(18, 3**-0.5), np.zeros(6), np.full(6, 6**-0.5), [1]])
    largest = np.linalg.eigvals(scale[:, None] * hessian).real.max()
    fit(rule, net, epochs=1, rate_factors=factors)
    assert rule.values[0] == pytest.approx(largest, rel=1e-4)


def test_each_rate_is_that_of_its_own_curvature():
    net = network()
    theta, grad = net.theta.copy(), net.gradient(X, T)[1]
    h = np.diagonal(GaussNewton(net, X, T).dense())  # exact for one hidden layer and squared error
    given = np.linspace(0, 2, theta.size)
    fit(DiagonalLM(mu=0.1), net, epochs=1, batch_size=None, rate_factors=given)
    np.testing.assert_allclose(net.theta, theta - 0.01 * given / (h + 0.1) * grad, rtol=1e-10, atol=1e-12)


def test_the_curvature_is_that_of_the_samples_that_take_part():
    weight = np.where(np.arange(200) < 50, 1.0, 0.0)
    ours, _ = fit(DiagonalLM(), batch_size=None, sample_weight=weight)
    theirs = network()
    theirs.fit(X[:50], T[:50], optimizer=SGD(0.01), epochs=4, batch_size=None, adapt_rate="diagonal_lm")
    np.testing.assert_allclose(ours.theta, theirs.theta, rtol=1e-12)


@pytest.mark.parametrize("name", BOTH)
def test_both_engines_agree(name):
    options = {"sample_weight": rng.uniform(0.5, 2, 200), "optimizer": "momentum"}
    numpy, native = (fit(name, epochs=5, engine=engine, **options)[0] for engine in ("numpy", "native"))
    np.testing.assert_allclose(numpy.theta, native.theta, rtol=1e-9, atol=1e-11)
    assert np.abs(numpy.theta - fit(None, epochs=5, **options)[0].theta).max() > 1e-3


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_resumed_fit_ends_with_the_same_weights(tmp_path, name, engine):
    whole, _ = fit(name, engine=engine)
    fit(name, epochs=2, engine=engine, checkpoint=tmp_path / "a")
    resumed, _ = fit(name, engine=engine, checkpoint=tmp_path / "a", resume=True)
    np.testing.assert_array_equal(resumed.theta, whole.theta)
    with pytest.raises(InputError, match="Checkpoint: file was written with callbacks"):
        fit(
            BOTH[name](),
            engine=engine,
            checkpoint=tmp_path / "a",
            resume=True,
            callbacks=[LargestEigenvalue()],
        )


@pytest.mark.parametrize("name", BOTH)
def test_a_fit_stopped_within_an_epoch_goes_on_with_its_rates(name):
    states = []
    whole, _ = fit(name, epochs=2)

    def poll(self, interrupt, was=loop.Loop._poll):
        if self.run.epoch == 1 and self.run.position == 96:
            states.append(self.run.snapshot())
        was(self, interrupt)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop.Loop, "_poll", poll)
        patch.setattr(loop.Loop, "_adapt_chunk", lambda self, *_: setattr(self, "_chunk", 1))
        patch.setattr(loop, "_first_guess", lambda engine: 1)
        fit(name, epochs=2)
    (state,) = states
    resumed, _ = fit(name, epochs=2, resume=state)
    np.testing.assert_array_equal(resumed.theta, whole.theta)
    if name == "diagonal_lm":
        state.arrays["rate_factors"][3] = -1
        with pytest.raises(InputError, match="resume has rate_factors"):
            fit(name, epochs=2, resume=state)


@pytest.mark.parametrize(
    "rule",
    [EigenvalueRate(updates=100, batch_size=200, rate=0.5), DiagonalLM()],
    ids=["eigenvalue", "diagonal_lm"],
)
def test_members_of_an_ensemble_take_the_steps_of_single_networks(rule):
    options = {"hidden_layer_sizes": (4,), "activation": "tanh", "solver": SGD(0.01), "alpha": 0.01}
    options |= {"adapt_rate": rule, "batch_size": 200, "max_iter": 5, "n_iter_no_change": 9}
    w, v = rng.normal(size=(3, 4)), rng.normal(size=(4, 1))
    b, c = np.zeros(4), np.zeros(1)
    single = MLPRegressor(**options, coefs_init=[w, v], intercepts_init=[b, c])
    two = [[np.stack([a, a]) for a in arrays] for arrays in ([w, v], [b, c])]
    both = MLPRegressor(**options, n_ensemble=2, coefs_init=two[0], intercepts_init=two[1])
    for model in (single, both):
        with pytest.warns(ConvergenceWarning):
            model.fit(X, T[:, 0])
    assert np.abs(single.coefs_[0] - w).max() > 1e-2
    for member in both.coefs_[0]:
        np.testing.assert_allclose(member, single.coefs_[0], rtol=1e-4, atol=1e-4)


def test_the_estimators_take_it():
    options = {"solver": "sgd", "max_iter": 20, "n_iter_no_change": np.inf, "random_state": 0}
    rule = EigenvalueRate()
    diagonal = MLPClassifier((8,), adapt_rate=DiagonalLM(mu=0.1), learning_rate_init=0.01, **options)
    largest = MLPClassifier((8,), adapt_rate=rule, warm_start=True, **options)
    for model in (diagonal, largest, largest):
        with pytest.warns(ConvergenceWarning):
            model.fit(X, LABELS)
        assert model.score(X, LABELS) > 0.8
    assert largest.history_["learning_rate"][-1] == pytest.approx(rule.fraction / rule.values[-2])


def test_an_estimator_says_that_its_rate_is_not_used():
    for rule in ("eigenvalue", EigenvalueRate()):
        model = MLPClassifier(solver="sgd", adapt_rate=rule, learning_rate_init=0.1, max_iter=1)
        with (
            pytest.warns(UnusedArgumentWarning, match="learning_rate_init"),
            pytest.warns(ConvergenceWarning),
        ):
            model.fit(X, LABELS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"adapt_rate": "x"}, "^fit: adapt_rate is 'x', expected one of eigenvalue, diagonal_lm"),
        ({"adapt_rate": 3}, "^fit: adapt_rate is 3"),
        (
            {"adapt_rate": "diagonal_lm", "optimizer": "lm"},
            "^fit: adapt_rate is given with LevenbergMarquardt",
        ),
        ({"adapt_rate": "diagonal_lm", "optimizer": "adam"}, "^DiagonalLM: the optimizer is Adam"),
        ({"adapt_rate": "eigenvalue", "optimizer": "rmsprop"}, "^EigenvalueRate: the optimizer is RMSProp"),
        (
            {"adapt_rate": "eigenvalue", "optimizer": SGD(Cosine(0.1, 9))},
            "^EigenvalueRate: the learning rate",
        ),
        ({"adapt_rate": "eigenvalue", "optimizer": SGD(0.0)}, "^EigenvalueRate: the learning rate of the"),
        (
            {"adapt_rate": "eigenvalue", "plateau": ReduceOnPlateau(monitor="train_loss")},
            "^EigenvalueRate: ReduceOnPlateau changes the learning rate too",
        ),
        (
            {"adapt_rate": "eigenvalue", "callbacks": [EigenvalueRate()]},
            "EigenvalueRate changes the learning",
        ),
    ],
)
def test_what_contradicts_is_refused_before_anything_changes(options, message):
    net = network()
    before = net.theta.copy()
    with pytest.raises(InputError, match=message):
        fit(options.pop("adapt_rate"), net, **options)
    np.testing.assert_array_equal(net.theta, before)


@pytest.mark.parametrize("wrong", [{"mu": 0}, {"samples": 0}, {"samples": 1.5}])
def test_bad_numbers_are_refused(wrong):
    with pytest.raises(InputError, match=f"^DiagonalLM: {next(iter(wrong))} is"):
        DiagonalLM(**wrong)
    with pytest.raises(InputError, match=r"^EigenvalueRate: fraction is 0"):
        EigenvalueRate(fraction=0)


def test_an_estimator_refuses_two_rules_of_the_rate():
    with pytest.raises(ValueError, match="NoImprovement changes the learning rate too"):
        MLPClassifier(solver="sgd", learning_rate="adaptive", adapt_rate="eigenvalue").fit(X, LABELS)
