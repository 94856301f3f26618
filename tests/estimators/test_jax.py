"""The estimators on the JAX engine."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from deltaprop import MLPClassifier

pytest.importorskip("jax")


def weights(**arguments) -> np.ndarray:
    model = MLPClassifier((8,), max_iter=20, tol=0, learning_rate_init=0.02, random_state=0, **arguments)
    with pytest.warns(match="Maximum iterations"):
        return model.fit(*load_iris(return_X_y=True)).network_.theta


def test_the_engine_is_the_one_asked_for_and_so_is_its_precision():
    reference = weights(engine="numpy", dtype="float32")
    exact, rounded = (
        abs(weights(engine="jax", precision=precision, dtype="float32") - reference).max()
        for precision in ("float32", "bf16")
    )
    assert exact < 1e-5 < 1e-4 < rounded < 0.1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"engine": "numpy", "dtype": "float32", "precision": "bf16"},
            "precision is 'bf16', expected float32 for",
        ),
        (
            {"engine": "jax", "precision": "bf16"},
            "precision is 'bf16', expected float32 for .* a float64 network",
        ),
        ({"engine": "jax", "threads": 2}, "threads is 2, expected None with engine='jax'"),
        ({"engine": "jax", "precision": "half"}, "The 'precision' parameter of MLPClassifier must be"),
    ],
)
def test_what_does_not_fit_the_engine_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**arguments).fit([[0.0], [1.0]], [0, 1])
