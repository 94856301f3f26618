"""A function in a thread of its own, resumed step by step."""

import gc
import threading
import time
import warnings

import pytest

from deltaprop.solvers.coroutine import Coroutine


def echo(ask):
    answer = ask("ready")
    while answer != "stop":
        answer = ask(answer)
    return "done"


def test_requests_answers_and_the_result():
    coroutine = Coroutine(echo)
    assert [coroutine.resume(answer) for answer in (None, 1, 2, "stop")] == ["ready", 1, 2, None]
    assert coroutine.finished
    assert coroutine.result == "done"


def test_what_it_raises_is_raised_here():
    def fail(ask):
        ask(1)
        raise KeyError("lost")

    coroutine = Coroutine(fail)
    coroutine.resume()
    with pytest.raises(KeyError, match="lost"):
        coroutine.resume()
    assert coroutine.finished


def test_close_unwinds_it():
    left = []

    def tidy(ask):
        try:
            ask(1)
        finally:
            left.append(True)

    coroutine = Coroutine(tidy)
    coroutine.resume()
    coroutine.close()
    coroutine.close()
    assert left == [True]
    assert not any(thread.name == "deltaprop coroutine" for thread in threading.enumerate())


def test_closed_before_it_began():
    Coroutine(echo).close()


def test_its_end_is_that_of_the_object():
    before = threading.active_count()
    coroutine = Coroutine(echo)
    coroutine.resume()
    del coroutine
    gc.collect()
    until = time.monotonic() + 30
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.001)
    assert threading.active_count() == before


def test_filters_for_warnings_that_it_sets_do_not_stay():
    def quiet(ask):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ask(1)

    before = list(warnings.filters)
    coroutine = Coroutine(quiet)
    coroutine.resume()
    assert warnings.filters == before
    coroutine.resume()
    assert warnings.filters == before
    coroutine = Coroutine(quiet)
    coroutine.resume()
    coroutine.close()
    assert warnings.filters == before
