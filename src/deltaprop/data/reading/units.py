"""Currencies and units around numbers: CHF 1'234.50, 112,3 m², 5 %."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..columns import Series

SIGNS = "€$£¥₹₩₽%‰"
#: Currencies in letters.
LETTERS = (
    *(
        "AUD",
        "BRL",
        "CAD",
        "CHF",
        "CNY",
        "CZK",
        "DKK",
        "EUR",
        "GBP",
        "HKD",
        "HUF",
        "INR",
        "JPY",
        "KRW",
        "MXN",
    ),
    *(
        "NOK",
        "NZD",
        "PLN",
        "RMB",
        "RUB",
        "SEK",
        "SGD",
        "TRY",
        "TWD",
        "USD",
        "ZAR",
        "SFr.",
        "Fr.",
        "Rs.",
        "kr",
    ),
    *("kr.", "zł", "R$", "US$", "A$", "C$", "元", "円"),
)
LONGEST = 60  # characters of a number with its unit
MANY, SHARE = 20, 0.2  # different numbers; of all entries those that differ, or are fractions

_CURRENCY = "|".join(re.escape(name) for name in sorted((*LETTERS, *SIGNS), key=len, reverse=True))
_SPACES = " \u00a0\u202f\u2009"
_NUMBER = rf"[0-9.,](?:[0-9.,'’{_SPACES}]*[0-9.,])?(?:[eE][+-]?[0-9]+)?"
_WORD = r"(?:[^\W\d_]|[°′″])[^\s\d]{0,10}[23]?"  # m², m2, km/h, °C
_MEASURE = re.compile(
    rf"([+-]?)\s*(?P<before>{_CURRENCY})?\s*([+-]?)\s*({_NUMBER})(?P<gap>\s*)(?P<after>{_CURRENCY}|{_WORD})?"
)
_NEGATIVE = re.compile(
    r"\(([^()]*[0-9][^()]*)\)|([0-9.,'’ ]*[0-9])\s?-"
)  # as in accounts, and as SAP writes it
_PLAIN = re.compile(r"[+-]?[0-9.,]*")


class Unit(NamedTuple):
    """What stands before and after a number, and whether a blank or a sign other than a letter parts them."""

    before: str = ""
    after: str = ""
    apart: bool = False

    def __str__(self) -> str:
        return " … ".join(filter(None, (self.before, self.after)))

    @property
    def is_currency(self) -> bool:
        """Whether it is a currency, percent, or nothing."""
        return not self.after or self.after in SIGNS or self.after in LETTERS


class Measure(NamedTuple):
    """A number as it is written, and its unit."""

    number: str
    unit: Unit = Unit()


def split(field: str) -> Measure:
    """A field as a number and its unit: a currency before it or after it, or a word after it.

    >>> split("CHF -5.50").number, str(split("CHF -5.50").unit), split("-1 120,3 m²").number
    ('-5.50', 'CHF', '-1 120,3')
    >>> [split(code).number for code in ("A 12", "12-5", "5 rooms, new")]
    ['A 12', '12-5', '5 rooms, new']
    """
    stripped = field.strip()
    if len(stripped) <= LONGEST and (negative := _NEGATIVE.fullmatch(stripped := stripped.replace("−", "-"))):
        stripped = f"-{negative[1] or negative[2]}"
    if len(stripped) > LONGEST or _PLAIN.fullmatch(stripped):
        return Measure(stripped)
    if not (found := _MEASURE.fullmatch(stripped)) or (found[1] and found[3]):
        return Measure(stripped)
    after = found["after"] or ""
    apart = bool(found["gap"]) or not after[:1].isalpha()
    return Measure(found[1] + found[3] + found[4], Unit(found["before"] or "", after, apart))


def signed(texts: Series) -> Series:
    """Texts with a minus sign in front in place of −5, 5- and (5); not if all are labels such as (1).

    >>> import pandas as pd
    >>> signed(pd.Series(["−5", "5-", "(5 €)", "5"])).tolist()
    ['-5', '-5', '-5 €', '5']
    """
    texts = texts.str.replace("−", "-", regex=False)
    marked = texts.str.startswith("(").any() or texts.str.endswith("-").any()
    if not marked or texts.str.fullmatch(r"\([0-9]+\)").all():
        return texts
    return texts.str.replace(
        rf"^(?:{_NEGATIVE.pattern})$", lambda match: f"-{match[1] or match[2]}", regex=True
    )


def without(texts: Series, unit: Unit) -> Series:
    """The numbers in a column of texts with this unit; None where one has another, or none."""
    pattern = rf"([+-]?)\s*{re.escape(unit.before)}\s*([+-]?)\s*([0-9.,].*?)\s*{re.escape(unit.after)}"
    fit = texts.where(texts.str.fullmatch(pattern).fillna(False).astype(bool))
    bare = fit.str.removesuffix(unit.after).str.replace(unit.before, "", n=1, regex=False).str.strip()
    return bare.str.replace("- ", "-", regex=False).str.replace("+ ", "+", regex=False)


def is_believable(unit: Unit, numbers: Series) -> bool:
    """Whether numbers with the same word after each are quantities, not codes: many differ, or have fractions.

    A letter that follows immediately, as in 12A, takes fractions.
    """
    if unit.is_currency:
        return True
    numbers = numbers.dropna()
    if (numbers % 1.0 != 0.0).mean() >= SHARE:
        return True
    return (unit.apart or len(unit.after) > 1) and numbers.nunique() >= min(MANY, SHARE * len(numbers))
