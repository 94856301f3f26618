"""What ``deltaprop train`` does without options, by kind of data and solver."""

import tomllib

import numpy as np
import pandas as pd
import pytest

from deltaprop import InputError, MLPClassifier, MLPRegressor, fit
from deltaprop.cli import main
from deltaprop.commands import defaults, predict
from deltaprop.commands.fitting import fit_network
from deltaprop.commands.predict import read
from deltaprop.commands.prepare import prepare
from deltaprop.commands.settings import Settings
from deltaprop.data import Preprocessing
from deltaprop.data.targets import QuantityTarget
from deltaprop.functions import Cosine
from deltaprop.layers import Activation, Dense, Dropout, ParametricActivation
from deltaprop.optimizers import Momentum
from deltaprop.recipes import epochs, for_image, for_solver, for_table
from deltaprop.training import GrowingBatchSize
from deltaprop.training.factors import as_factors

pytestmark = pytest.mark.usefixtures("without_figures")

OLD = """
[data]
data = "wine"
task = "classification"
validation = 0.1
test = 0.25

[network]
layers = [16]
activation = "relu"
normalization = "none"
dropout = 0.2
l2 = 0.001
loss = "softmax_cross_entropy"
label_smoothing = 0.0
dtype = "float32"

[training]
optimizer = "adam"
learning_rate = 0.003
schedule = "cosine"
epochs = 3
batch_size = 32
patience = 0
seed = 0
engine = "auto"
threads = 1
checkpoint_seconds = 30.0
"""


@pytest.mark.parametrize(("data", "estimator"), [("wine", MLPClassifier), ("diabetes", MLPRegressor)])
def test_a_table_gets_the_network_and_the_training_of_recommended(data, estimator):
    prepared = prepare(Settings(data=data, epochs=3))
    train, validation = (prepared.parts[name].data for name in ("train", "validation"))
    model = estimator.recommended(max_iter=3, random_state=0)
    model.fit(train.x, train.t, X_val=validation.x, y_val=validation.t)
    kinds = [type(layer) for layer in prepared.network.config]
    assert kinds == [type(layer) for layer in model.network_.config]
    for ours, theirs in zip(prepared.network.config, model.network_.config, strict=True):
        if not isinstance(ours, Dropout):  # its schedule is that of a fit
            assert ours == theirs
    assert prepared.network.loss == model.network_.loss
    assert prepare(Settings(data=data)).settings.epochs == epochs(len(train))
    np.testing.assert_allclose(
        prepared.parts["train"].x, model.preprocessing_.transform("X", train.x), rtol=1e-6
    )
    assert prepared.settings.batch_size == model._batch_size(len(train))
    steps = 3 * -(-len(train) // prepared.settings.batch_size)
    assert prepared.network.config[4].rate.rate(steps - 1) < 0.15
    rule = prepared.optimizer
    assert (rule.beta2, rule.weight_decay.rate(0)) == (model.beta_2, model.weight_decay)
    assert (rule.learning_rate.steps, rule.learning_rate.rate(steps)) == (steps, pytest.approx(0, abs=1e-9))
    for argument in ("rate_factors", "decay_factors"):
        wanted = as_factors(argument, getattr(model, argument), model.network_)
        ours = as_factors(argument, getattr(prepared.settings, argument), prepared.network)
        np.testing.assert_array_equal(ours, wanted)


def test_the_units_of_a_table_have_variance_one_before_training():
    prepared = prepare(Settings(data="wine", layers=(16,), activation="identity", dropout=0.0))
    z = prepared.network.forward(prepared.parts["train"].x)
    np.testing.assert_allclose(z.std(axis=0), 1.0, rtol=1e-4)


def test_images_points_and_solvers_have_plain_networks():
    for data in ("digits", "moons"):
        settings = prepare(Settings(data=data, samples=200, epochs=1)).settings
        assert (settings.activation, settings.periodic_embedding, settings.init) == ("relu", False, "auto")
        assert (settings.patience, settings.rate_factors, settings.validation) == (0, {}, 0.1)
    prepared = prepare(Settings(data="wine", optimizer="lm"))
    assert [type(layer) for layer in prepared.network.config] == [Dense, Activation, Dense]
    assert (prepared.settings.scaling, prepared.settings.activation) == ("standard", "tanh")


def test_every_part_can_be_switched_off(tmp_path):
    switches = ("periodic-embedding", "input-factors", "parametric-activation", "clamp-outputs", "calibrate")
    options = [f"--no-{name}" for name in switches] + [
        "--init",
        "auto",
        "--dropout",
        "0",
        "--scaling",
        "standard",
    ]
    options += ["--rate-factors", "none", "--decay-factors", "none", "--weight-decay", "0", "--patience", "0"]
    options += ["--label-smoothing", "0", "--layers", "4", "--epochs", "2", "--categories", "one_hot"]
    assert main(["train", "iris", *options, "--out", str(tmp_path / "run")]) == 0
    network, _, settings, _ = read(tmp_path / "run")
    assert [type(layer) for layer in network.config] == [Dense, Activation, Dense]
    assert settings.rate_factors == settings.decay_factors == {}


def test_what_an_old_file_does_not_name_is_off(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text(OLD + '\n[versions]\ndeltaprop = "0.1.0"\n')
    run = tmp_path / "run"
    assert main(["train", "--config", str(config), "--out", str(run)]) == 0
    network, preprocessing, settings, _ = read(run)
    assert [type(layer) for layer in network.config] == [Dense, Activation, Dropout, Dense]
    assert network.config[2].rate == 0.2
    assert settings.scaling == "standard"
    assert type(preprocessing.inputs).__name__ == "Standardize"
    said = tomllib.loads((run / "config.toml").read_text())
    for section, options in tomllib.loads(OLD).items():
        assert said[section].items() >= options.items()
    config.write_text(OLD)  # of a user, who leaves the rest to us
    assert main(["train", "--config", str(config), "--out", str(tmp_path / "other")]) == 0
    assert isinstance(read(tmp_path / "other")[0].config[3], ParametricActivation)


def test_predictions_stay_within_the_range_of_the_training_targets(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=100)})
    frame["t"] = 100 * frame["x"]
    path, run = tmp_path / "t.csv", tmp_path / "run"
    frame.to_csv(path, index=False)
    options = ["--target", "t", "--test", "0", "--layers", "16", "--epochs", "30", "--out", str(run)]
    assert main(["train", str(path), *options]) == 0
    network, preprocessing, *_ = read(run)
    low, high = (limit[0] for limit in preprocessing.target.limits)
    assert frame["t"].min() <= low < high <= frame["t"].max()
    network.theta[-1] = 99.0  # the bias of the output
    text = predict.table(network, preprocessing, network.forward(preprocessing.transform(frame)))
    assert {float(line) for line in text.splitlines()[1:]} == {high}


def test_a_model_file_without_limits_is_read():
    target = QuantityTarget(("t",), (1.0,), (2.0,), ((0.0,), (4.0,)))
    assert target.decode(np.array([[-1.0], [9.0]])).tolist() == [0.0, 4.0]
    assert target.clamp(np.array([[-1.0], [9.0]])).tolist() == [[-0.5], [1.5]]
    spec = prepare(Settings(data="diabetes", epochs=1)).preprocessing.to_spec()
    assert Preprocessing.from_spec(spec).target.limits is not None
    del spec["target"]["limits"]
    assert Preprocessing.from_spec(spec).target.decode(np.array([[99.0]])) > 1000


def test_calibration_divides_the_outputs_of_the_saved_network(tmp_path):
    runs = {}
    for switch in ("calibrate", "no-calibrate"):
        runs[switch] = tmp_path / switch
        options = ["--layers", "8", "--epochs", "5", f"--{switch}", "--out", str(runs[switch])]
        assert main(["train", "breast_cancer", *options]) == 0
    x = prepare(read(runs["calibrate"])[2]).parts["test"].x
    z, plain = (read(run)[0].forward(x) for run in runs.values())
    ratio = plain / z
    assert abs(ratio.mean() - 1) > 0.01
    np.testing.assert_allclose(ratio, ratio.mean(), rtol=1e-3)


def test_a_loss_that_cannot_be_smoothed_needs_no_other_option():
    settings = defaults.complete(Settings(loss="hinge"), "classification", 100, 3, table=True)
    assert (settings.label_smoothing, settings.calibrate) == (0.0, False)
    settings = defaults.complete(Settings(validation=0.0), "classification", 100, 3, table=True)
    assert (settings.patience, settings.calibrate) == (0, False)


def test_every_recipe_names_options():
    for options in (for_table("regression", 50), for_image(50, 2), for_solver("lm", "regression", 50)):
        assert Settings(**options).filled(epochs=1)


def test_samples_batches_and_momentum_are_those_of_fit():
    options = {"data": "rings", "samples": 200, "epochs": 4, "batch_size": 16, "sampler": "alternating"}
    options |= {"batch_growth": 2.0, "batch_growth_every": 2, "largest_batch": 24, "momentum_plateau": 1}
    prepared = prepare(Settings(**options))
    net, train, sizes = prepared.network.copy(), prepared.parts["train"], GrowingBatchSize(16, 2, 2, 24)
    fit_network(prepared, progress=False)
    rule = Momentum(Cosine(prepared.settings.learning_rate, sizes.steps(len(train.t), 4)))
    sampled = {"sampler": "alternating", "batch_size": sizes, "momentum_plateau": 1, "seed": 0}
    fit(net, train.x, train.t, optimizer=rule, epochs=4, threads=1, **sampled)
    np.testing.assert_array_equal(prepared.network.theta, net.theta)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"data": "diabetes", "sampler": "stratified"},
            "train: sampler is Stratified with targets that are not classes",
        ),
        (
            {"data": "iris", "optimizer": "lm", "sampler": "fixed"},
            "train: sampler is given with the solver lm",
        ),
        (
            {"data": "iris", "optimizer": "adam", "momentum_plateau": 2},
            "train: momentum_plateau is given with .* adam",
        ),
        ({"data": "rings", "batch_growth": 2.0, "largest_batch": 4}, "GrowingBatchSize: largest is 4"),
    ],
)
def test_samples_batches_and_momentum_that_no_fit_takes(options, words):
    with pytest.raises(InputError, match=words):
        prepare(Settings(**options))
