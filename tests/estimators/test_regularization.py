"""Label smoothing, factors, schedules of dropout and weight decay: what the estimators hand on to the training."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from deltaprop import MLPClassifier
from deltaprop.estimators import UnusedArgumentWarning
from deltaprop.functions import SigmoidCrossEntropy, SoftmaxCrossEntropy

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X, Y = load_iris(return_X_y=True)
X = scale(X)


def test_label_smoothing_reaches_the_loss_and_holds_probabilities_back():
    smooth = MLPClassifier((8,), label_smoothing=0.2, random_state=0, learning_rate_init=0.02).fit(X, Y)
    assert smooth.network_.loss == SoftmaxCrossEntropy(label_smoothing=0.2)
    assert smooth.score(X, Y) > 0.95
    assert np.median(smooth.predict_proba(X).max(axis=1)) == pytest.approx(0.8 + 0.2 / 3, abs=0.05)
    two = MLPClassifier((8,), label_smoothing=0.2, random_state=0, max_iter=2).fit(X, Y > 0)
    assert two.network_.loss == SigmoidCrossEntropy(label_smoothing=0.2)


def test_label_smoothing_has_no_effect_with_other_losses():
    with pytest.warns(
        UnusedArgumentWarning, match="label_smoothing=0.2 has no effect with the other arguments"
    ):
        MLPClassifier((8,), loss="hinge", label_smoothing=0.2, max_iter=2).fit(X, Y)


@pytest.mark.parametrize("value", [-0.1, 1.0, "much"])
def test_impossible_label_smoothing_is_refused(value):
    with pytest.raises(ValueError, match="label_smoothing"):
        MLPClassifier(label_smoothing=value).fit(X, Y)
