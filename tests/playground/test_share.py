"""Saved states come back to the last bit: in the page, in the library and at the command line."""

import base64
import csv
import io
import json
import subprocess
import sys

import numpy as np
import pytest
from playground.programs import CASES, TABLE, run_of
from playground.states import edited, of_table, same

from deltaprop import InputError, Network
from deltaprop.playground import load, share
from deltaprop.playground.command import run as command
from deltaprop.playground.complaints import Complaint
from deltaprop.playground.handlers import HANDLERS
from deltaprop.playground.messages import Hello, Open, Save, Undo
from deltaprop.playground.run import Run
from deltaprop.playground.saving import NAMES, save
from deltaprop.playground.session import Session
from deltaprop.playground.settings import Settings

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
    test = run.points.test
    np.testing.assert_array_equal(loaded.x, run.problem.inputs[~test])
    np.testing.assert_array_equal(loaded.t, run.problem.targets[~test])
    np.testing.assert_array_equal(loaded.x_test, run.problem.inputs[test])
    np.testing.assert_array_equal(loaded.t_test, run.problem.targets[test])
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
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(InputError, match="no saved state"):
        command(None, "127.0.0.1", False, None, str(tmp_path / "a.json"))


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


def test_a_loaded_run_takes_whole_steps_forward():
    loaded = load(share.to_json(Run.start(Settings())))
    for steps in (2.5, -1, "1"):
        with pytest.raises(InputError, match=r"^Loaded\.fit: steps is"):
            loaded.fit(steps)
    assert loaded.step == 0
