"""Parts are disjoint, covering, in proportion, and a function of the seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

from deltaprop.data import Dataset, load, split, split_rows, subset
from deltaprop.data.part_notes import part_notes
from deltaprop.data.split import fold_parts, folds
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


@given(st.lists(st.integers(1, 9), min_size=2, max_size=6), st.integers(0, 1000))
def test_classes_too_small_for_every_part_are_trained_on(sizes, seed):
    codes = codes_of([*sizes, 20])
    parts = split_rows(len(codes), codes, 0.2, 0.2, seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(codes)))
    for code, size in enumerate(sizes):
        counts = [int((codes[part] == code).sum()) for part in parts]
        assert counts == [size, 0, 0] if size < 3 else min(counts) >= 1


def dataset(codes, **more):
    columns = np.arange(2.0 * len(codes)).reshape(-1, 2)
    return Dataset("d", columns, np.asarray(codes), "classification", **more)


@given(st.lists(st.integers(2, 12), min_size=2, max_size=5), st.integers(2, 4), st.integers(0, 100))
def test_folds_test_each_sample_once_in_proportion(sizes, count, seed):
    codes = codes_of([*sizes, 12])
    made = folds(dataset(codes), count, seed)
    assert sorted(np.concatenate([fold.test for fold in made]).tolist()) == list(range(len(codes)))
    for fold in made:
        assert sorted([*fold.train, *fold.test]) == list(range(len(codes)))
        assert set(codes[fold.train]) == set(codes)
    counts = np.array([np.bincount(codes[fold.test], minlength=len(sizes) + 1) for fold in made])
    assert (np.ptp(counts, axis=0) <= 1).all()
    assert np.ptp(counts.sum(axis=1)) <= 1
    if min(sizes) >= count:  # scikit-learn warns of smaller classes
        theirs = [np.bincount(codes[test]) for _, test in StratifiedKFold(count).split(codes, codes)]
        np.testing.assert_array_equal(np.sort(counts, axis=0), np.sort(theirs, axis=0))


def test_a_class_of_one_sample_is_never_tested():
    made = folds(dataset([0] * 10 + [1]), 5)
    assert all(10 in fold.train for fold in made)


def test_folds_depend_on_the_seed_and_need_enough_samples():
    data = dataset([0, 1] * 20)
    assert not np.array_equal(folds(data, 2, seed=0)[0].test, folds(data, 2, seed=1)[0].test)
    for count, message in ((1, "^d: folds is 1"), (41, "^d: x has 40 samples of classes with two or more")):
        with pytest.raises(InputError, match=message):
            folds(data, count)


def test_parts_of_folds_depend_on_the_seed():
    data = dataset([0, 1] * 20)
    of = {}
    for seed in (0, 1):
        parts = list(fold_parts(data, 2, 0.25, seed))
        assert [part.test.rows.tolist() for part in parts] == [
            fold.test.tolist() for fold in folds(data, 2, seed)
        ]
        of[seed] = parts[0].validation.rows.tolist()
    assert of[0] != of[1]


def test_notes_say_what_the_parts_share_and_lack():
    import pandas as pd

    from deltaprop.data.columns import Column

    frame = pd.DataFrame({"a": [1.0, 2, 3, 4, 1, 2], "b": ["x", None, "y", "y", "x", None]})
    columns = (Column("a", "number"), Column("b", "category"))
    data = Dataset("d", frame, np.array([0, 0, 0, 0, 1, 0]), "classification", columns=columns)
    parts = {"train": data.take([0, 1, 2]), "validation": data.take([3]), "test": data.take([4, 5])}
    said = part_notes(data, parts, tuple(parts))
    assert said[0] == "class '1' not in the training part: the network cannot learn it"
    assert said[1].startswith(
        "2 of 2 test rows have the inputs of a training row: leave repeated rows out (--unique)"
    )
    assert len(said) == 2
    twice = {"train": data.take([0, 4, 0, 2]), "test": data.take([4, 3])}
    assert "1 of 2 test rows have the inputs of a training row" in part_notes(data, twice, tuple(twice))[-1]
    other = {"train": data.take([1, 2, 4]), "test": data.take([0, 3])}  # of the same inputs, but of class 0
    assert part_notes(data, other, tuple(other))[-1] == (
        "1 of 2 test rows have the inputs of a training row, and another target: "
        "name what such rows share (--group COLUMN)"
    )
    lonely = data.take([4, 1, 2])
    said = part_notes(data, {"train": lonely, "test": data.take([3])}, ("train", "test"))
    assert said == ["class '1' in the training part alone: too few samples for every part"]


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
            {"n": 5, "codes": np.array([0, 0, 1, 1, 2])},
            r"^split: no class has more than 2 samples, expected at least 3, one for each part",
        ),
        ({"n": 3, "time": np.zeros(3), "groups": np.zeros(3)}, "^split: time is given with group"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(InputError, match=message):
        split_rows(**arguments)
