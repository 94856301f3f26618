"""Successive halving: which trials run, what a killed search keeps."""

import json
import math

import pytest

from deltaprop.errors import InputError
from deltaprop.search import Trial, successive_halving


class Recorder:
    """Scores a candidate by its number; remembers every call."""

    def __init__(self, fails_at: int | None = None):
        self.calls: list[tuple[int, int]] = []
        self.fails_at = fails_at

    def __call__(self, settings, epochs):
        if len(self.calls) == self.fails_at:
            raise KeyboardInterrupt
        self.calls.append((settings["n"], epochs))
        return -abs(settings["n"] - 10)


CANDIDATES = [{"n": n} for n in range(27)]


def test_the_best_third_goes_on_for_three_times_as_long():
    evaluate = Recorder()
    found = successive_halving(evaluate, CANDIDATES, epochs=54)
    by_epochs = {e: sorted(n for n, epochs in evaluate.calls if epochs == e) for e in (2, 6, 18, 54)}
    assert by_epochs == {2: list(range(27)), 6: list(range(6, 15)), 18: [9, 10, 11], 54: [10]}
    assert len(evaluate.calls) == 27 + 9 + 3 + 1 == len(found)
    assert (found[0].candidate, found[0].epochs) == (10, 54)


@pytest.mark.parametrize(("count", "epochs"), [(1, 5), (2, 5), (4, 1), (10, 2)])
def test_the_winner_has_the_full_number_of_epochs(count, epochs):
    found = successive_halving(Recorder(), CANDIDATES[:count], epochs)
    assert (found[0].candidate, found[0].epochs) == (count - 1, epochs)


@pytest.mark.parametrize("after", [0, 1, 26, 27, 33, 39])
def test_a_killed_search_goes_on_without_repeating(tmp_path, after):
    log = tmp_path / "search.jsonl"
    first, second = Recorder(fails_at=after), Recorder()
    with pytest.raises(KeyboardInterrupt):
        successive_halving(first, CANDIDATES, 54, log=log)
    log.write_bytes(log.read_bytes() + b'{"candidate": 3, "ep')  # a line that was cut short
    found = successive_halving(second, CANDIDATES, 54, log=log)
    whole = Recorder()
    undisturbed = successive_halving(whole, CANDIDATES, 54)
    assert sorted(first.calls + second.calls) == sorted(whole.calls)
    assert [(t.candidate, t.epochs, t.score) for t in found] == [
        (t.candidate, t.epochs, t.score) for t in undisturbed
    ]
    assert len(log.read_text().splitlines()) == 1 + len(found)


def test_a_failed_training_is_the_worst():
    found = successive_halving(lambda s, e: math.nan if s["n"] == 2 else -s["n"], CANDIDATES[:3], 3)
    assert found[0].candidate == 0
    assert found[-1] == Trial(2, 1, -math.inf, found[-1].seconds)


def test_trials_in_several_processes_are_those_of_one(tmp_path):
    def negative_distance(settings, epochs):  # not of the module, which other processes cannot import
        return -abs(settings["n"] - 4.2)

    seen = []
    found = successive_halving(negative_distance, CANDIDATES[:9], 9, jobs=2, on_trial=seen.append)
    alone = successive_halving(negative_distance, CANDIDATES[:9], 9)
    assert [(t.candidate, t.epochs, t.score) for t in found] == [
        (t.candidate, t.epochs, t.score) for t in alone
    ]
    assert sorted(seen, key=lambda t: (t.epochs, t.candidate)) == sorted(
        found, key=lambda t: (t.epochs, t.candidate)
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs is 0"),
        ({"epochs": 3, "factor": 1}, "factor is 1"),
        ({"epochs": 3, "candidates": []}, "candidates has no entry"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(InputError, match=message):
        successive_halving(Recorder(), **{"candidates": CANDIDATES[:1]} | options)


def test_the_log_of_another_search_is_refused(tmp_path):
    log = tmp_path / "search.jsonl"
    successive_halving(Recorder(), CANDIDATES[:3], 3, log=log)
    before = log.read_bytes()
    with pytest.raises(InputError, match="trials of another search, with other candidates, expected"):
        successive_halving(Recorder(), CANDIDATES[:4], 3, log=log)
    log.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no log of a search"):
        successive_halving(Recorder(), CANDIDATES[:3], 3, log=log)
    assert json.loads(before.splitlines()[0])["candidates"]


@pytest.mark.parametrize(
    "text", ["my notes", "line 1\nline 2", '{"search": "another"}\n{"candidate', "[1, 2]"]
)
def test_a_file_that_is_no_log_stays_as_it_is(tmp_path, text):
    notes = tmp_path / "notes.txt"
    notes.write_text(text)
    with pytest.raises(InputError, match=r"notes\.txt"):
        successive_halving(Recorder(), CANDIDATES[:3], 3, log=notes)
    assert notes.read_text() == text
