"""Settings: what goes into config.toml comes out again."""

import dataclasses
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaprop.commands import defaults
from deltaprop.commands.settings import SECTIONS, Settings, markdown
from deltaprop.commands.train import _given
from deltaprop.data import TableFormat
from deltaprop.engines import MAX_THREADS
from deltaprop.errors import InputError
from deltaprop.functions import LeCunNormal, SoftmaxCrossEntropy
from deltaprop.layers import Dense

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
given_settings = st.builds(
    Settings,
    data=text,
    target=st.lists(text, max_size=3).map(tuple),
    task=st.sampled_from([None, "classification", "regression"]),
    layers=st.none() | st.lists(st.integers(1, 4096), max_size=3).map(tuple),
    dropout=st.none() | st.floats(0, 1, exclude_max=True),
    learning_rate=st.none() | st.floats(0, 1e300, exclude_min=True),
    l2=st.none() | st.floats(0, 1e300) | st.integers(0, 3),
    epochs=st.none() | st.integers(1, 10**9),
    calibrate=st.none() | st.booleans(),
    rate_factors=st.none() | st.dictionaries(text, st.floats(0, 1e300) | st.just("fan_in"), max_size=3),
)


@given(given_settings)
def test_toml_and_back(tmp_path_factory, settings):
    path = tmp_path_factory.getbasetemp() / "c.toml"
    path.write_text(settings.to_toml({"numpy": "1.2.3"}), encoding="utf-8")
    assert Settings.from_toml(path) == (settings, {"numpy": "1.2.3"})


@pytest.mark.parametrize(
    ("task", "samples", "inputs", "table"),
    [("classification", 50, 2, False), ("classification", 50, 2, True), ("regression", 10**6, 900, True)],
)
def test_complete_settings_leave_nothing_to_the_machine(task, samples, inputs, table):
    sized = defaults.part_sizes(Settings(), samples, fixed_test=False, table=table)
    complete = defaults.complete(sized, task, samples, inputs, table)
    kept = tomllib.loads(complete.to_toml({}))
    open_ones = {"target", "drop", "category", "samples", "data_dir", "momentum", "clip_norm", "search"} | {
        "largest_batch",
        "metric",
        "keep",
        "keep_na",
        "unique",
    }
    open_ones |= {"time", "group", "test_data", "folds", "recognized"}  # how the data are split or written
    open_ones |= {field.name for field in dataclasses.fields(TableFormat)}
    missing = {name for name in vars(complete) if not any(name in section for section in kept.values())}
    assert missing == open_ones


def test_a_column_is_used_or_left_out_as_was_said_last():
    before = Settings(target="t", drop=("a", "b", "c"), keep=("d",))
    after = before.given(keep=["a"], category="b")
    assert (after.drop, after.keep, after.category) == (("c",), ("a",), ("b",))
    assert before.given(target=["c"]).drop == ("a", "b")
    assert before.given(drop=["d"]).keep == ()
    both = before.given(drop=["a"], keep=["a"])
    assert (both.drop, both.keep) == (("a",), ("a",))  # refused when the table is read


def test_threads_that_were_chosen_for_one_engine_are_not_asked_of_another():
    before = Settings(engine="auto", threads=4)
    assert _given(before, {"engine": "jax"}).threads is None
    assert _given(before, {"engine": "jax", "threads": 2}).threads == 2
    assert _given(before, {"epochs": 3}).threads == 4


def test_given_options_override_and_defaults_do_not():
    settings = Settings(epochs=3).given(epochs=5, seed=None)
    assert (settings.epochs, settings.seed) == (5, None)
    assert settings.filled(epochs=7, seed=1).epochs == 5
    assert settings.filled(epochs=7, seed=1).seed == 1


@pytest.mark.parametrize(
    "wrong",
    [{"epochs": 0}, {"layers": (0,)}, {"schedule": "x"}, {"validation": 0.5, "test": 0.5}, {"clip_norm": 0}],
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(InputError):
        Settings(**wrong)


def test_the_network_has_what_the_settings_say():
    settings = Settings(layers=(5, 4), normalization="layer", dropout=0.25, l1=0.1, l2=0.5, activation="tanh")
    complete = defaults.complete(settings, "classification", 100, 3, table=False)
    network = defaults.network(complete, 3, 2, 100)
    assert [type(layer).__name__ for layer in network.config] == [
        *("Dense", "LayerNorm", "Activation", "Dropout") * 2,
        "Dense",
    ]
    assert (network.penalty.l1, network.penalty.l2) == (0.1, 0.5)
    assert network.outputs == 2


def test_initial_weights_by_name_are_those_of_the_hidden_layers():
    settings = Settings(layers=(5, 4), init="lecun_normal")
    complete = defaults.complete(settings, "classification", 100, 3, table=False)
    layers = [layer for layer in defaults.network(complete, 3, 2, 100).config if isinstance(layer, Dense)]
    assert [layer.init for layer in layers] == [LeCunNormal(), LeCunNormal(), None]
    with pytest.raises(
        InputError, match=r"^train: init is 'xavier', expected one of lecun_normal, .*, auto, data; "
    ):
        Settings(init="xavier")


def test_momentum_is_that_of_the_rule():
    complete = defaults.complete(
        Settings(optimizer="nesterov", momentum=0.5), "classification", 100, 3, table=False
    )
    assert defaults.optimizer(complete, 100).momentum == 0.5
    with pytest.raises(InputError, match=r"^train: momentum is given with the optimizer adam, expected "):
        defaults.optimizer(complete.given(optimizer="adam"), 100)
    with pytest.raises(InputError, match="momentum is given with the solver lm"):
        defaults.complete(Settings(optimizer="lm", momentum=0.5), "classification", 100, 3, table=False)


def test_label_smoothing_is_for_cross_entropies():
    complete = defaults.complete(
        Settings(layers=(5,), label_smoothing=0.1), "classification", 100, 3, table=False
    )
    assert defaults.network(complete, 3, 2, 100).loss == SoftmaxCrossEntropy(label_smoothing=0.1)
    with pytest.raises(
        InputError, match=r"^train: label_smoothing is given with the loss hinge, expected a cross-"
    ):
        defaults.network(complete.given(loss="hinge"), 3, 2, 100)


def test_the_schedule_ends_with_the_training():
    complete = defaults.complete(
        Settings(epochs=3, batch_size=10, learning_rate=0.5), "classification", 25, 3, table=False
    )
    rate = defaults.optimizer(complete, 25).learning_rate
    assert rate.rate(0) == 0.5
    assert rate.rate(9) == pytest.approx(0, abs=1e-12)
    assert rate.rate(8) > 0


def test_a_file_that_is_not_there():
    with pytest.raises(InputError, match="cannot be read"):
        Settings.from_toml(Path("nowhere.toml"))


def test_a_string_of_the_command_line_becomes_layers():
    assert Settings(layers="256, 128").layers == (256, 128)
    assert Settings(layers="none").layers == ()


def test_factors_of_parameters():
    factors = {"w": "fan_in", "b": 0.1}
    assert Settings(rate_factors="w=fan_in, b=0.1").rate_factors == factors
    assert Settings(rate_factors=factors).rate_factors == factors
    assert Settings(decay_factors="none").decay_factors == {}
    for wrong in ("w", "w=", "=1", "w=x", "b=-1", "b=nan", "w=fan_in;b=1"):
        with pytest.raises(InputError, match=r"^train: rate_factors"):
            Settings(rate_factors=wrong)


def test_every_option_is_in_one_section_and_in_the_documentation():
    names = [name for model in SECTIONS.values() for name in model.model_fields]
    assert sorted([*names, "recognized"]) == sorted(Settings.model_fields)
    docs = Path(__file__).parents[2] / "docs" / "options.md"
    assert markdown() in docs.read_text(encoding="utf-8"), "replace the table by what markdown() returns"


def test_names_of_the_library_and_their_errors():
    with pytest.raises(
        InputError, match=r"^train: loss is 'mse', expected one of .*squared_error.*; change loss\.$"
    ):
        Settings(loss="mse")
    with pytest.raises(
        InputError, match=r"^train: dropout is 1, expected a number less than 1; change dropout\.$"
    ):
        Settings(dropout=1)


@pytest.mark.parametrize("name", [name for model in SECTIONS.values() for name in model.model_fields])
def test_no_value_gives_another_error(name):
    messages = []
    for value in (10**400, -(10**400), 2**63, float("inf"), [[[]]], {"a": 1}, object(), (10**30,)):
        try:
            Settings(**{name: value})
        except InputError as error:
            messages.append(str(error))
    assert len(messages) >= 6
    assert all(name in message and len(message) <= 1000 for message in messages)


def test_the_bound_on_threads_is_that_of_the_engines():
    assert Settings(threads=MAX_THREADS).threads == MAX_THREADS
    with pytest.raises(InputError, match="threads"):
        Settings(threads=MAX_THREADS + 1)
