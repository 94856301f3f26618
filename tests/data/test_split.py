"""Parts are disjoint, covering, in proportion, and a function of the seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaprop.data import Dataset, load, split, split_rows, subset
from deltaprop.errors import InputError

fractions = st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.3, 0.45])
class_sizes = st.lists(st.integers(3, 60), min_size=2, max_size=5)


def codes_of(sizes, seed=0):
    codes = np.repeat(np.arange(len(sizes)), sizes)
    return np.random.default_rng(seed).permutation(codes)


@given(class_sizes, fractions, fractions, st.integers(0, 2**70))
def test_stratified_parts(sizes, validation, test, seed):
    codes = codes_of(sizes)
    parts = split_rows(len(codes), codes, validation, test, seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(codes)))
    assert all((np.diff(part) > 0).all() for part in parts)
    for part, fraction in ((parts.validation, validation), (parts.test, test)):
        counts = np.bincount(codes[part], minlength=len(sizes))
        if fraction == 0.0:
            assert not counts.any()
        else:
            assert (counts >= 1).all()
            assert (np.abs(counts - fraction * np.array(sizes)) <= 1.0).all()
    assert set(codes[parts.train]) == set(range(len(sizes)))
    again = split_rows(len(codes), codes, validation, test, seed)
    assert all(np.array_equal(a, b) for a, b in zip(parts, again, strict=True))


@given(st.integers(3, 200), fractions, fractions, st.integers(0, 1000))
def test_parts_without_classes(n, validation, test, seed):
    parts = split_rows(n, None, validation, test, seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(n))
    for part, fraction in ((parts.validation, validation), (parts.test, test)):
        assert len(part) == (max(1, round(fraction * n)) if fraction else 0)


@given(class_sizes, st.integers(0, 1000))
def test_the_test_part_does_not_depend_on_the_validation_fraction(sizes, seed):
    codes = codes_of(sizes)
    one = split_rows(len(codes), codes, 0.1, 0.2, seed)
    other = split_rows(len(codes), codes, 0.3, 0.2, seed)
    np.testing.assert_array_equal(one.test, other.test)


def test_seeds_differ_and_are_no_other_stream_of_the_seed():
    one, other = split_rows(100, seed=0), split_rows(100, seed=1)
    assert not np.array_equal(one.test, other.test)
    from deltaprop.seeds import STREAMS, stream

    for name in STREAMS:
        drawn = np.sort(np.random.default_rng(stream(0, name)).permutation(100)[:15])
        assert not np.array_equal(drawn, one.test)


def test_every_class_is_in_every_part_however_rare():
    codes = np.array([0] * 997 + [1] * 3)
    for part in split_rows(1000, codes, 0.1, 0.1):
        assert np.count_nonzero(codes[part] == 1) == 1


def test_split_of_a_data_set():
    parts = split(load("wine"), validation=0.0, test=0.25, seed=5)
    assert parts.validation is None
    assert len(parts.train) + len(parts.test) == 178
    assert parts.train.classes == parts.test.classes
    regression = split(load("diabetes"))
    assert [len(part) for part in regression] == [310, 66, 66]


def test_a_fixed_test_part_stays():
    data = load("iris")
    data = Dataset("fixed", data.x, data.t, "classification", x_test=data.x[:7], t_test=data.t[:7])
    parts = split(data, validation=0.2, test=0.5)
    assert [len(part) for part in parts] == [120, 30, 7]
    np.testing.assert_array_equal(parts.test.x, data.x_test)


@given(class_sizes, st.integers(0, 1000), st.data())
def test_subsets_are_in_proportion(sizes, seed, data):
    codes = codes_of(sizes)
    samples = data.draw(st.integers(1, len(codes)))
    whole = Dataset("d", np.arange(len(codes))[:, None], codes, "classification")
    part = subset(whole, samples, seed)
    assert len(part) == len(np.unique(part.x)) == samples
    np.testing.assert_array_equal(codes[part.x[:, 0]], part.t)
    counts = np.bincount(part.t, minlength=len(sizes))
    assert (np.abs(counts - samples * np.array(sizes) / len(codes)) <= len(sizes)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 10, "validation": 1.0}, r"^split: validation is 1.0, expected a number in \[0.0, 1.0\)"),
        ({"n": 10, "test": -0.1}, "^split: test is -0.1"),
        (
            {"n": 10, "validation": 0.5, "test": 0.5},
            r"fraction is 1, expected less than 1; leave samples to train",
        ),
        ({"n": 10, "seed": 1.5}, "^split: seed is 1.5"),
        ({"n": 2}, "^split: x has 2 samples, expected at least 3, one for each part"),
        ({"n": 0, "validation": 0.0, "test": 0.0}, "^split: x has 0 samples"),
        (
            {"n": 5, "codes": np.array([0, 0, 0, 1, 1]), "classes": ("no", "yes")},
            r"^split: class 'yes' has 2 samples, expected at least 3, one for each part",
        ),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(InputError, match=message):
        split_rows(**arguments)
