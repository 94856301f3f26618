"""Calls that continue from each other: warm_start, partial_fit and resume end where one uninterrupted fit ends."""

import itertools
import pickle

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.preprocessing import scale

from deltaprop import MLPClassifier, MLPRegressor
from deltaprop.functions.schedules import Cosine
from deltaprop.training import Callback, Checkpoint

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore::deltaprop.estimators.UnusedArgumentWarning"
)
X, Y = load_iris(return_X_y=True)
X = scale(X)
D, T = load_diabetes(return_X_y=True)
D = scale(D)
LONG = {"n_iter_no_change": 99, "tol": 0.0}
SOLVERS = ("sgd", "adam", "rmsprop", "gradient_descent", "lbfgs")
SCHEDULES = ("constant", "invscaling", "adaptive", "cosine")
CASES = [
    (solver, schedule, early_stopping)
    for solver, schedule, early_stopping in itertools.product(SOLVERS, SCHEDULES, (False, True))
    if solver == "sgd" or schedule == "constant" or (schedule == "cosine" and solver != "lbfgs")
]


def classifier(solver, schedule, early_stopping, **more):
    small = {"batch_size": 32} if solver not in ("lbfgs", "gradient_descent") else {}
    patience = {"n_iter_no_change": 2, "tol": 1e-2} if schedule == "adaptive" else LONG
    rates = {"solver": solver, "learning_rate": schedule, "learning_rate_init": 0.1}
    return MLPClassifier(
        (6,), early_stopping=early_stopping, random_state=4, **small | patience | rates | more
    )


def outcome(model):
    """Everything that a call leaves behind, but for the clock."""
    table = np.delete(model.history_.table(), model.history_.columns.index("seconds"), axis=1)
    return {
        "theta": model.network_.theta.tobytes(),
        "buffers": model.network_.buffers.tobytes(),
        "history": table.tobytes(),
        "loss_curve_": model.loss_curve_,
        "validation_scores_": model.validation_scores_,
        "best_loss_": model.best_loss_,
        "best_validation_score_": model.best_validation_score_,
        "t_": model.t_,
        "count": model._no_improvement_count,
    }


class Fail(Callback):
    """Raises at the end of an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_epoch(self, run):
        if run.epoch == self.epoch:
            raise RuntimeError("interrupted")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_warm_started_calls_end_as_one_call(case):
    total, calls = 12, (5, 1, 6)
    once = classifier(*case, max_iter=total).fit(X, Y)
    model = classifier(*case, warm_start=True)
    for epochs in calls:
        model.set_params(max_iter=epochs)
        if case[1] == "cosine":  # a schedule by name spans max_iter; an object spans all calls
            steps = total if case[0] == "gradient_descent" else total * 5
            model.set_params(learning_rate=Cosine(0.1, steps))
        model.fit(X, Y)
    assert outcome(model) == outcome(once)
    assert model.n_iter_ == calls[-1]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_interrupted_fit_resumes_to_the_same_end(case, tmp_path):
    once = classifier(*case, max_iter=9).fit(X, Y)
    checkpoint = Checkpoint(tmp_path / "fit.ckpt", every_epochs=2)
    more = {"max_iter": 9, "checkpoint": checkpoint}
    with pytest.raises(RuntimeError, match="interrupted"):
        classifier(*case, callbacks=[Fail(5)], **more).fit(X, Y)
    assert outcome(classifier(*case, resume=True, **more).fit(X, Y)) == outcome(once)


def test_evaluations_are_counted_across_a_restart_but_from_zero_in_a_warm_start(tmp_path):
    case, checkpoint = ("lbfgs", "constant", False), Checkpoint(tmp_path / "fit.ckpt", every_epochs=2)
    more = {"max_iter": 50, "max_fun": 24}
    once = classifier(*case, **more).fit(X, Y)
    assert once.history_.status == "max_fun"
    with pytest.raises(RuntimeError, match="interrupted"):
        classifier(*case, callbacks=[Fail(15)], checkpoint=checkpoint, **more).fit(X, Y)
    resumed = classifier(*case, checkpoint=checkpoint, resume=True, **more).fit(X, Y)
    assert outcome(resumed) == outcome(once)
    model = classifier(*case, warm_start=True, **more).fit(X, Y)
    assert model.fit(X, Y).n_iter_ > 10


@pytest.mark.parametrize("case", [case for case in CASES if case[0] != "lbfgs" and not case[2]], ids=str)
def test_partial_fits_end_as_one_fit(case):
    once = classifier(*case, max_iter=8).fit(X, Y)
    model = classifier(*case, max_iter=8)
    for _ in range(8):
        model.partial_fit(X, Y, classes=[0, 1, 2])
    assert outcome(model) == outcome(once)
    assert model.n_iter_ == 1


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_partial_fit_on_parts_of_other_sizes_counts_samples_and_epochs(solver):
    model = classifier(solver, "constant", False, batch_size="auto")
    for size in (150, 40, 7):
        model.partial_fit(X[-size:], Y[-size:], classes=[0, 1, 2])
    assert model.t_ == 197
    assert model.history_["epoch"].tolist() == [1, 2, 3]


def test_invscaling_counts_the_samples_of_parts_of_other_sizes():
    model = classifier("sgd", "invscaling", False, power_t=0.5, batch_size="auto")
    for size in (150, 40, 7):
        model.partial_fit(X[-size:], Y[-size:], classes=[0, 1, 2])
    expected = [0.1 * (seen + 1) ** -0.5 if seen else 0.1 for seen in (0, 150, 190)]
    np.testing.assert_allclose(model.history_["learning_rate"], expected, rtol=1e-12)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_pickled_model_continues_as_the_original_does(early_stopping):
    models = [classifier("adam", "constant", early_stopping, max_iter=4, warm_start=True).fit(X, Y)]
    models.append(pickle.loads(pickle.dumps(models[0])))
    assert outcome(models[0].fit(X, Y)) == outcome(models[1].fit(X, Y))


def test_another_solver_continues_from_the_weights_with_a_state_of_its_own():
    model = classifier("adam", "constant", False, max_iter=4, warm_start=True).fit(X, Y)
    begun = model.network_.theta.copy()
    loss = model.loss_
    model.set_params(solver="rmsprop", learning_rate_init=1e-300).fit(X, Y)
    np.testing.assert_array_equal(model.network_.theta, begun)
    assert model.loss_curve_[3] == loss
    assert model.history_["epoch"].tolist() == list(range(1, 9))


def test_weights_put_in_between_calls_are_where_the_next_begins():
    model = classifier("adam", "constant", True, max_iter=4, warm_start=True).fit(X, Y)
    model.coefs_ = [np.zeros_like(w) for w in model.coefs_]
    model.intercepts_ = [np.zeros_like(b) for b in model.intercepts_]
    model.set_params(max_iter=1, solver="sgd", learning_rate_init=1e-300).fit(X, Y)
    assert model.loss_curve_[-1] == pytest.approx(np.log(3), rel=1e-6)


def test_weights_put_in_before_the_first_call_are_where_it_begins():
    model = classifier("sgd", "constant", False, max_iter=1, learning_rate_init=1e-300, warm_start=True)
    model.coefs_, model.intercepts_ = [np.zeros((4, 6)), np.zeros((6, 3))], [np.zeros(6), np.zeros(3)]
    assert model.fit(X, Y).loss_ == pytest.approx(np.log(3), rel=1e-6)


def test_the_weights_behind_the_best_ones_go_on_though_the_best_are_shown():
    """With early stopping the estimator shows the best weights; a warm start continues from the newest."""
    once = classifier("sgd", "constant", True, max_iter=14, learning_rate_init=1.0).fit(X, Y)
    model = classifier("sgd", "constant", True, max_iter=7, learning_rate_init=1.0, warm_start=True)
    model.fit(X, Y)
    assert np.argmax(model.validation_scores_) < 6
    assert outcome(model.fit(X, Y)) == outcome(once)


def test_a_history_with_other_columns_begins_anew():
    model = classifier("adam", "constant", False, max_iter=3, warm_start=True).fit(X, Y)
    model.fit(X, Y, X_val=X, y_val=Y)
    assert model.history_["epoch"].tolist() == [4, 5, 6]
    assert len(model.loss_curve_) == 6
    assert len(model.validation_scores_) == 3


@pytest.mark.parametrize("solver", ["gradient_descent", "lbfgs"])
def test_full_batch_solvers_pass_once_an_epoch_over_all_samples(solver):
    model = MLPRegressor(
        hidden_layer_sizes=(5,), solver=solver, max_iter=6, random_state=0, scale_targets=True, **LONG
    )
    model.fit(D, T)
    assert model.t_ == 6 * len(D)
    curve = np.array(model.loss_curve_)
    assert (np.diff(curve) < 0).all()
    begun = MLPRegressor(
        hidden_layer_sizes=(5,), solver=solver, max_iter=1, random_state=0, scale_targets=True, alpha=1e-4
    )
    assert begun.fit(D, T).loss_curve_[0] == curve[0]
