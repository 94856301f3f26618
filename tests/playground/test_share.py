"""Saved states: they come back to the last bit, and whatever else is refused in one line."""

import base64
import csv
import io
import json
import subprocess
import sys
import tracemalloc
import zlib
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from playground.programs import CASES, TABLE, run_of

from deltaprop import InputError, Network
from deltaprop.playground import load, share
from deltaprop.playground.command import run as command
from deltaprop.playground.complaints import Complaint
from deltaprop.playground.handlers import HANDLERS
from deltaprop.playground.messages import MAX_TEXT, Hello, Open, Save, Undo
from deltaprop.playground.run import Run
from deltaprop.playground.saving import NAMES, save
from deltaprop.playground.session import Session
from deltaprop.playground.settings import Settings


def edited() -> Run:
    """A run in the middle of an epoch, after changes of every kind."""
    run = run_of("penalties").fork()
    run.edit_points(run.points.add(1.25, -0.1, 1, test=True).move(0, 0.1, 0.2))
    run.advance(2)
    run.change(run.settings.model_copy(update={"batch_size": 5, "l2": 0.01}))
    run.set_weight(3, 0.7)
    run.advance(1)
    assert run.fit.position % 5
    return run


def of_table() -> Run:
    return run_of("table").fork()


def same(one: Run, other: Run) -> bool:
    arrays = one.state()["arrays"], other.state()["arrays"]
    return arrays[0].keys() == arrays[1].keys() and all(
        value.tobytes() == arrays[1][name].tobytes() for name, value in arrays[0].items()
    )


def refusal(text: str) -> Complaint:
    """What is said of a text, in both languages on one line."""
    with pytest.raises(InputError) as raised:
        share.read(text)
    complaint = raised.value
    for language in ("en", "zh"):
        said = complaint.text(language) if isinstance(complaint, Complaint) else str(complaint)
        assert 0 < len(said) <= 1000
        assert "\n" not in said
    return complaint


# -- there and back ----


STATES = (
    "regression",
    "batch norm",
    "dropout",
    "in order",
    "momentum",
    "adagrad",
    "adamw",
    "delta-bar-delta",
)


@pytest.mark.parametrize("name", STATES)
def test_a_state_comes_back_to_the_last_bit(name):
    run = run_of(name).fork()
    copies = share.read(share.to_json(run)), share.read(share.to_link(run))
    for copy in copies:
        assert same(copy, run)
        assert (copy.step, copy.epoch, copy.progress) == (run.step, run.epoch, run.progress)
    for one in (run, *copies):
        one.advance(run.steps_per_epoch + 3)
    assert all(same(copy, run) for copy in copies)


@pytest.mark.parametrize("make", [edited, of_table])
def test_edited_points_changes_and_tables_come_back(make):
    run = make()
    copy = share.read("http://127.0.0.1:8765/#" + share.to_link(run))
    assert copy.settings == run.settings
    for name, values in vars(run.points).items():
        np.testing.assert_array_equal(vars(copy.points)[name], values)
    np.testing.assert_array_equal(copy.problem.inputs, run.problem.inputs)
    for one in (run, copy):
        one.advance(50)
    assert same(copy, run)


def test_a_fresh_process_goes_on_with_the_same_bits(tmp_path):
    run = run_of("dropout").fork()
    (tmp_path / "state.json").write_text(share.to_json(run), encoding="utf-8")
    program = (
        "import sys; from deltaprop.playground import load; loaded = load(sys.argv[1]);"
        "first = loaded.network.theta.tobytes().hex(); loaded.fit(1000);"
        "print(first, loaded.network.theta.tobytes().hex(), loaded.network.buffers.tobytes().hex())"
    )
    path = str(tmp_path / "state.json")
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    first = run.network.theta.tobytes().hex()
    run.advance(1000)
    assert done.stdout.split() == [
        first,
        run.network.theta.tobytes().hex(),
        run.network.buffers.tobytes().hex(),
    ]


def test_the_file_has_weights_as_little_endian_base64():
    run = run_of("three classes")
    saved = json.loads(share.to_json(run))
    weights = np.frombuffer(base64.b64decode(saved["arrays"]["theta"]["data"]), "<f4")
    np.testing.assert_array_equal(weights, run.network.theta)


# -- load ----


def test_load_takes_files_texts_and_links(tmp_path):
    run, path = run_of("three classes"), tmp_path / "état #1.json"
    text, link = share.to_json(run), share.to_link(run)
    path.write_text(text, encoding="utf-8")
    for source in (path, str(path), text, link, "#" + link, "http://127.0.0.1:8765/token/#" + link):
        loaded = load(source)
        assert isinstance(loaded.network, Network)
        assert loaded.network.theta.tobytes() == run.network.theta.tobytes()
    assert (loaded.step, loaded.settings) == (run.step, run.settings)
    assert len(loaded.x) == len(loaded.t) == int((~run.points.test).sum())
    assert len(loaded.x_test) == len(loaded.t_test) == int(run.points.test.sum())
    assert loaded.network.score(loaded.x, loaded.t) == pytest.approx(run.losses()[2])
    assert loaded.optimizer.learning_rate == run.settings.optimizer.learning_rate
    loaded.network.fit(loaded.x, loaded.t, epochs=1)


def test_load_says_that_training_diverged():
    settings = Settings.model_validate(
        CASES["regression"] | {"optimizer": {"name": "sgd", "learning_rate": 100}}
    )
    loaded = load(share.to_json(Run.start(settings)))
    with pytest.raises(InputError, match="diverged"):
        loaded.fit(1000)
    assert np.isfinite(loaded.network.theta).all()


@pytest.mark.parametrize("source", ["nowhere.json", "", "a\0b", ".", b"{}", None, 3])
def test_load_refuses_what_is_no_source(source):
    with pytest.raises(InputError, match="give one of them"):
        load(source)


def test_load_refuses_other_files(tmp_path):
    for name, content in {"a.json": b"\xff\xfe\x00", "b.json": b"{}", "c.csv": TABLE.encode()}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match="no saved state"):
            load(tmp_path / name)


def test_the_command_refuses_a_file_that_is_none_before_it_serves(tmp_path):
    pytest.importorskip("uvicorn")
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(InputError, match="no saved state"):
        command(None, "127.0.0.1", False, None, str(tmp_path / "a.json"))


# -- what is refused ----


def changed(path: str, value) -> str:
    """The JSON of a state with one entry replaced, or removed where the value is `...`."""
    saved = json.loads(share.to_json(edited()))
    *places, last = path.split(".")
    place = saved
    for key in places:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(saved)


def array(values, dtype="<f4", name="float32") -> dict:
    values = np.asarray(values, dtype)
    data = base64.b64encode(values.tobytes()).decode()
    return {"dtype": name, "shape": list(values.shape), "data": data}


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("version", 2, "state_version"),
        ("version", "1.0.0-alpha", "state_version"),
        ("version", ..., "state_unreadable"),
        ("format", "another", "state_unreadable"),
        ("arrays.theta", ..., "state_does_not_fit"),
        ("arrays.more", array([1.0]), "state_does_not_fit"),
        ("arrays.theta", array([np.nan] * 21), "state_does_not_fit"),
        ("arrays.theta", array([1.0, 2.0]), "state_does_not_fit"),
        ("arrays.theta.shape", [2**52, 2**52], "state_damaged"),
        ("arrays.theta.data", "?", "state_damaged"),
        ("arrays.theta.data", "é", "state_damaged"),
        ("points.test.data", base64.b64encode(b"\7" * 47).decode(), "state_damaged"),
        ("points.x", array([[np.inf, 0.0]], "<f8", "float64"), "state_damaged"),
        ("points.t", array(np.zeros(5001), "<f8", "float64"), "state_damaged"),
        ("position", 10**6, "state_does_not_fit"),
        ("step", -1, "invalid"),
        ("step", 1e300, "invalid"),
        ("step", True, "invalid"),
        ("arrays.theta.dtype", "object", "invalid"),
        ("arrays.theta.shape", [37] * 40, "invalid"),
        ("settings.layers", [{"units": 10**9}], "invalid"),
        ("settings.layers", [{"units": 8}] * 9, "invalid"),
        ("settings.data.samples", 10**12, "invalid"),
        ("settings.batch_size", float("nan"), "invalid"),
        ("settings.features", ["__import__('os').system('true')"], "formula_part"),
        ("settings.evil", 1, "invalid"),
        ("evil", 1, "invalid"),
    ],
)
def test_a_state_that_was_edited_is_refused_with_the_remedy(path, value, key):
    assert refusal(changed(path, value)).key == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"format": "deltaprop playground", "version": ' + "9" * 100_000 + "}",
        "x" * 1_000_000,
        "\0\ud800",
        "http://127.0.0.1:8765/#",
        base64.urlsafe_b64encode(zlib.compress(b"[]")).decode(),
    ],
)
def test_what_is_no_state_is_refused(text):
    refusal(text)


def test_a_link_that_was_cut_off_is_refused():
    link = share.to_link(run_of("three classes"))
    for length in range(0, len(link), 97):
        assert refusal(link[:length]).key == "state_unreadable"


def test_a_link_that_would_unpack_to_too_much_is_refused_with_little_memory():
    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 20_000_000, 9)).decode()
    assert len(bomb) < share.LONGEST_LINK
    tracemalloc.start()
    try:
        assert refusal(bomb).key == "state_unreadable"
        assert tracemalloc.get_traced_memory()[1] < 4 * MAX_TEXT
    finally:
        tracemalloc.stop()


def test_a_link_that_would_be_too_long_is_refused_with_json_as_the_remedy():
    layers = [{"units": 16}] * 8
    run = Run.start(Settings.model_validate({"layers": layers}))
    run.advance(1)
    with pytest.raises(Complaint, match="JSON instead") as raised:
        share.to_link(run)
    assert "JSON" in raised.value.text("zh")
    assert same(share.read(share.to_json(run)), run)


SAVED = json.loads(share.to_json(edited()))
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just([]), st.just({})
)


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_change_of_the_json_is_opened_or_refused(data):
    saved = deepcopy(SAVED)
    for _ in range(data.draw(st.integers(1, 2))):
        place: dict | list = saved
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if isinstance(place[key], (dict, list)) and place[key] and data.draw(st.integers(0, 3)):
                place = place[key]
                continue
            place[key] = data.draw(LEAVES)
            break
    text = json.dumps(saved)
    try:
        run = share.read(text)
    except InputError:
        refusal(text)
    else:
        run.advance(3)
        assert run.network.theta.size < 10_000


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_damage_of_the_text_is_opened_or_refused(data):
    text = data.draw(
        st.sampled_from([share.to_json(run_of("three classes")), share.to_link(run_of("adamw"))])
    )
    at = data.draw(st.integers(0, len(text)))
    text = text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 5)) :]
    try:
        share.read(text)
    except InputError:
        refusal(text)


# -- in the session ----


def test_the_session_saves_and_opens():
    session = Session(edited())
    replies = {form: HANDLERS["save"](session, Save(form=form))[0] for form in NAMES}
    other = Session()
    for form in ("json", "link"):
        HANDLERS["open"](other, Open(text=replies[form].text))
        assert same(other.runs[0], session.runs[0])
    HANDLERS["undo"](other, Undo(kind="undo"))
    HANDLERS["undo"](other, Undo(kind="undo"))
    assert same(other.runs[0], Session().runs[0])
    assert replies["json"].name.endswith(".json")
    assert replies["numpy"].name.endswith(".py")
    with pytest.raises(Complaint):
        HANDLERS["open"](other, Open(text="nothing"))
    assert same(other.runs[0], Session().runs[0])


def test_a_new_session_begins_with_the_state_that_the_page_kept():
    run = of_table()
    session = Session()
    HANDLERS["hello"](session, Hello(session="gone", state=share.to_json(run)))
    assert same(session.runs[0], run)
    assert session.table.name == "animals.csv"
    HANDLERS["hello"](session, Hello(session=session.name, state=share.to_json(edited())))
    assert same(session.runs[0], run)


def test_the_history_is_a_table_of_what_was_recorded():
    run = run_of("in order")
    rows = list(csv.DictReader(io.StringIO(save(run, "history").text)))
    recorded = run.records.table()
    assert [int(row["step"]) for row in rows] == recorded[:, 0].tolist()
    assert [float(row["train_loss"]) for row in rows] == recorded[:, 2].tolist()
    assert len(rows[0]) == recorded.shape[1]
    assert rows[0]["gradient_norm_1"] == ""
