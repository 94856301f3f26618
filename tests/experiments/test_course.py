"""Every item of the course is found, and every experiment keeps the rules."""

import re
from dataclasses import replace
from functools import reduce

import numpy as np
import pandas as pd
import pytest

import deltaprop
from deltaprop.errors import InputError
from deltaprop.experiments import EXPERIMENTS, ITEMS, Less, experiment
from deltaprop.experiments.claims import BORNE_OUT, REFUTED

#: The items of the literature, as the course numbers them.
COURSE = [
    f"{section}{k}"
    for section, count in zip("ABCDE", (4, 6, 6, 9, 7), strict=True)
    for k in range(1, count + 1)
]


def test_the_items_are_those_of_the_course():
    assert list(ITEMS) == COURSE


@pytest.mark.parametrize("item", COURSE)
def test_every_item_is_reachable_by_a_public_name_or_an_experiment(item):
    for name in ITEMS[item].names:
        assert reduce(getattr, name.split("."), deltaprop) is not None
    assert ITEMS[item].names or [name for name, each in EXPERIMENTS.items() if item in each.items]


@pytest.mark.parametrize(
    "item", [item for item in COURSE if item != "B6"]
)  # exercises are posed, not measured
def test_every_item_has_an_experiment(item):
    assert [name for name, each in EXPERIMENTS.items() if item in each.items]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_says_what_it_does(name):
    each = EXPERIMENTS[name]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert each.items
    assert set(each.items) <= set(ITEMS)
    assert each.claims
    assert each.title[0].isupper()
    assert each.method.endswith(".")
    assert not each.source.endswith(".")


COMPARISONS = [
    pytest.param(claim, id=f"{name}-{k}")
    for name, each in EXPERIMENTS.items()
    for k, claim in enumerate(each.claims)
    if isinstance(claim, Less)
]


@pytest.mark.parametrize("claim", COMPARISONS)
def test_swapped_arms_turn_every_verdict_round(claim):
    by = claim.by or 1.0
    factor = 2.0 * max(by, 1.0 / by)
    small = np.array([1.0, 1.1, 0.9])
    large = small + factor if claim.difference else small * factor
    arm, other = claim._ordered(small, large)
    rows = [
        (name, seed, v)
        for name, values in ((claim.arm, arm), (claim.other, other))
        for seed, v in enumerate(values)
    ]
    table = pd.DataFrame(rows, columns=["arm", "seed", claim.measure])
    assert claim.judge(table).outcome == BORNE_OUT
    assert replace(claim, arm=claim.other, other=claim.arm).judge(table).outcome == REFUTED


def test_an_unknown_name_is_refused():
    with pytest.raises(InputError, match="expected one of"):
        experiment("nonsense")
