"""Parts and folds of whole groups: sizes near those asked for, every class in the training part."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import GroupKFold

from deltaprop.data import Dataset, split_rows
from deltaprop.data.split import folds
from deltaprop.errors import InputError

sizes = st.lists(st.integers(1, 9), min_size=8, max_size=40)
fractions = st.sampled_from([0.0, 0.1, 0.2, 0.3])
seeds = st.integers(0, 1000)


def groups_of(sizes, seed=0):
    return np.random.default_rng(seed).permutation(np.repeat([f"g{i}" for i in range(len(sizes))], sizes))


@given(sizes, fractions, fractions, seeds)
def test_no_group_is_in_two_parts(sizes, validation, test, seed):
    groups = groups_of(sizes)
    parts = split_rows(len(groups), None, validation, test, seed, groups=groups)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(groups)))
    names = [set(groups[part]) for part in parts]
    assert sum(map(len, names)) == len(set(groups))
    for part, fraction in ((parts.validation, validation), (parts.test, test)):
        assert bool(len(part)) == (fraction > 0)
        assert abs(len(part) - fraction * len(groups)) <= (max(sizes) / 2 if len(part) > 9 else max(sizes))
    again = split_rows(len(groups), None, validation, test, seed, groups=groups)
    assert all(np.array_equal(one, other) for one, other in zip(parts, again, strict=True))
    other = split_rows(len(groups), None, 0.0, test, seed, groups=groups)
    if validation and test:
        assert set(groups[other.test]) == names[2]


@given(sizes, st.integers(2, 4), seeds)
def test_every_class_is_trained_on(sizes, classes, seed):
    groups = groups_of(sizes)
    codes = np.random.default_rng(seed).integers(0, classes, len(groups))
    parts = split_rows(len(groups), codes, 0.0, 0.25, seed, groups=groups)
    assert set(codes[parts.train]) == set(codes)


def test_parts_are_about_stratified():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 200, 4000)
    codes = (rng.random(4000) < 0.2).astype(int)  # 800 of class 1
    parts = split_rows(4000, codes, 0.2, 0.2, groups=groups)
    for part in parts[1:]:
        np.testing.assert_allclose(np.bincount(codes[part]), [640, 160], atol=12)


@given(sizes, st.integers(2, 5), seeds)
def test_folds_are_as_equal_as_those_of_scikit_learn(sizes, count, seed):
    groups = groups_of(sizes)
    x = np.arange(len(groups))
    made = folds(Dataset("d", x[:, None], x, "regression", groups=groups), count, seed)
    assert sorted(np.concatenate([fold.test for fold in made]).tolist()) == x.tolist()
    for fold in made:
        assert not set(groups[fold.train]) & set(groups[fold.test])
        assert sorted([*fold.train, *fold.test]) == x.tolist()
    theirs = [len(test) for _, test in GroupKFold(count).split(x, groups=groups)]
    assert sorted(len(fold.test) for fold in made) == sorted(theirs)


@given(st.integers(0, 50))
def test_folds_of_groups_with_one_class_each_are_stratified(seed):
    codes = np.repeat([0, 1], [60, 30])
    groups = np.arange(90) // 5  # 12 groups of one class, 6 of the other
    made = folds(Dataset("d", groups[:, None], codes, "classification", groups=groups), 3, seed)
    assert [np.bincount(codes[fold.test]).tolist() for fold in made] == [[20, 10]] * 3


@pytest.mark.parametrize(
    ("groups", "codes", "message"),
    [
        ([0, 0, 1, 1], None, "group has 2 different values left to choose from, expected more than the 2"),
        (
            [0, 0, 1, 1, 2, 2],
            [0, 0, 1, 1, 2, 2],
            "group has 3 .* expected more than the 3 that the other parts need",
        ),
        ([0] * 6, None, "group has 1 different value left"),
    ],
)
def test_too_few_groups(groups, codes, message):
    with pytest.raises(InputError, match=f"^split: {message}"):
        split_rows(len(groups), codes, 0.2, 0.2, groups=np.array(groups))


def test_too_few_groups_for_folds():
    data = Dataset("d", np.arange(6)[:, None], np.arange(6), "regression", groups=np.arange(6) // 2)
    with pytest.raises(
        InputError, match=r"^d: group has 3 different values, expected at least 4, one for each fold"
    ):
        folds(data, 4)
