"""Standardization inside the estimators: of the numbers as they are given, before the network's type rounds them."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler, scale

from deltaprop import MLPRegressor
from deltaprop.engines import instruction_set
from deltaprop.training import Callback

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
D, T = load_diabetes(return_X_y=True)
D = scale(D)

RNG = np.random.default_rng(0)
SECONDS = 1_700_000_000 + np.sort(RNG.integers(0, 86_400, 600))  # of one day; float32 keeps every 128th
CLOCK = np.sin(2 * np.pi * SECONDS / 86_400)
TABLE = np.stack([SECONDS, RNG.integers(10**12, 10**12 + 1000, 600)], axis=1)
TYPES = ["<i8", ">i8", "<u8", "<f8", ">f8"]
ENGINES = [
    "numpy",
    pytest.param("native", marks=pytest.mark.skipif(instruction_set() is None, reason="no core")),
]


class Inputs(Callback):
    """Keeps the inputs that training sees."""

    def on_start(self, run):
        type(self).of_training, type(self).of_validation = run.data.x, run.validation and run.validation.x


def test_inputs_and_targets_scaled_inside():
    x, t = 1e4 * D + 5e5, 1e3 * T - 7
    plain = MLPRegressor(hidden_layer_sizes=(8,), max_iter=30, learning_rate_init=0.01, random_state=0)
    model = MLPRegressor(**plain.get_params() | {"scale_inputs": True, "scale_targets": True}).fit(x, t)
    by_hand = plain.fit(scale(x), scale(t))
    np.testing.assert_allclose(model.predict(x), by_hand.predict(scale(x)) * t.std() + t.mean(), rtol=1e-6)
    assert model.score(x, t) > 0.5
    mean = model.input_scaler_.mean_.copy()
    model.partial_fit(x[:50] + 1, t[:50])
    np.testing.assert_array_equal(model.input_scaler_.mean_, mean)
    with pytest.raises(ValueError, match="scale_targets=True with the poisson loss"):
        MLPRegressor("poisson", scale_targets=True).fit(D, T)


def test_inputs_of_one_unit_keep_their_relative_sizes():
    pixels, table = np.abs(D) + 1, D * np.geomspace(1, 1e4, D.shape[1])
    one = MLPRegressor(scale_inputs="auto", max_iter=1).fit(pixels, T).input_scaler_
    np.testing.assert_allclose(one.transform(pixels), pixels / np.sqrt(np.mean(pixels**2)))
    each = MLPRegressor(scale_inputs="auto", max_iter=1).fit(table, T).input_scaler_
    np.testing.assert_allclose(each.transform(table), scale(table))


def test_two_inputs_of_different_units():
    x = np.stack([50_000 + 20_000 * D[:, 0], 40 + 10 * D[:, 2]], axis=1)
    scaler = MLPRegressor(scale_inputs="auto", max_iter=1).fit(x, T).input_scaler_
    np.testing.assert_allclose(scaler.transform(x), scale(x))


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("how", [True, "auto"])
def test_large_numbers_are_rounded_after_they_are_scaled(kind, how):
    x, expected = TABLE.astype(kind), StandardScaler().fit_transform(TABLE.astype(np.float64))
    model = MLPRegressor(
        hidden_layer_sizes=(4,), scale_inputs=how, dtype="float32", max_iter=1, callbacks=[Inputs()]
    )
    for call in (model.fit, model.partial_fit, lambda x, t: model.fit(x, t, X_val=x, y_val=t)):
        call(x, CLOCK)
        np.testing.assert_allclose(Inputs.of_training, expected, rtol=2**-23, atol=1e-12)
        assert Inputs.of_training.dtype == np.float32
    np.testing.assert_array_equal(Inputs.of_validation, Inputs.of_training)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("engine", ENGINES)
def test_predictions_are_of_the_same_numbers(kind, engine):
    x = TABLE.astype(kind)
    arguments = {"dtype": "float32", "engine": engine, "max_iter": 5, "random_state": 0}
    model = MLPRegressor(hidden_layer_sizes=(8,), scale_inputs=True, **arguments).fit(x, CLOCK)
    scaled = StandardScaler().fit_transform(TABLE.astype(np.float64)).astype(np.float32)
    np.testing.assert_allclose(model.predict(x), model.network_.predict(scaled)[:, 0], rtol=1e-5, atol=1e-6)
    assert len(np.unique(model.predict(x))) > 500


@pytest.mark.parametrize("kind", ["<i8", ">f8"])
@pytest.mark.parametrize("engine", ENGINES)
def test_the_time_of_day_is_learned_from_timestamps(kind, engine):
    x = SECONDS[:, None].astype(kind)
    arguments = {"dtype": "float32", "engine": engine, "max_iter": 100, "random_state": 0}
    arguments |= {"learning_rate": "one_cycle", "learning_rate_init": 0.003, "batch_size": 32}
    model = MLPRegressor(scale_inputs="auto", scale_targets=True, init="auto", **arguments).fit(x, CLOCK)
    assert model.score(x, CLOCK) > 0.99


def test_large_counts_in_a_sparse_matrix():
    counts = csr_array(np.where(RNG.random((600, 2)) < 0.5, TABLE, 0))
    model = MLPRegressor(
        hidden_layer_sizes=(4,), scale_inputs=True, dtype="float32", max_iter=1, callbacks=[Inputs()]
    )
    model.fit(counts, CLOCK)
    expected = StandardScaler(with_mean=False).fit_transform(counts.toarray().astype(np.float64))
    np.testing.assert_allclose(Inputs.of_training.toarray(), expected, rtol=2**-23)


def test_half_precision_is_scaled_in_single_precision():
    x = (1000 + np.arange(100.0))[:, None].astype(np.float16)
    model = MLPRegressor(
        hidden_layer_sizes=(4,), scale_inputs=True, dtype="float32", max_iter=1, callbacks=[Inputs()]
    )
    model.fit(x, np.arange(100.0))
    np.testing.assert_allclose(Inputs.of_training, scale(x.astype(np.float64)), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_without_scaling_the_numbers_stay_where_they_are(kind, dtype, tmp_path):
    np.save(tmp_path / "x.npy", TABLE.astype(kind))
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    MLPRegressor(
        hidden_layer_sizes=(4,), dtype=dtype, max_iter=1, learning_rate_init=1e-9, callbacks=[Inputs()]
    ).fit(x, CLOCK)
    assert np.shares_memory(Inputs.of_training, x)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_input_too_far_from_those_of_training_is_refused(engine):
    model = MLPRegressor(scale_inputs=True, dtype="float32", engine=engine, max_iter=1).fit(D, T)
    with pytest.raises(ValueError, match=r"x has inf at \[0, 9\], expected finite numbers"):
        model.predict(np.where(np.arange(10) == 9, 1e300, D[:2]))
