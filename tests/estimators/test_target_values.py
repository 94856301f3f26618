"""Target values of classes and the output activation: formulas, both engines, estimators, command line."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from deltaprop import Activation, Adaline, Dense, MLPClassifier, MLPRegressor, Network
from deltaprop.commands import defaults
from deltaprop.commands.settings import Settings
from deltaprop.errors import InputError
from deltaprop.functions import ACTIVATIONS, Sigmoid, SquaredError, Tanh, curvature_points
from deltaprop.model_file import read

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X, Y = load_iris(return_X_y=True)
X = scale(X)
OPTIONS = {"hidden_layer_sizes": (6,), "activation": "scaled_tanh", "max_iter": 60, "random_state": 0}
OPTIONS |= {"loss": "squared_error", "solver": "sgd", "learning_rate_init": 0.05}


def test_the_points_of_largest_curvature_are_those_of_the_formulas():
    np.testing.assert_allclose(curvature_points(Sigmoid()), [0.5 - 12**-0.5, 0.5 + 12**-0.5], rtol=1e-7)
    np.testing.assert_allclose(curvature_points(Tanh()), [-(3**-0.5), 3**-0.5], rtol=1e-7)
    np.testing.assert_allclose(
        curvature_points(ACTIVATIONS["scaled_tanh"]), np.array([-1, 1]) * 1.7159 / 3**0.5
    )


@pytest.mark.parametrize("name", sorted(ACTIVATIONS.keys() - {"sigmoid", "tanh", "scaled_tanh"}))
def test_functions_that_are_not_sigmoid_have_no_such_points(name):
    with pytest.raises(
        InputError, match=r"^target_values: 'curvature' is asked for with the output activation"
    ):
        curvature_points(ACTIVATIONS[name])


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_labels_become_these_values(engine, tmp_path):
    def trained(t, loss):
        layers = [Dense(5), "tanh", Dense(3), Activation("scaled_tanh")]
        net = Network(layers, inputs=4, loss=loss, seed=1, dtype="float64")
        net.fit(X, t, optimizer="sgd", epochs=3, engine=engine)
        return net

    loss = SquaredError(-0.5, 0.75)
    by_label = trained(Y, loss)
    by_row = trained(np.where(np.eye(3)[Y] == 1, 0.75, -0.5), "squared_error")
    np.testing.assert_allclose(by_label.theta, by_row.theta, rtol=1e-12)
    assert np.abs(by_label.theta - trained(Y, "squared_error").theta).max() > 1e-3
    by_label.save(tmp_path / "a")
    assert read(tmp_path / "a")[0].loss == loss


def test_both_engines_agree():
    models = [
        MLPClassifier(**OPTIONS, output_activation="tanh", target_values=(-0.9, 0.9), engine=e)
        for e in ("numpy", "native")
    ]
    numpy, native = (model.fit(X, Y).decision_function(X) for model in models)
    np.testing.assert_allclose(numpy, native, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    ("output", "values", "low", "high"),
    [
        ("scaled_tanh", (-1, 1), -1.7159, 1.7159),
        ("scaled_tanh", "curvature", -1.7159, 1.7159),
        ("logistic", (0.1, 0.9), 0, 1),
        ("identity", (-1, 1), -np.inf, np.inf),
    ],
)
@pytest.mark.parametrize("y", [Y, Y == 2, np.eye(3, dtype=int)[Y]], ids=["classes", "two", "multilabel"])
def test_classifiers_learn_them(output, values, low, high, y):
    model = MLPClassifier(**OPTIONS, output_activation=output, target_values=values).fit(X, y)
    z = model.decision_function(X)
    middle = sum(curvature_points(ACTIVATIONS["scaled_tanh"]) if values == "curvature" else values) / 2
    z = z + middle if y is not Y else z  # of a unit of its own the evidence is z − the middle
    assert low <= z.min() <= z.max() <= high
    expected = z.argmax(axis=1) if y is Y else (z > middle).astype(y.dtype)
    np.testing.assert_array_equal(model.predict(X), expected)
    assert model.score(X, y) > (0.5 if y.ndim == 2 else 0.75)
    assert model.out_activation_ == output


def test_an_ensemble_has_them_too():
    model = MLPClassifier(
        **OPTIONS, output_activation="scaled_tanh", target_values=(-1, 1), n_ensemble=2
    ).fit(X, Y)
    assert model.network_.loss.on == 1
    assert model.network_.loss.off == -1
    assert model.score(X, Y) > 0.8


def test_a_regressor_with_an_output_activation():
    t = expit(X[:, 0])
    model = MLPRegressor(output_activation="logistic", learning_rate_init=0.01, random_state=0).fit(X, t)
    assert 0 <= model.predict(100 * X).min() <= model.predict(100 * X).max() <= 1
    assert model.score(X, t) > 0.9


def test_adaline_s_targets_are_those_of_its_loss():
    assert Adaline(targets="-1/1").loss == SquaredError(-1, 1)
    assert Adaline(targets="0/1").loss == SquaredError()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target_values": (1, -1)}, "^SquaredError: on is -1.0, expected more than off, 1.0"),
        (
            {"target_values": (0, 1, 2)},
            r"^MLPClassifier: target_values is \(0, 1, 2\), expected \(low, high\) or 'cur",
        ),
        ({"target_values": (0, np.inf)}, "^MLPClassifier: target_values is inf"),
        ({"target_values": "edge"}, "target_values"),
        ({"target_values": "curvature"}, "with the output activation Identity"),
        (
            {"target_values": (0, 1), "loss": "log_loss"},
            "^MLPClassifier: target_values is .* with the loss Softmax",
        ),
        (
            {"output_activation": "tanh", "loss": "log_loss"},
            "^MLPClassifier: output_activation='tanh' with the loss",
        ),
        ({"output_activation": "x"}, "output_activation"),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**OPTIONS | options).fit(X, Y)


def settings(task="classification", **options):
    options = {"loss": "squared_error", "task": task} | options
    return defaults.complete(Settings(**options), task, samples=100, inputs=4, table=True)


def test_the_command_line_makes_the_same_network():
    net = defaults.network(settings(output_activation="scaled_tanh", target_values="-1, 1"), 4, 3, 100)
    assert net.loss == SquaredError(-1, 1)
    assert net.config[-1] == Activation("scaled_tanh")
    net = defaults.network(settings(output_activation="sigmoid", target_values="curvature"), 4, 3, 100)
    assert net.loss.on == pytest.approx(0.7887, abs=1e-4)
    assert defaults.network(settings(), 4, 3, 100).loss == SquaredError()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target_values": "1"}, "^train: target_values is '1', expected two numbers such as"),
        ({"target_values": "0,1,2"}, "^train: target_values is '0,1,2'"),
        (
            {"target_values": "-1,1", "loss": "softmax_cross_entropy"},
            "^train: target_values is .* with the loss Soft",
        ),
        ({"target_values": "-1,1", "task": "regression"}, "^train: target_values is given for a regression"),
        ({"target_values": "curvature"}, "with the output activation Identity"),
        (
            {"output_activation": "tanh", "loss": "sigmoid_cross_entropy"},
            "^train: output_activation is tanh with the loss sigmoid_cross_entropy, expected a loss",
        ),
    ],
)
def test_the_command_line_refuses_what_does_not_fit(options, message):
    with pytest.raises(InputError, match=message):
        defaults.network(settings(**options), 4, 3, 100)
