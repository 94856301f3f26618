import pickle

import numpy as np
import pytest

from deltaprop.errors import InputError, choose, matrix, number, short, weights


class Silent:
    def __repr__(self):
        raise RuntimeError("no name")


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10_000_000,
        b"x" * 10_000_000,
        10**400,
        -(10**5000),
        [10**5000] * 1000,
        {"a": {"b": {"c": {"d": [1] * 1000}}}},
        np.arange(24.0).reshape(2, 3, 4),
        np.full((3, 3), "x" * 1000, dtype=object),
        "two\nlines",
        Silent(),
        object,
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_value_is_shown_in_one_short_line(value):
    text = short(value)
    assert 0 < len(text) < 300
    assert len(text.splitlines()) == 1


def test_deep_nesting_is_shown():
    nested = []
    for _ in range(100_000):
        nested = [nested]
    assert short(nested) == "[[[[...]]]]"


def test_a_message_is_one_line_of_bounded_length_and_keeps_its_ends():
    error = InputError(f"data.csv: column 'a' has {'x' * 10**7}\nin row 3, expected a number; correct it.")
    assert len(str(error)) < 1100
    assert str(error).startswith("data.csv: column 'a' has xx")
    assert str(error).endswith("xx in row 3, expected a number; correct it.")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_short_values_are_shown_in_full():
    assert short("relu") == "'relu'"
    assert short((1, 2.5)) == "(1, 2.5)"


@pytest.mark.parametrize("value", [0, 1.5, 10**38, np.float32(2), np.int8(3), np.longdouble(1), 5e-324])
def test_numbers(value):
    number("A", "b", value)


@pytest.mark.parametrize("value", [1e39, 10**400, -(10**400), 10**5000, np.inf, np.nan, -np.inf], ids=short)
def test_numbers_beyond_single_precision_are_refused(value):
    bounds = r"\(-inf, inf\)" if value != value else r"\[-3\.4\d+e\+38, 3\.4\d+e\+38\]"
    with pytest.raises(InputError, match=rf"^A: b is .*, expected a number in {bounds}; change b\.$"):
        number("A", "b", value)


@pytest.mark.parametrize("value", [True, np.True_, "1", None, [1], np.array([1.0, 2.0]), 1j, {}])
def test_other_things_are_no_numbers(value):
    for integer in (False, True):
        with pytest.raises(InputError, match=r"expected an? (number|integer)"):
            number("A", "b", value, integer=integer)


def test_bounds():
    number("A", "b", 0, low=0, high=1)
    number("A", "b", 2**80, low=0, integer=True)
    with pytest.raises(InputError, match=r"^A: b is 0, expected a number in \(0, 1\]; change b\.$"):
        number("A", "b", 0, low=0, high=1, open_low=True)
    with pytest.raises(InputError, match=r"^A: b is 1.0, expected a number in \[0, 1\); change b\.$"):
        number("A", "b", 1.0, low=0, high=1, open_high=True)
    with pytest.raises(InputError, match=r"^A: b is 1e\+39, expected a number in \(0, 3\.4\d+e\+38\]"):
        number("A", "b", 1e39, low=0, open_low=True)
    with pytest.raises(InputError, match=r"^A: b is 1.0, expected an integer in \[0, inf\)"):
        number("A", "b", 1.0, low=0, integer=True)


def test_a_name_or_an_object():
    table = {"one": 1, "two": 2}
    assert choose("A", "b", "two", table, int) == 2
    assert choose("A", "b", 3, table, int) == 3
    with pytest.raises(InputError, match=r"^A: b is 'xxx.*xxx', expected one of one, two, or an? int; "):
        choose("A", "b", "x" * 10_000_000, table, int)


def test_entries_are_named_by_their_place():
    x = np.zeros((2, 3))
    x[1, 2] = np.inf
    with pytest.raises(InputError, match=r"^A: x has inf at \[1, 2\], expected finite numbers; remove"):
        matrix("A", "x", x, 3, "check it")
    assert matrix("A", "x", np.full((2, 3), 1e308), 3, "check it").shape == (2, 3)  # whose sum overflows


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1, 2], r"has shape \(2,\), expected \(3,\)"),
        ([1, -1, 1], "has negative entries"),
        ([0, 0, 0], "is zero everywhere"),
        ([1e308, 1e308, 1e308], "sums to inf"),
        ([5e-324, 0, 0], "sums to 5e-324"),
    ],
)
def test_weights_that_cannot_be_used(value, message):
    with pytest.raises(InputError, match=f"^A: sample_weight {message}"):
        weights("A", value, 3)
