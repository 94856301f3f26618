"""One temperature for the probabilities, found on validation data."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import expit, softmax
from sklearn.datasets import make_classification
from sklearn.metrics import log_loss

from deltaprop.estimators import MLPClassifier
from deltaprop.estimators.parameters import UnusedArgumentWarning
from deltaprop.functions import SigmoidCrossEntropy, SoftmaxCrossEntropy
from deltaprop.functions.temperature import PRIOR, temperature

X, T = make_classification(
    600, 8, n_informative=4, n_classes=3, n_clusters_per_class=1, flip_y=0.2, random_state=0
)
ARGUMENTS = {"hidden_layer_sizes": (30,), "early_stopping": True, "max_iter": 60, "random_state": 0}


@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0])
def test_the_scale_of_the_outputs_is_found(scale):
    rng = np.random.default_rng(1)
    z = rng.normal(size=(20_000, 3))
    t = np.array([rng.choice(3, p=p) for p in softmax(z, axis=1)])
    assert temperature(SoftmaxCrossEntropy(label_smoothing=0.1), scale * z, t) == pytest.approx(
        scale, rel=0.05
    )


def test_it_is_the_minimum():
    rng = np.random.default_rng(2)
    z, t = rng.normal(size=(50, 1)), rng.integers(0, 2, (50, 1)).astype(float)
    weight = rng.random(50)
    found = temperature(SigmoidCrossEntropy(), z, t, weight)

    def objective(scale):
        p = expit(z / scale)[:, 0]
        return (
            log_loss(t[:, 0], p, sample_weight=weight, normalize=False) + 0.5 * (np.log(scale) / PRIOR) ** 2
        )

    best = minimize_scalar(lambda s: objective(np.exp(s)), bounds=(-4, 4), options={"xatol": 1e-7}).x
    assert found == pytest.approx(np.exp(best), rel=3e-6)


def test_outputs_that_are_not_finite_do_not_count():
    z, t = np.random.default_rng(3).normal(size=(60, 3)), np.arange(60) % 3
    diverged = np.concatenate([z, np.full((9, 3), np.nan)])
    loss = SoftmaxCrossEntropy()
    assert temperature(loss, diverged, np.arange(69) % 3) == temperature(loss, z, t)
    assert temperature(loss, diverged[60:], t[:9]) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("ensemble", [{}, {"n_ensemble": 3}, {"n_ensemble": 3, "ensemble": "shared"}])
def test_classes_stay_and_the_likelihood_grows(ensemble):
    plain = MLPClassifier(**ARGUMENTS, **ensemble, label_smoothing=0.4).fit(X[:400], T[:400])
    model = MLPClassifier(**ARGUMENTS, **ensemble, label_smoothing=0.4, calibrate=True).fit(X[:400], T[:400])
    assert plain.temperature_ == 1
    assert model.temperature_ != 1
    np.testing.assert_array_equal(plain.predict(X), model.predict(X))
    p = model.predict_proba(X[400:])
    assert log_loss(T[400:], p) < log_loss(T[400:], plain.predict_proba(X[400:]))
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X[400:])), p, rtol=1e-5)
    np.testing.assert_array_equal(model.predict_proba(X[400:], return_std=True)[0], p)


def test_a_second_fit_is_the_first_one():
    model = MLPClassifier(**ARGUMENTS, n_ensemble=3, calibrate=True, label_smoothing=0.4).fit(X, T)
    first = model.temperature_, model.oob_decision_function_
    model.fit(X, T)
    assert model.temperature_ == first[0]
    np.testing.assert_array_equal(model.oob_decision_function_, first[1])


def test_without_validation_data_it_says_so():
    with pytest.warns(UnusedArgumentWarning, match="calibrate=True has no effect without validation data"):
        model = MLPClassifier(max_iter=2, learning_rate="cosine", calibrate=True).fit(X, T)
    assert model.temperature_ == 1
    assert MLPClassifier().partial_fit(X, T, classes=[0, 1, 2]).temperature_ == 1


def test_a_loss_object_is_calibrated_too():
    loss = SigmoidCrossEntropy()
    model = MLPClassifier(**ARGUMENTS, loss=loss, calibrate=True).fit(X, T > 0)
    assert model.temperature_ != 1
