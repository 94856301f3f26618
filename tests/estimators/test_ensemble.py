"""Ensembles in one network: n_ensemble and ensemble."""

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import oracle  # noqa: F401 (JAX in float64)
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification, make_regression

from deltaprop import MLPClassifier, MLPRegressor
from deltaprop.estimators.ensemble import bags
from deltaprop.estimators.parameters import UnusedArgumentWarning
from deltaprop.training import Callback, Checkpoint
from deltaprop.training.data import Data

K = 3
SMALL = {"hidden_layer_sizes": (12, 8), "init": "auto", "learning_rate": "cosine", "random_state": 0}


def classes(n=120, **options):
    return make_classification(n, 6, n_informative=4, random_state=0, **options)


def values(n=120):
    x, t = make_regression(n, 5, noise=5.0, random_state=0)
    return x, t


def ensemble(kind=MLPClassifier, **options):
    return kind(**SMALL | {"n_ensemble": K, "max_iter": 15} | options)


# -- members are networks of their own -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"solver": "adam", "alpha": 0.1},
        {"solver": "sgd", "weight_decay": 0.1, "alpha": 0.0},
        {"solver": "rmsprop", "normalization": "batch", "epsilon": 1e-3},
        {"solver": "momentum", "normalization": "layer", "rate_factors": {"b": 0.1}},
    ],
    ids=lambda options: options["solver"],
)
def test_independent_members_end_as_if_trained_alone(options):
    x, t = classes()
    options = {"batch_size": 32, "max_iter": 10, "learning_rate_init": 0.01, **options}
    together = ensemble(**options)
    together.fit(x, t)
    start = ensemble(**options)._assemble(x, t, None).network
    first = [view for view in start.layers if "w" in view.arrays]
    for m in range(K):
        own = {
            "coefs_init": [np.array(view.w[m].T) for view in first],
            "intercepts_init": [np.array(view.b.reshape(K, -1)[m]) for view in first],
        }
        alone = MLPClassifier(**SMALL | options | own).fit(x, t)
        for all_members, w in zip(together.coefs_, alone.coefs_, strict=True):
            np.testing.assert_allclose(all_members[m], w, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(together.predict_members(x)[m], alone.predict_proba(x), atol=1e-9)


@pytest.mark.parametrize("init", ["auto", "sklearn"])
@pytest.mark.parametrize("kind", ["independent", "shared"])
def test_members_differ(kind, init):
    x, t = classes()
    members = ensemble(ensemble=kind, init=init, max_iter=3).fit(x, t).predict_members(x)
    assert members.shape == (K, 120, 2)
    for m in range(1, K):
        assert np.abs(members[m] - members[0]).max() > 0.01


def test_shared_weights_are_a_batch_ensemble():
    """Against the formulas of the paper, z = s ⊙ (w (r ⊙ x) + b), one member at a time, differentiated by JAX."""
    x, t = values()
    model = ensemble(MLPRegressor, ensemble="shared", max_iter=1, activation="tanh", alpha=0.0).fit(x, t)
    net = model.network_
    net.theta += np.random.default_rng(0).normal(0, 0.1, net.theta.size)
    arrays = [{name: jnp.array(a) for name, a in view.arrays.items()} for view in net.layers]

    def value(arrays):
        losses = []
        for m in range(K):
            a = jnp.array(x)
            for i in (1, 5):  # factors, weights, factors, activation
                r, s = (arrays[j]["factor"].reshape(K, -1)[m] for j in (i, i + 2))
                w, b = arrays[i + 1]["w"], arrays[i + 1]["b"].reshape(K, -1)[m]
                a = jnp.tanh(s * ((r * a) @ w.T + b))
            z = a @ arrays[9]["w"][m].T + arrays[9]["b"].reshape(K, -1)[m]
            losses.append(((z[:, 0] - t) ** 2 / 2).mean())
        return sum(losses) / K

    expected, slopes = jax.value_and_grad(value)(arrays)
    got, grad = net.gradient(x, t)
    assert got == pytest.approx(float(expected), rel=1e-10)
    for view, slope in zip(net.views(grad), slopes, strict=True):
        for name, array in slope.items():
            np.testing.assert_allclose(view.arrays[name], array, rtol=1e-7, atol=1e-9)


def test_only_the_first_factors_begin_with_signs():
    x, t = classes()
    net = ensemble(ensemble="shared")._assemble(x, t, None).network
    factors = [view.factor for view in net.layers if "factor" in view.arrays]
    assert set(factors[0].tolist()) == {-1.0, 1.0}
    assert all((factor == 1).all() for factor in factors[1:])


# -- each member leaves out samples of its own ---------------------------------------------------------------


def test_every_sample_is_left_out_by_one_member_at_most_and_evenly_of_each_class():
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    weight = np.ones(100)
    weight[:5] = 0
    samples = np.flatnonzero(weight)
    data = Data(np.zeros((100, 2)), labels, weight, samples)
    train, held_out = bags(data, 4, 0.1, labels[samples], seed=0)
    np.testing.assert_array_equal(train.sample_weight + held_out.sample_weight, np.tile(weight, (4, 1)).T)
    assert held_out.sample_weight.sum(axis=1).max() == 1
    np.testing.assert_array_equal(train.samples, samples)
    for m in range(4):  # 10 folds, so that each is a tenth
        counts = np.bincount(labels, held_out.sample_weight[:, m])
        assert (np.abs(counts - [4.5, 3, 2]) < 1).all()


def test_out_of_bag_predictions_do_not_know_the_labels():
    """Labels drawn at random: networks that have learned them by heart still guess those that they have not seen."""
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(400, 30)), rng.integers(0, 2, 400)
    options = {"hidden_layer_sizes": (64,), "n_ensemble": 5, "validation_fraction": 0.2, "max_iter": 60}
    model = ensemble(early_stopping=True, learning_rate_init=0.01, n_iter_no_change=100, **options).fit(x, t)
    assert 0.4 < model.oob_score_ < 0.62
    assert model.oob_decision_function_.shape == (400, 2)
    assert model.oob_score_ == ((model.oob_decision_function_[:, 1] > 0.5) == t).mean()
    assert model.score(x, t) > 0.75


def test_each_member_ends_with_its_own_best_epoch():
    class Record(Callback):
        def on_start(self, run):
            self.epochs = []

        def on_epoch(self, run):
            self.epochs.append(run.network.theta.copy())

    x, t = classes(flip_y=0.2)
    record = Record()
    model = ensemble(
        early_stopping=True, scoring="loss", max_iter=25, learning_rate_init=0.02, callbacks=[record]
    )
    trainer = model._assemble(x, t, None)
    net, weight = trainer.network, trainer.validation.sample_weight
    run = trainer.run()
    record = next(c for c in run.callbacks if isinstance(c, Record))
    scores, final = [], net.theta.copy()
    for theta in record.epochs:
        net.theta = theta
        y = net.loss.member_predictions(net.forward(x))[:, :, 0]
        e = -np.where(t[:, None] == 1, np.log(y), np.log(1 - y))
        scores.append((e * weight).sum(axis=0) / weight.sum(axis=0))
    best = np.argmin(scores, axis=0)
    assert len(set(best)) > 1
    for block in net.layout:
        for m in range(K):
            kept = block.of(final).reshape(K, -1)[m]
            np.testing.assert_array_equal(kept, block.of(record.epochs[best[m]]).reshape(K, -1)[m])


def test_out_of_bag_values_are_in_the_units_of_the_targets():
    x, t = values(200)
    model = ensemble(MLPRegressor, early_stopping=True, scale_targets=True, max_iter=40, batch_size=32)
    model.set_params(learning_rate_init=0.02, n_ensemble=10).fit(x, t)
    residual = model.oob_prediction_ - t
    assert model.oob_score_ == pytest.approx(1 - (residual**2).sum() / ((t - t.mean()) ** 2).sum(), abs=1e-6)
    assert model.oob_score_ > 0.8


def test_validation_data_of_ones_own_are_for_all_members():
    x, t = classes()
    model = ensemble(early_stopping=True).fit(x[:80], t[:80], X_val=x[80:], y_val=t[80:])
    assert not hasattr(model, "oob_score_")
    assert model.best_validation_score_ >= model.score(x[80:], t[80:]) - 1e-12


# -- predictions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["independent", "shared"])
def test_predictions_are_the_mean_over_the_members_and_their_spread_is_offered(kind):
    x, t = values()
    model = ensemble(MLPRegressor, ensemble=kind, scale_targets=True).fit(x, t)
    members = model.predict_members(x)
    y, std = model.predict(x, return_std=True)
    assert members.shape == (K, 120)
    np.testing.assert_allclose(y, members.mean(axis=0))
    np.testing.assert_allclose(model.predict(x), y)
    np.testing.assert_allclose(std, members.std(axis=0))
    x, t = classes(n_classes=3)
    model = ensemble(ensemble=kind).fit(x, t)
    p, std = model.predict_proba(x, return_std=True)
    np.testing.assert_allclose(model.predict_proba(x), p, atol=1e-12)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert p.shape == std.shape == (120, 3)
    np.testing.assert_array_equal(model.predict(x), p.argmax(axis=1))
    np.testing.assert_allclose(np.exp(model.predict_log_proba(x)), p)


def test_one_network_has_no_spread():
    x, t = values()
    y, std = MLPRegressor(max_iter=2, learning_rate="cosine").fit(x, t).predict(x, return_std=True)
    assert y.shape == std.shape
    assert not std.any()


def test_several_targets_and_labels():
    x, t = values()
    model = ensemble(MLPRegressor).fit(x, np.stack([t, -t], axis=1))
    assert model.predict(x).shape == (120, 2)
    assert model.predict_members(x).shape == (K, 120, 2)
    assert model.n_outputs_ == 2
    labels = np.stack([t > 0, t < 50], axis=1).astype(int)
    assert ensemble(early_stopping=True).fit(x, labels).predict(x).shape == labels.shape


# -- like every estimator ------------------------------------------------------------------------------------


def test_copies_and_continuations():
    x, t = classes()
    model = ensemble(early_stopping=True, warm_start=True, n_iter_no_change=100).fit(x, t)
    for other in (pickle.loads(pickle.dumps(model)), clone(model).fit(x, t)):
        np.testing.assert_array_equal(other.predict_proba(x), model.predict_proba(x))
    assert len(model.fit(x, t).history_) == 30
    steps = ensemble()
    for _ in range(2):
        steps.partial_fit(x, t, classes=[0, 1])
    assert len(steps.history_) == 2


def test_a_resumed_ensemble_is_that_of_an_uninterrupted_fit(tmp_path):
    class Stop(Callback):
        def on_epoch(self, run):
            if run.epoch == 6:
                raise RuntimeError("stopped")

    x, t = classes(flip_y=0.2)
    options = {"early_stopping": True, "learning_rate_init": 0.02}
    path = tmp_path / "checkpoint.safetensors"
    with pytest.raises(RuntimeError, match="stopped"):
        ensemble(checkpoint=Checkpoint(path, every_epochs=1), callbacks=[Stop()], **options).fit(x, t)
    resumed = ensemble(checkpoint=path, resume=True, **options).fit(x, t)
    whole = ensemble(**options).fit(x, t)
    np.testing.assert_array_equal(resumed.predict_proba(x), whole.predict_proba(x))
    np.testing.assert_array_equal(resumed.oob_decision_function_, whole.oob_decision_function_)


def test_weights_that_are_put_in_place_take_effect():
    x, t = classes()
    model = ensemble().fit(x, t)
    model.coefs_[-1] = np.zeros_like(model.coefs_[-1])
    model.intercepts_[-1] = np.zeros_like(model.intercepts_[-1])
    np.testing.assert_allclose(model.predict_proba(x), 0.5)


def test_what_cannot_be_is_refused():
    x, t = classes()
    with pytest.raises(ValueError, match="scoring='roc_auc' with early_stopping of 3 members"):
        ensemble(early_stopping=True, scoring="roc_auc").fit(x, t)
    with pytest.raises(ValueError, match="15 samples in 10 folds"):
        ensemble(early_stopping=True).fit(x[:15], t[:15])
    with pytest.raises(ValueError, match="n_ensemble"):
        ensemble(n_ensemble=0).fit(x, t)
    with pytest.warns(UnusedArgumentWarning, match="ensemble='shared' has no effect"):
        ensemble(n_ensemble=1, ensemble="shared").fit(x, t)
