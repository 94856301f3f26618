"""What goes beyond scikit-learn: each argument does what it says."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import mean_pinball_loss
from sklearn.preprocessing import scale
from sklearn.utils.multiclass import unique_labels

from deltaprop import MLPClassifier, MLPRegressor, schedules
from deltaprop.estimators import UnusedArgumentWarning
from deltaprop.functions import HeNormal, Huber, LeakyReLU, Quantile
from deltaprop.layers import Dense, LearnedScale, ParametricActivation
from deltaprop.optimizers import Adam, RMSProp
from deltaprop.training import Callback

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X, Y = load_iris(return_X_y=True)
X = scale(X)
D, T = load_diabetes(return_X_y=True)
D = scale(D)
SOLVERS = ("adam", "sgd", "lbfgs", "rmsprop")


class Raises(Callback):
    def on_epoch(self, run):
        if run.epoch % 5 == 3:
            raise RuntimeError("enough")


# -------------------------------------------------------------------------------------------- going on


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    "stopping", [{}, {"early_stopping": True, "n_iter_no_change": 99}], ids=["", "early stopping"]
)
def test_many_fits_of_one_iteration_are_one_fit_of_many(solver, dtype, stopping):
    arguments = {
        "solver": solver,
        "random_state": 1,
        "batch_size": "auto" if solver == "lbfgs" else 32,
        **stopping,
    }
    once = MLPClassifier((6,), max_iter=12, **arguments).fit(X.astype(dtype), Y)
    often = MLPClassifier((6,), max_iter=1, warm_start=True, **arguments)
    for _ in range(12):
        often.fit(X.astype(dtype), Y)
    np.testing.assert_array_equal(often.network_.theta, once.network_.theta)
    assert often.loss_curve_ == once.loss_curve_
    assert often.validation_scores_ == once.validation_scores_
    assert often.t_ == once.t_
    np.testing.assert_array_equal(often.history_["train_loss"], once.history_["train_loss"])


@pytest.mark.parametrize("learning_rate", ["constant", "invscaling", "adaptive"])
def test_partial_fits_are_the_epochs_of_a_fit(learning_rate):
    arguments = {"solver": "sgd", "learning_rate": learning_rate, "learning_rate_init": 0.2, "batch_size": 32}
    arguments |= {
        "random_state": 0,
        "tol": 1e-2,
        "n_iter_no_change": 3 if learning_rate == "adaptive" else 99,
    }
    once = MLPClassifier((6,), max_iter=15, **arguments).fit(X, Y)
    often = MLPClassifier((6,), **arguments)
    for _ in range(15):
        often.partial_fit(X, Y, classes=[0, 1, 2])
    np.testing.assert_array_equal(often.network_.theta, once.network_.theta)
    assert often.loss_curve_ == once.loss_curve_


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_fit_that_broke_off_is_resumed_from_its_checkpoint(tmp_path, early_stopping):
    arguments = {
        "max_iter": 12,
        "batch_size": 32,
        "random_state": 3,
        "early_stopping": early_stopping,
        "n_iter_no_change": 50,
    }
    whole = MLPClassifier((6,), **arguments).fit(X, Y)
    file = tmp_path / "fit.safetensors"
    from deltaprop.training import Checkpoint

    kept = {"checkpoint": Checkpoint(file, every_epochs=1), **arguments}
    with pytest.raises(RuntimeError, match="enough"):
        MLPClassifier((6,), callbacks=[Raises()], **kept).fit(X, Y)
    resumed = MLPClassifier((6,), resume=True, **kept).fit(X, Y)
    np.testing.assert_array_equal(resumed.network_.theta, whole.network_.theta)
    assert resumed.loss_curve_ == whole.loss_curve_
    with pytest.raises(ValueError, match="optimizer"):
        MLPClassifier((6,), resume=True, solver="sgd", **kept).fit(X, Y)
    with pytest.raises(ValueError, match="expected an integer"):
        MLPClassifier(resume=True, checkpoint=file).fit(X, Y)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_callback_that_raises_leaves_the_estimator_as_it_was(solver):
    model = MLPClassifier((6,), solver=solver, max_iter=10, random_state=0)
    with pytest.raises(RuntimeError, match="enough"):
        model.set_params(callbacks=[Raises()]).fit(X, Y)
    assert not [name for name in vars(model) if name.endswith("_")]
    model.set_params(callbacks=None, warm_start=True).fit(X, Y)
    before = model.predict_proba(X), list(model.loss_curve_), model.n_iter_, len(model.history_)
    for bad in (
        lambda: model.set_params(callbacks=[Raises()]).fit(X, Y),
        lambda: model.fit(X, np.arange(150)),
    ):
        with pytest.raises((RuntimeError, ValueError)):
            bad()
        model.set_params(callbacks=None)
        after = model.predict_proba(X), list(model.loss_curve_), model.n_iter_, len(model.history_)
        np.testing.assert_array_equal(after[0], before[0])
        assert after[1:] == before[1:]
    twin = (
        MLPClassifier((6,), solver=solver, max_iter=10, random_state=0, warm_start=True).fit(X, Y).fit(X, Y)
    )
    np.testing.assert_array_equal(model.fit(X, Y).network_.theta, twin.network_.theta)


def test_training_that_diverges_says_so_and_changes_nothing():
    model = MLPRegressor(solver="sgd", learning_rate_init=1e3, random_state=0)
    with pytest.raises(ValueError, match=r"non-finite parameter weights.*learning rate"):
        model.fit(D, T)
    assert not hasattr(model, "network_")


# ------------------------------------------------------------------------------------------ validation


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("scoring", [None, "loss", "balanced_accuracy", "neg_log_loss"])
def test_the_best_weights_by_any_measure_are_restored(solver, scoring):
    train, rest = np.arange(150) % 3 > 0, np.arange(150) % 3 == 0
    model = MLPClassifier(
        (16,), solver=solver, max_iter=25, early_stopping=True, scoring=scoring, random_state=0, n_iter_no_change=50,
        alpha=0.0,
    )  # fmt: skip
    model.fit(X[train], Y[train], X_val=X[rest], y_val=Y[rest])
    from sklearn.metrics import get_scorer, log_loss

    if scoring == "loss":
        assert model.best_validation_score_ == pytest.approx(-log_loss(Y[rest], model.predict_proba(X[rest])))
        assert model.best_validation_score_ == pytest.approx(-model.history_["validation_loss"].min())
    else:
        score = get_scorer(scoring or "accuracy")(model, X[rest], Y[rest])
        assert model.best_validation_score_ == pytest.approx(score)
        assert model.best_validation_score_ == pytest.approx(model.history_["validation_score"].max())
    assert len(model.validation_scores_) == model.n_iter_


def test_validation_data_are_watched_without_early_stopping_too():
    model = MLPRegressor(hidden_layer_sizes=(8,), max_iter=5, random_state=0)
    model.fit(D[:300], T[:300], X_val=D[300:], y_val=T[300:])
    assert len(model.history_["validation_loss"]) == 5
    assert model.validation_scores_[-1] == pytest.approx(model.score(D[300:], T[300:]))
    half = ((model.predict(D[300:]) - T[300:]) ** 2).mean() / 2
    assert model.history_["validation_loss"][-1] == pytest.approx(
        half, rel=1e-4
    )  # the penalty makes a little more
    with pytest.raises(ValueError, match="belong together"):
        model.fit(D, T, X_val=D)


def test_sample_weights_count_in_the_validation_score():
    weight = np.where(Y == 2, 0.0, 1.0)
    both = MLPClassifier((4,), max_iter=5, random_state=0)
    both.fit(X, Y, X_val=X, y_val=Y, sample_weight_val=weight)
    assert both.validation_scores_[-1] == pytest.approx(both.score(X, Y, sample_weight=weight))
    assert both.validation_scores_[-1] != pytest.approx(both.score(X, Y))


# ------------------------------------------------------------------------------------- the network's parts


def test_a_network_of_every_kind_of_part():
    model = MLPClassifier(
        (16, 16, 8),
        activation=["gelu", LeakyReLU(0.2), "scaled_tanh"],
        init=["orthogonal", HeNormal(0.2), "auto", "small"],
        dropout=[0.1, 0.0, 0.2],
        normalization="batch",
        residual=True,
        solver="rmsprop",
        learning_rate=schedules.Cosine(0.01, 200),
        max_iter=40,
        batch_size=25,
        random_state=0,
    ).fit(X, Y)
    kinds = [type(layer).__name__ for layer in model.network_.config]
    last = ["Dense", "BatchNorm", "Activation", "Dropout", "Dense"]
    assert kinds == ["Dense", "BatchNorm", "Activation", "Dropout", "Residual", *last]
    assert [w.shape for w in model.coefs_] == [(4, 16), (16, 16), (16, 8), (8, 3)]
    assert model.score(X, Y) > 0.9
    assert model.transform_hidden(X, layer=1).shape == (150, 16)


@pytest.mark.parametrize("normalization", ["batch", "layer"])
def test_normalization_with_lbfgs(normalization):
    """The full batch's own statistics are the running ones, so that prediction sees what training saw."""
    model = MLPClassifier((8,), solver="lbfgs", normalization=normalization, max_iter=40, random_state=0).fit(
        X, Y
    )
    assert model.score(X, Y) > 0.95
    assert model.network_.value(X, Y) == pytest.approx(model.network_.value(X, Y, training=True), rel=1e-2)


@pytest.mark.parametrize(
    ("loss", "check"),
    [
        ("absolute_error", lambda y: abs(np.median(T - y)) < 12),
        ("huber", lambda y: np.corrcoef(T, y)[0, 1] > 0.6),
        (Huber(20.0), lambda y: np.corrcoef(T, y)[0, 1] > 0.6),
        (Quantile(0.9), lambda y: 0.8 < np.mean(y > T) < 0.97),
        ("poisson", lambda y: (y > 0).all() and np.corrcoef(T, y)[0, 1] > 0.6),
    ],
    ids=["absolute_error", "huber", "Huber(20)", "Quantile(0.9)", "poisson"],
)
def test_the_losses_of_a_regressor(loss, check):
    scaled = loss != "poisson" and not isinstance(loss, Huber)
    model = MLPRegressor(
        loss, (16,), learning_rate_init=0.01, batch_size=50, max_iter=60, random_state=0, scale_targets=scaled
    ).fit(D, T)  # fmt: skip
    assert check(model.predict(D))


def test_quantiles_of_a_regressor_lower_the_pinball_loss_of_their_level():
    fits = {
        q: MLPRegressor(
            Quantile(q), (8,), max_iter=60, learning_rate_init=0.01, scale_targets=True, random_state=0
        ).fit(D, T)
        for q in (0.1, 0.9)
    }
    for q, model in fits.items():
        losses = {other: mean_pinball_loss(T, m.predict(D), alpha=q) for other, m in fits.items()}
        assert min(losses, key=losses.get) == q, model


def test_a_loss_from_two_functions():
    def value(z, t):
        return np.log(np.cosh(z - t)).sum(axis=1)

    def delta(z, t):
        return np.tanh(z - t)

    model = MLPRegressor(
        (value, delta), (8,), max_iter=80, learning_rate_init=0.01, scale_targets=True, random_state=0
    )
    assert model.fit(D, T).score(D, T) > 0.45
    with pytest.raises(ValueError, match="pair of functions"):
        MLPRegressor((value,)).fit(D, T)


@pytest.mark.parametrize("loss", ["hinge", "squared_error", "perceptron"])
@pytest.mark.parametrize("classes", [2, 3])
def test_other_losses_of_a_classifier(loss, classes):
    some = classes > Y
    names = np.array(["x", "y", "z"])[Y[some]]
    model = MLPClassifier(
        (8,), loss=loss, batch_size=16, learning_rate_init=0.01, random_state=0, early_stopping=True
    )
    model.fit(X[some], names)
    assert model.score(X[some], names) > 0.85
    assert not hasattr(model, "predict_proba")
    assert model.decision_function(X[some]).shape == ((100,) if classes == 2 else (150, 3))


# ------------------------------------------------------------------------------------- the rate, the decay


def test_decoupled_decay_does_not_depend_on_the_batch_size_and_alpha_does():
    """Without a gradient only the decay is left: one step multiplies theta by 1 − α λ."""
    still = {
        "solver": "sgd",
        "momentum": 0.0,
        "learning_rate_init": 0.1,
        "max_iter": 1,
        "shuffle": False,
        "random_state": 0,
    }
    still |= {"activation": "identity", "init": "sklearn", "tol": 0.0}

    def after(batch_size, **decay):
        model = MLPRegressor("squared_error", (), batch_size=batch_size, **still, **decay)
        return model.fit(np.zeros((8, 3)), np.zeros(8)).coefs_[0].ravel()

    begin = after(8, alpha=0.0)
    np.testing.assert_allclose(after(8, alpha=0.0, weight_decay=0.5), begin * 0.95)
    np.testing.assert_allclose(after(4, alpha=0.0, weight_decay=0.5), begin * 0.95**2)
    np.testing.assert_allclose(after(8, alpha=0.8), begin * (1 - 0.1 * 0.8 / 8))
    np.testing.assert_allclose(after(4, alpha=0.8), begin * (1 - 0.1 * 0.8 / 4) ** 2)


def test_optimizers_and_schedules_by_name_and_object():
    named = MLPClassifier(
        (6,), solver="rmsprop", learning_rate_init=0.02, learning_rate="cosine", max_iter=8, random_state=0
    )
    named.fit(X, Y)
    rates = named.history_["learning_rate"]
    np.testing.assert_allclose(rates, [0.02 * 0.5 * (1 + math.cos(math.pi * k / 8)) for k in range(8)])
    rule = RMSProp(schedules.Cosine(0.02, 8))
    given = MLPClassifier((6,), solver=rule, max_iter=8, random_state=0).fit(X, Y)
    np.testing.assert_array_equal(given.network_.theta, named.network_.theta)


def test_scikit_learns_two_moving_rates():
    model = MLPClassifier(
        (6,), solver="sgd", learning_rate="invscaling", learning_rate_init=0.5, power_t=0.3, max_iter=4
    )
    rates = model.set_params(random_state=0).fit(X, Y).history_["learning_rate"]
    np.testing.assert_allclose(rates, [0.5 / (1 + 150 * k) ** 0.3 if k else 0.5 for k in range(4)])
    model.set_params(learning_rate="adaptive", power_t=0.5, tol=10.0, n_iter_no_change=1, max_iter=8)
    np.testing.assert_allclose(
        model.fit(X, Y).history_["learning_rate"], np.repeat([0.5, 0.1, 0.02, 0.004], [3, 2, 2, 1])
    )


# ------------------------------------------------------------------------------------------------- weights


def test_given_first_weights():
    other = MLPClassifier((6,), max_iter=30, random_state=0).fit(X, Y)
    begun = MLPClassifier(
        (6,), coefs_init=other.coefs_, intercepts_init=other.intercepts_, max_iter=1, alpha=0.0
    )
    from sklearn.metrics import log_loss

    assert begun.fit(X, Y).loss_curve_[0] == pytest.approx(log_loss(Y, other.predict_proba(X)))
    with pytest.raises(ValueError, match=r"coefs_init\[0\] has shape \(3, 6\), expected \(4, 6\)"):
        MLPClassifier((6,), coefs_init=[np.zeros((3, 6)), np.zeros((6, 3))]).fit(X, Y)


def test_weights_put_into_the_attributes_take_effect():
    """As people do who average the weights of several networks."""
    one, two = (MLPClassifier((6,), max_iter=30, random_state=s).fit(X, Y) for s in (0, 1))
    one.coefs_, one.intercepts_ = [c.copy() for c in two.coefs_], list(two.intercepts_)
    np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))
    one.intercepts_[1] = np.array([100.0, 0, 0])
    assert (one.predict(X) == 0).all()
    one.coefs_[0] *= 0
    assert (one.network_.layers[0].w == 0).all()
    one.coefs_[0] = np.zeros((2, 2))
    with pytest.raises(ValueError, match=r"coefs_\[0\] has shape \(2, 2\)"):
        one.predict(X)


# ---------------------------------------------------------------------------------- what is said, and found


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"solver": "lbfgs", "batch_size": 10}, "batch_size=10 has no effect with solver='lbfgs'"),
        ({"solver": "lbfgs", "learning_rate_init": 0.1}, "learning_rate_init=0.1 has no effect"),
        ({"solver": "lbfgs", "beta_1": 0.5}, "beta_1=0.5 has no effect"),
        ({"solver": "adam", "momentum": 0.5}, "it is for solver='sgd', 'momentum' or 'nesterov'"),
        (
            {"solver": "adam", "learning_rate": "adaptive"},
            "learning_rate='adaptive' has no effect with solver='adam'",
        ),
        (
            {"solver": "lbfgs", "weight_decay": 0.1},
            "weight_decay=0.1 has no effect .* it is for first-order solvers",
        ),
        ({"solver": "lbfgs", "n_iter_no_change": 3}, "it is for other solvers, or early_stopping=True"),
        ({"solver": "lbfgs", "engine": "native"}, "it is for first-order solvers .*or engine='numpy'"),
        ({"solver": "adam", "max_fun": 5}, "it is for solver='lbfgs'"),
        ({"solver": "bayesian_lm", "alpha": 0.5}, "alpha=0.5 has no effect with solver='bayesian_lm'"),
        ({"solver": "sgd", "power_t": 0.1}, "it is for learning_rate='invscaling'"),
        ({"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False}, "nesterovs_momentum=False"),
        ({"solver": Adam(0.01), "learning_rate_init": 0.1}, "learning_rate_init=0.1 has no effect"),
        ({"validation_fraction": 0.5}, "it is for early_stopping=True"),
        ({"scoring": "accuracy"}, "without validation data"),
        ({"resume": True, "random_state": 0}, "it is for a checkpoint"),
    ],
    ids=str,
)
def test_arguments_without_effect_are_named(arguments, words):
    with pytest.warns(UnusedArgumentWarning, match=words):
        MLPClassifier((3,), max_iter=2, **arguments).fit(X, Y)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"solver": "lbfgs", "dropout": 0.5}, "dropout=0.5 with solver='lbfgs'"),
        ({"activation": ["relu", "tanh"]}, "activation has 2 entries, expected 1"),
        ({"dropout": [0.5, 2.0], "hidden_layer_sizes": (3, 3)}, "dropout has the entry 2.0"),
        ({"hidden_layer_sizes": (3, 0)}, "hidden_layer_sizes must be > 0"),
        ({"residual": True, "hidden_layer_sizes": (3, 5)}, "no hidden layer is as wide as its input"),
        ({"callbacks": [print]}, "callbacks has <built-in function print>"),
        ({"solver": "simplex"}, "The 'solver' parameter of MLPClassifier must be"),
        ({"init": "big"}, "The 'init' parameter of MLPClassifier must be"),
        ({"engine": "gpu"}, "The 'engine' parameter of MLPClassifier must be"),
    ],
    ids=str,
)
def test_refused(arguments, words):
    model = MLPClassifier(**{"hidden_layer_sizes": (3,)} | arguments)
    with pytest.raises(ValueError, match=words):
        model.fit(X, Y)
    assert not hasattr(model, "n_features_in_")


def test_another_architecture_on_a_warm_start_is_refused():
    model = MLPClassifier((3,), max_iter=2, warm_start=True, random_state=0).fit(X, Y)
    with pytest.raises(ValueError, match="describe another network"):
        model.set_params(hidden_layer_sizes=(5,)).fit(X, Y)


def test_how_training_ended_is_said():
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(3\) reached"):
        MLPClassifier((3,), max_iter=3, random_state=0).fit(X, Y)
    done = MLPClassifier((3,), solver="lbfgs", alpha=1.0, tol=1e-3, random_state=0).fit(X, Y)
    assert done.history_.status == "converged"
    assert "gradient" in done.history_.message


def test_diagnostics_and_progress(capsys):
    model = MLPClassifier(
        (6,), max_iter=3, diagnostics=True, progress=True, verbose=True, random_state=0
    ).fit(X, Y)
    assert model.history_["gradient_norm"].shape == (3, 2)
    assert model.history_["dead"].shape == (3, 1)
    shown = capsys.readouterr()
    assert "Iteration 3, loss" in shown.out
    assert "3/3" in shown.err


def test_one_history_for_all_solvers():
    tables = [
        MLPClassifier((6,), solver=solver, max_iter=3, random_state=0).fit(X, Y).history_
        for solver in SOLVERS
    ]
    assert len({history.columns for history in tables}) == 1
    assert [len(history) for history in tables] == [3] * 4


# --------------------------------------------------------------------------------------------- lr_find


@pytest.mark.parametrize("random_state", [0, "shared"])
def test_lr_find_changes_nothing_and_finds_a_rate_that_works(random_state):
    random = np.random.RandomState(0) if random_state == "shared" else random_state
    model = MLPClassifier((16,), batch_size=32, random_state=random, max_iter=15)
    search = model.lr_find(X, Y)
    assert not [name for name in vars(model) if name.endswith("_")]
    twin = MLPClassifier(
        (16,), batch_size=32, random_state=np.random.RandomState(0) if random_state else 0, max_iter=15
    )
    np.testing.assert_array_equal(model.fit(X, Y).network_.theta, twin.fit(X, Y).network_.theta)
    assert search.trust == "good"
    assert 1e-3 < search.rate < 0.5
    assert len(search.rates) == len(search.losses) == len(search.smoothed)
    found = MLPClassifier(
        (16,), batch_size=32, random_state=0, max_iter=15, learning_rate_init=search.rate
    ).fit(X, Y)
    assert found.loss_ < model.loss_
    before = model.network_.theta.copy()
    model.lr_find(X, Y, steps=30)
    np.testing.assert_array_equal(model.network_.theta, before)


def test_the_recommended_arguments_can_be_overridden_and_cloned():
    from sklearn.base import clone

    model = clone(MLPClassifier.recommended(max_iter=30, random_state=0)).fit(*load_iris(return_X_y=True))
    assert model.max_iter == 30
    assert model.score(*load_iris(return_X_y=True)) > 0.9
    assert MLPRegressor.recommended(random_state=0).fit(D, T).score(D, T) > 0.45


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rows", [1, 10, 150])
def test_predict_checks_every_kind_of_input_alike(dtype, rows):
    """Arrays that the core reads as they are have no other outputs or errors than those that scikit-learn checks."""
    x, t = load_iris(return_X_y=True)
    x = x.astype(dtype)
    model = MLPClassifier(max_iter=2, random_state=0, dtype="float32").fit(x, t)
    p = model.predict_proba(x[:rows])
    assert p.shape == (rows, 3)
    for same in (np.asfortranarray(x[:rows]), x[:rows].tolist(), np.repeat(x, 2, axis=0)[: 2 * rows : 2]):
        np.testing.assert_array_equal(model.predict_proba(same), p)
    for value, words in ((np.nan, "contains NaN"), (np.inf, "contains infinity"), (1e39, "range of float32")):
        bad = x[:rows].astype(np.float64)
        bad[-1, 2] = value
        with pytest.raises(ValueError, match=words):
            model.predict(bad)
    with pytest.raises(ValueError, match="X has 3 features, but MLPClassifier is expecting 4"):
        model.predict(x[:rows, :3].copy())
    with pytest.raises(ValueError, match="0 sample"):
        model.predict(x[:0])


def test_predict_warns_where_the_names_of_the_features_are_missing():
    frame, t = load_iris(return_X_y=True, as_frame=True)
    model = MLPClassifier(max_iter=2, random_state=0).fit(frame, t)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(frame.to_numpy())


@pytest.mark.parametrize(
    "labels", [[3, 1, 2], [300, -1, 2], [True, False, True], [1.0, 2.0, 4.0], ["b", "a", "ccc"]]
)
@pytest.mark.parametrize("kind", ["", "object"])
def test_classes_are_those_that_scikit_learn_finds(labels, kind):
    if kind and not isinstance(labels[0], str):
        kind = "float32" if isinstance(labels[0], float) else "int16"
    x, t = load_iris(return_X_y=True)
    y = np.asarray(labels, kind or None)[t]
    classes = MLPClassifier(max_iter=2, random_state=0).fit(x, y).classes_
    expected = unique_labels(y)
    np.testing.assert_array_equal(classes, expected)
    assert classes.dtype == expected.dtype


def test_an_argument_is_checked_unless_it_is_the_default():
    class Wider(MLPClassifier):
        def __init__(self, width=64, alpha=-1.0):
            super().__init__(hidden_layer_sizes=width, alpha=alpha)
            self.width = width

    with pytest.raises(ValueError, match="'alpha' parameter of Wider"):
        Wider().fit([[0.0], [1.0]], [0, 1])
    assert Wider().get_params() == {"width": 64, "alpha": -1.0}


def test_defaults_of_a_subclass_are_checked():
    @dataclass(eq=False, repr=False, kw_only=True)
    class Strict(MLPClassifier):
        tol: float = -1.0

    with pytest.raises(ValueError, match="'tol' parameter of Strict"):
        Strict().fit([[0.0], [1.0]], [0, 1])


def test_the_list_of_parameters_is_a_copy():
    MLPClassifier._get_param_names().clear()
    assert "alpha" in MLPClassifier().get_params()


@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_numbers_beyond_the_range_of_the_network_are_refused(engine):
    model = MLPClassifier(dtype="float32", engine=engine, max_iter=1).fit([[0.0], [1.0]], [0, 1])
    for method in (model.predict, model.predict_proba, model.transform_hidden):
        with pytest.raises(ValueError, match="the range of float32"):
            method(np.array([[1e39]]))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_inputs_that_are_wrongly_assumed_to_be_finite(engine, bad):
    x = X.copy()
    x[3, 0] = bad
    model = MLPClassifier((6,), max_iter=2, engine=engine, random_state=0)
    with config_context(assume_finite=True):
        with pytest.raises(ValueError, match="Diverged in epoch 1 at step 0 of the fit"):
            model.fit(x, Y)
        model.fit(X, Y)
        for method in (model.predict, model.predict_proba, model.transform_hidden):
            with pytest.raises(ValueError, match=rf"x has {bad} at \[3, 0\], expected finite numbers"):
                method(x)


# ------------------------------------------------------------------------------- learned factors and slopes


@pytest.mark.parametrize("init", ["sklearn", "auto"])
def test_input_factors_and_parametric_activations(init):
    arguments = {"hidden_layer_sizes": (8, 8), "activation": "mish", "random_state": 0, "init": init}
    learned = {"input_factors": True, "parametric_activation": True}
    model = MLPRegressor(**arguments, **learned, max_iter=30).fit(D, T)
    kinds = [type(layer) for layer in model.network_.config]
    assert kinds == [LearnedScale, Dense, ParametricActivation, Dense, ParametricActivation, Dense]
    factors, slopes = model.network_.layers[0].factor, model.network_.layers[2].slope
    assert len(np.unique(factors)) == 10
    assert len(np.unique(slopes)) == 8
    assert [w.shape for w in model.coefs_] == [(10, 8), (8, 8), (8, 1)]
    assert model.transform_hidden(D).shape == (len(D), 8)
    tiny = {"learning_rate_init": 1e-300, "max_iter": 1}  # at first they change nothing
    plain, other = (MLPRegressor(**arguments, **tiny, **more).fit(D, T) for more in ({}, learned))
    np.testing.assert_allclose(other.predict(D), plain.predict(D))


def test_input_factors_of_sparse_inputs():
    model = MLPRegressor(input_factors=True, random_state=0, max_iter=3)
    np.testing.assert_allclose(model.fit(csr_array(D), T).predict(D), model.fit(D, T).predict(D), rtol=1e-6)


def test_a_validation_fraction_that_leaves_nothing():
    x = np.random.default_rng(0).standard_normal((40, 3))
    with pytest.raises(ValueError, match="MLPRegressor: validation_fraction=0 of 40 samples"):
        MLPRegressor(early_stopping=True, validation_fraction=0).fit(x, x[:, 0])
