"""Bounds declared with the fields of a dataclass, in the forms that annotations take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from deltaprop.bounds import Bounded, Count, NonNegative
from deltaprop.errors import InputError

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True)
class Postponed(Bounded):
    alpha: NonNegative = 1.0
    count: Count | None = None


@dataclass(frozen=True)
class Unresolvable(Bounded):
    exact: Decimal | None = None
    alpha: NonNegative = 1.0


def test_postponed_annotations_are_bounds_too():
    assert Postponed(alpha=0).alpha == 0
    with pytest.raises(InputError, match=r"^Postponed: alpha is -5, expected a number in \[0, inf\)"):
        Postponed(alpha=-5)


def test_annotations_that_only_a_type_checker_resolves_bound_nothing():
    assert Unresolvable(alpha=-5).alpha == -5
