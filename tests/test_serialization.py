"""Configuration as plain data: it comes back equal, and a file that lies is refused in one line."""

import json
import tomllib
from dataclasses import dataclass

import numpy as np
import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from deltaprop.errors import InputError
from deltaprop.functions import (
    ACTIVATIONS,
    FUNCTION_CLASSES,
    LOSSES,
    ConstantRate,
    Cosine,
    Initializer,
    LeakyReLU,
    OneCycle,
    Schedule,
    Warmup,
)
from deltaprop.serialization import from_spec, to_spec


@dataclass(frozen=True)
class Block:
    """Everything that a field may hold."""

    units: int
    init: Initializer | None = None
    bias: bool = True
    name: str = "block"
    inside: tuple["Block | LeakyReLU", ...] = ()
    betas: tuple[float, ...] = (0.9, 0.999)
    rate: float | Schedule = 0.1


CLASSES = (*FUNCTION_CLASSES, Block)
NESTED = Block(3, inside=(Block(2, rate=Cosine(0.1, 5)), LeakyReLU(0.2)), betas=(0.5,))


@pytest.mark.parametrize("obj", [*ACTIVATIONS.values(), *LOSSES.values(), NESTED, OneCycle(1.0, 9)], ids=repr)
def test_json_and_toml_bring_it_back_equal(obj):
    spec = to_spec(obj)
    assert from_spec(json.loads(json.dumps(spec)), CLASSES) == obj
    assert from_spec(tomllib.loads(tomli_w.dumps(spec)), CLASSES) == obj


def test_what_is_written():
    assert to_spec(NESTED) == {
        "type": "Block",
        "units": 3,
        "bias": True,
        "name": "block",
        "inside": [
            {
                "type": "Block",
                "units": 2,
                "bias": True,
                "name": "block",
                "inside": [],
                "betas": [0.9, 0.999],
                "rate": {"type": "Cosine", "initial": 0.1, "steps": 5, "final": 0.0},
            },
            {"type": "LeakyReLU", "alpha": 0.2},
        ],
        "betas": [0.5],
        "rate": 0.1,
    }


def test_numpy_numbers_become_plain():
    spec = to_spec(Block(np.int64(3), rate=np.float32(0.5)))
    assert type(spec["units"]) is int
    assert type(spec["rate"]) is float


def test_a_left_out_field_has_its_default():
    assert from_spec({"type": "Block", "units": 3}, CLASSES) == Block(3)


@pytest.mark.parametrize(
    "bad",
    [
        3,
        "relu",
        None,
        LeakyReLU,
        len,
        Block(3, rate=len),
        Block(3, rate=np.inf),
        Block(3, inside=(np.ones(2),)),
    ],
)
def test_what_has_no_plain_form_is_refused(bad):
    with pytest.raises(InputError, match="to_spec: "):
        to_spec(bad)


LIES = [
    (None, "spec: value is None"),
    ([], "spec: value is"),
    ("LeakyReLU", "spec: value is 'LeakyReLU'"),
    ({}, "spec: value is"),
    ({"type": 3}, "spec: value is"),
    ({"type": "system"}, "spec: type is 'system', expected one of "),
    ({"type": "os.system"}, "spec: type is 'os.system'"),
    ({"type": "__import__", "name": "os"}, "spec: type is '__import__'"),
    ({"type": "LeakyReLU", "beta": 1.0}, "LeakyReLU: field is 'beta', expected one of alpha"),
    ({"type": "ReLU", "alpha": 1.0}, "ReLU: field is 'alpha', expected no fields"),
    ({"type": "LeakyReLU", "__class__": 1.0}, "LeakyReLU: field is '__class__'"),
    ({"type": "LeakyReLU", "alpha": "0.1"}, "LeakyReLU: alpha is '0.1', expected float"),
    ({"type": "LeakyReLU", "alpha": True}, "LeakyReLU: alpha is True"),
    ({"type": "LeakyReLU", "alpha": None}, "LeakyReLU: alpha is None"),
    ({"type": "LeakyReLU", "alpha": [0.1]}, "LeakyReLU: alpha is "),
    ({"type": "LeakyReLU", "alpha": float("nan")}, "LeakyReLU: alpha is nan"),
    ({"type": "LeakyReLU", "alpha": 10**400}, "LeakyReLU: alpha is "),
    ({"type": "LeakyReLU", "alpha": -1.0}, "LeakyReLU: alpha is -1.0"),  # the class's own refusal
    ({"type": "Cosine", "initial": 0.1}, "Cosine: steps is missing"),
    (
        {"type": "Warmup", "schedule": {"type": "ReLU"}, "steps": 3},
        "Warmup: schedule is .*, expected Schedule",
    ),
    ({"type": "Warmup", "schedule": {"type": "Rare"}, "steps": 3}, "Warmup.schedule: type is 'Rare'"),
    (
        {"type": "Warmup", "schedule": {"type": "ConstantRate", "value": 1}, "steps": 3, "shape": "eval"},
        "linear or cosine",
    ),
    ({"type": "Block", "units": 3.5}, "Block: units is 3.5, expected int"),
    ({"type": "Block", "units": 3, "bias": 1}, "Block: bias is 1, expected bool"),
    ({"type": "Block", "units": 3, "name": 1}, "Block: name is 1, expected str"),
    (
        {"type": "Block", "units": 3, "init": "zeros"},
        "Block: init is 'zeros', expected Initializer or nothing",
    ),
    ({"type": "Block", "units": 3, "inside": {"type": "ReLU"}}, "Block: inside is ReLU"),
    ({"type": "Block", "units": 3, "inside": [{"type": "ReLU"}]}, r"Block: inside\[0\] is ReLU"),
    ({"type": "Block", "units": 3, "betas": [0.9, "x"]}, r"Block: betas\[1\] is 'x', expected float"),
    ({"type": "Block", "units": 3, "betas": 0.9}, "Block: betas is 0.9"),
]


@pytest.mark.parametrize(("spec", "words"), LIES)
def test_a_lying_spec_is_refused_in_one_line(spec, words):
    with pytest.raises(InputError, match=words) as caught:
        from_spec(spec, CLASSES)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_only_the_given_classes_are_constructed():
    with pytest.raises(InputError, match="type is 'LeakyReLU'"):
        from_spec(to_spec(LeakyReLU()), [ConstantRate])
    with pytest.raises(InputError, match=r"Warmup.schedule: type is 'ConstantRate'"):
        from_spec(to_spec(Warmup(ConstantRate(0.1), 3)), [Warmup])


def test_the_whole_must_be_of_the_kind_that_is_asked_for():
    spec = to_spec(Cosine(0.1, 5))
    assert from_spec(spec, CLASSES, kind=Schedule) == Cosine(0.1, 5)
    with pytest.raises(InputError, match="spec: type is 'Cosine', expected an object of Initializer"):
        from_spec(spec, CLASSES, kind=Initializer)


@pytest.mark.parametrize("depth", [60, 900])
def test_bottomless_nesting_is_refused(depth):
    spec = {"type": "ConstantRate", "value": 0.1}
    for _ in range(depth):
        spec = {"type": "Warmup", "schedule": spec, "steps": 1}
    with pytest.raises(InputError, match="nested"):
        from_spec(spec, CLASSES)


def test_an_error_within_a_class_is_an_input_error():
    @dataclass(frozen=True)
    class Picky:
        size: int

        def __post_init__(self):
            1 / self.size

    with pytest.raises(InputError, match="Picky: division by zero"):
        from_spec({"type": "Picky", "size": 0}, [Picky])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "units", "alpha"]), inner)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["type", "units", "init", "inside", "betas", "rate", "x"]), json_values)
)
def test_any_json_is_read_or_refused(spec):
    try:
        obj = from_spec({"type": "Block"} | spec, CLASSES)
    except InputError:
        return
    assert from_spec(to_spec(obj), CLASSES) == obj
