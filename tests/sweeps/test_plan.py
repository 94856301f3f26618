"""`sweep`: what becomes of the trials, in one process or several, interrupted or not."""

import json
import os

import numpy as np
import pytest
from joblib import parallel_config, register_parallel_backend
from joblib.parallel import ThreadingBackend
from sklearn.datasets import load_iris
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from swept import SPACE, loss, misbehave, threads

from deltaprop import MLPClassifier
from deltaprop.errors import InputError
from deltaprop.sweeps import sweep


class Recorder:
    """The same loss after each of three epochs; counts the calls in a file, and fails after some of them."""

    def __init__(self, folder, fails_after=10**6):
        self.calls, self.limit = folder / "calls", folder / "limit"
        self.limit.write_text(str(fails_after))  # no attribute, which would make it another function

    def __call__(self, settings):
        made = self.calls.read_text().splitlines() if self.calls.exists() else []
        if len(made) >= int(self.limit.read_text()):
            raise KeyboardInterrupt
        self.calls.write_text("\n".join([*made, json.dumps(settings)]))
        return {"loss": [1.0, 0.5, loss(settings)], "other": settings["rate"]}


def test_a_row_for_each_combination_and_seed():
    found = sweep(loss, SPACE, seeds=[5, 7], metric="loss", settings={"fixed": 1})
    table = found.table()
    assert table["seed"].tolist() == [5, 7] * 6
    assert table["rate"].tolist() == [0.1] * 4 + [0.2] * 4 + [0.4] * 4
    expected = [loss({"rate": r, "init": i, "seed": s}) for r, i, s in table[["rate", "init", "seed"]].values]
    assert table["loss"].tolist() == expected
    assert found.best["rate"] == 0.2
    assert "message" in table


def test_the_result_does_not_depend_on_the_number_of_jobs():
    alone = sweep(loss, SPACE, seeds=4, metric="loss")
    assert sweep(loss, SPACE, seeds=4, metric="loss", jobs=2).table().equals(alone.table())


class ListsOnly(ThreadingBackend):
    """A backend that returns its results together, as Ray's."""

    supports_return_generator = False


def test_a_backend_that_returns_lists_only(tmp_path):
    register_parallel_backend("lists", ListsOnly)
    with parallel_config(backend="lists", n_jobs=4):
        found = sweep(loss, SPACE, seeds=3, metric="loss", log=tmp_path / "trials.jsonl")
    assert found.table().equals(sweep(loss, SPACE, seeds=3, metric="loss").table())


@pytest.mark.parametrize("after", [0, 7, 17])
def test_an_interrupted_sweep_goes_on_without_repeating(tmp_path, after):
    log = tmp_path / "trials.jsonl"
    arguments = {"space": SPACE, "metric": "loss"}
    with pytest.raises(KeyboardInterrupt):
        sweep(Recorder(tmp_path, fails_after=after), log=log, **arguments)
    log.write_bytes(log.read_bytes() + b'{"combination": 2, "seed": 0, "sta')
    found = sweep(Recorder(tmp_path), log=log, **arguments)
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == len(set(calls)) == 18
    whole = tmp_path / "whole"
    whole.mkdir()
    assert found.table().equals(sweep(Recorder(whole), **arguments).table())
    assert [t.curve for t in found.trials] == [[1.0, 0.5, t.metrics["loss"]] for t in found.trials]
    sweep(Recorder(tmp_path, fails_after=0), log=log, **arguments)  # nothing is left to do


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"space": {"rate": [0.1]}}, "with other space, expected"),
        ({"seeds": 2}, "with other seeds"),
        ({"settings": {"fixed": 2}}, "with other settings"),
        ({"metric": "other"}, "with other metric, curve"),
    ],
)
def test_the_log_of_another_sweep_is_refused(tmp_path, changed, said):
    arguments = {"space": SPACE, "seeds": 1, "metric": "loss", "settings": {"fixed": 1}}
    log = tmp_path / "trials.jsonl"
    sweep(Recorder(tmp_path), log=log, **arguments)
    before = log.read_bytes()
    with pytest.raises(InputError, match=said):
        sweep(Recorder(tmp_path), log=log, **arguments | changed)
    assert log.read_bytes() == before


def test_a_trial_that_fails_or_diverges_is_a_row():
    ways = ["raises", "nan", "infinite", "diverges", "text", "nothing", "another", "fine"]
    found = sweep(misbehave, {"how": ways}, seeds=1, metric="loss")
    rows = found.table().set_index("how")[["status", "message"]].to_dict("index")
    assert {how: row["status"] for how, row in rows.items()} == {
        **dict.fromkeys(ways, "failed"),
        "diverges": "diverged",
        "fine": "completed",
    }
    assert rows["raises"]["message"] == "RuntimeError: no convergence"
    assert rows["nan"]["message"] == "loss is nan"
    assert rows["diverges"]["message"] == "in epoch 2"
    assert rows["another"]["message"] == "has no loss, but score"
    assert found.best == {"how": "fine"}
    assert "8 trials of 8 combinations: 6 failed, 1 diverged, 1 completed" in str(found)
    found.figure()


def test_where_all_fail_that_is_what_is_said():
    found = sweep(misbehave, {"how": ["raises", "nan"]}, seeds=2, metric="loss")
    assert "No trial has ended with a number. The first: RuntimeError: no convergence" in str(found)
    found.figure()


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_process_that_dies_ends_only_its_own_trial():
    found = sweep(misbehave, {"how": ["fine", "dies", "ok", "raises"]}, seeds=1, metric="loss", jobs=2)
    assert [t.status for t in found.trials] == ["completed", "failed", "completed", "failed"]
    assert found.trials[1].message == "its process died: killed, or out of memory"


def test_each_trial_has_one_thread_of_the_numerical_libraries():
    np.ones((2, 2)) @ np.ones((2, 2))
    assert sweep(threads, {"x": [0, 1]}, seeds=1, metric="threads", jobs=2).table()["threads"].tolist() == [
        1,
        1,
    ]


def test_an_estimator_is_judged_on_what_it_has_not_seen():
    x, y = load_iris(return_X_y=True)
    estimator = MLPClassifier(hidden_layer_sizes=(4,), max_iter=10)
    found = sweep(estimator, {"learning_rate_init": [0.001, 0.05]}, data=(x, y), seeds=2)
    parts = train_test_split(x, y, test_size=0.25, random_state=1, stratify=y)
    with pytest.warns(match="Maximum iterations"):
        fitted = estimator.set_params(learning_rate_init=0.05, random_state=1).fit(parts[0], parts[2])
    trial = found.trials[3]
    assert trial.metrics["score"] == fitted.score(parts[1], parts[3])
    assert trial.curve == list(fitted.loss_curve_)
    assert found.figure().axes[0].get_ylabel() == "train loss"
    regression = sweep(Ridge(), {"alpha": [0.1, 100.0]}, data=(x, y), seeds=3)
    assert regression.best == {"alpha": 0.1}
    assert regression.figure().axes[0].get_ylabel() == "score, ± standard error"  # it has no curves


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"function": 3}, "function is 3"),
        ({"function": Ridge()}, "data is missing for the estimator"),
        ({"data": (0, 1)}, "data is given with a function"),
        (
            {"function": Ridge(), "data": (0, 1), "space": {"alpa": [1]}},
            "alpa is unknown, expected a parameter",
        ),
        ({"settings": {"rate": 1}}, "rate is in settings and space"),
        ({"space": {"seed": [1]}}, "seed is among the settings"),
        ({"seeds": 0}, "seeds is 0"),
        ({"seeds": []}, r"seeds is \[\]"),
        ({"seeds": [1, 1]}, r"seeds is \[1, 1\]"),
        ({"seeds": "3"}, "seeds is '3'"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_what_is_refused(arguments, said):
    with pytest.raises(InputError, match=f"^sweep: {said}"):
        sweep(**{"function": loss, "space": SPACE} | arguments)
