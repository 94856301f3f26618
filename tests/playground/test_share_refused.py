"""Texts that are no saved state, or a damaged one, are refused in one line."""

import base64
import json
import tracemalloc
import zlib
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from playground.programs import run_of
from playground.states import edited, refusal, same

from deltaprop import InputError
from deltaprop.playground import share
from deltaprop.playground.complaints import Complaint
from deltaprop.playground.messages import MAX_TEXT
from deltaprop.playground.run import Run
from deltaprop.playground.settings import Settings


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
