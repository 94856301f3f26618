"""Columns of a table that are of no use as inputs: identifiers, texts that hardly repeat, single values.

What they would teach a network, the number of a row or the name of a person, does not recur in other rows. They are
left out, named, and used all the same on request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NoReturn

import numpy as np

from ..errors import InputError, short
from .columns import Column, Series, read_texts

FEW = 20  # entries that can differ by chance
DISTINCT = 0.9  # share of distinct texts, from which on they are taken for names, codes, addresses
MOSTLY_DISTINCT = 0.5  # the same for long texts,
WORDS, LENGTH = 4.0, 30.0  # which have on average so many words, or so many characters
FEW_GROUPS = 10  # values of an identifier that repeats; fewer may be answers, such as 0 and 1 of a case
SAMPLE = 1000  # texts that are looked at for their length

#: Why columns are left out: said of one, of several; and the option that uses them all the same.
REASONS = {
    "empty": ("has no value", "have no value", "--keep"),
    "constant": ("has a single value", "have a single value each", "--keep"),
    "rounded": (
        "has a single value once rounded to 53 bits",
        "have a single value each once rounded",
        "--keep",
    ),
    "row number": ("numbers the rows", "number the rows", "--keep"),
    "identifier": ("identifies the rows", "identify the rows", "--keep"),
    "distinct text": ("has texts that hardly repeat", "have texts that hardly repeat", "--category"),
    "long text": ("holds long texts", "hold long texts", "--category"),
}

_IDENTIFIER = re.compile(
    r"id .*|unnamed \d+|(.* )?(id|key|nr|no|uuid|guid)|[pu]id|(row )?(index|idx)|.*(nummer|号)"
    r"|case|individual|obs|observation|participant|patient|person|respondent|student|subject"
    r"|(.* )?(account|case|client|customer|doc|employee|invoice|item|member|order|passenger|patient|person|product"
    r"|record|row|sample|serial|student|subject|transaction|user) ?(code|id|key|nr|no|number)"
)
_NINES = re.compile(r"-?99+|-9")
_QUANTITY = re.compile(r"[tx]|(.* )?(age|day|depth|distance|dose|hour|month|time|week|year)s?|day of .*")


def why_unused(column: Column, values: Series) -> str | None:
    """The key among `REASONS` for which an input column is left out; None if it is used.

    - row number: integers 0, 1, 2, … or 1, 2, 3, … in the order of the rows, at least three; not in a column named x,
      t, time, age, day, year or the like: rows can be in the order of what was measured.
    - identifier: whole numbers or codes of which at least 90% are distinct, in a column named id, key, nr, no, uuid,
      guid (or ``customer_id``, ``orderNr``, ``id 2`` and the like), index or idx, or in one without a name.
    - distinct text: texts of which at least 90% are distinct.
    - long text: texts of on average at least 4 words or 30 characters, of which more than half are distinct.

    The last three need at least 20 entries: fewer may differ by chance. Other numbers are always used, distinct
    integers too: a price, a population or a year is different in each row as well; and so are booleans and dates. A
    column without any entry, or with a single value, is recognised by `load_table`.

    >>> import pandas as pd
    >>> numbers = pd.Series(range(100, 130))[::-1]
    >>> [why_unused(Column(name, "number"), numbers) for name in ("price", "Customer-ID")]
    [None, 'identifier']
    """
    if column.kind == "number":
        if counts_rows(values) and len(values) > 2:
            return None if _QUANTITY.fullmatch(_words(column.name)) else "row number"
        named = names_identifier(column.name)
        return "identifier" if named and _distinct_codes(values) >= DISTINCT else None
    return _kind_of_text(values) if column.kind == "category" else None


def counts_rows(values: Series) -> bool:
    """Whether a column holds 0, 1, 2, … or 1, 2, 3, …"""
    if values.dtype.kind not in "iu":
        return False
    array = values.to_numpy()
    return bool((np.diff(array) == 1).all() and array[0] in (0, 1))


def names_identifier(name: str) -> bool:
    """Whether a column's name is that of an identifier; case and separators do not matter.

    >>> [names_identifier(name) for name in ("ID", "orderNr", "patient.id", "userid", "humid", "bid", "price_index")]
    [True, True, True, True, False, False, False]
    """
    return _IDENTIFIER.fullmatch(_words(name)) is not None


def _words(name: str) -> str:
    """``CustomerNo`` and ``customer-no.`` as "customer no"."""
    return " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])|[\W_]+", " ", name.replace("#", " no ")).split()).casefold()


def doubt(column: Column, values: Series) -> str | None:
    """What speaks against a column of numbers that is used, for the user.

    It counts the rows, seems to hold identifiers that repeat (of stores or patients with several rows), or a number
    such as -999 for missing entries.
    """
    label, words = repr(column.name), _words(column.name)
    if column.kind != "number":
        return None
    if counts_rows(values) and len(values) > 2:
        return f"column {label} numbers the rows (if it tells nothing else: --drop {label})"
    named = _IDENTIFIER.fullmatch(words) and words not in ("no", "index")
    if named and values.nunique() >= FEW_GROUPS and _distinct_codes(values):
        ways = f"as categories: --category {label}; to keep its rows in one part: --group {label}"
        return f"column {label} is used as a number ({ways})"
    return _mark(label, values)


def _mark(label: str, values: Series) -> str | None:
    """A note on a number such as -999 that repeats, farther from all others than these are from each other."""
    if values.dtype.kind not in "iuf":
        return None
    numbers = np.sort(values.dropna().to_numpy(np.float64))
    for mark in numbers[[0, -1]] if len(numbers) else ():
        others = numbers[numbers != mark]
        count = len(numbers) - len(others)
        if not _NINES.fullmatch(f"{mark:g}") or count < 2 or len(others) < 2:
            continue
        if np.abs(others - mark).min() > others[-1] - others[0] > 0.0:
            found = f"{mark:g} in {count} of {len(values)} rows, far from all other entries"
            return f"column {label} has {found} (if it marks missing ones: --missing {mark:g})"
    return None


def _distinct_codes(values: Series) -> float:
    """The share of distinct entries; 0 where they are few, or one is negative or a fraction."""
    import pandas as pd

    present = values.dropna()
    numbers = pd.to_numeric(present, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        odd = ((numbers < 0.0) | (numbers % 1.0 > 0.0)).any()
    return 0.0 if odd or len(present) < FEW else present.nunique() / len(present)


def _kind_of_text(values: Series) -> str | None:
    present = values.dropna()
    share = present.nunique() / max(len(present), 1)
    if len(present) < FEW or share <= MOSTLY_DISTINCT:
        return None
    texts = read_texts(present.iloc[:SAMPLE])
    if np.mean([len(text.split()) for text in texts]) >= WORDS:
        return "long text"
    if share >= DISTINCT:
        return "distinct text"
    return "long text" if np.mean([len(text) for text in texts]) >= LENGTH else None


def notes(unused: Mapping[str, str]) -> list[str]:
    """For the user: a line for each reason in `unused`, the reasons by column.

    >>> notes({"id": "row number", "a": "constant", "b": "constant"})[0]
    "columns 'a', 'b' left out: they have a single value each (to use one: --keep NAME)"
    """
    lines = []
    for reason, names in _by_reason(unused).items():
        one, several, option = REASONS[reason]
        if len(names) == 1:
            lines.append(f"{listed(names)} left out: it {one} (to use it: {option} {names[0]!r})")
        else:
            lines.append(f"{listed(names)} left out: they {several} (to use one: {option} NAME)")
    return lines


def refuse_all(table: str, unused: Mapping[str, str]) -> NoReturn:
    """Refuse a table whose inputs are all left out."""
    groups = list(_by_reason(unused).items())
    found = ", ".join(f"{listed(names)} {REASONS[reason][len(names) > 1]}" for reason, names in groups)
    reason, names = groups[-1]
    remedy = f"add columns, or use one all the same: {REASONS[reason][2]} {names[0]!r}"
    raise InputError(
        f"{table}: no input is left, as {found}, expected columns that tell something; {remedy}."
    )


def _by_reason(unused: Mapping[str, str]) -> dict[str, list[str]]:
    """The columns for each reason, in the order of `REASONS`."""
    columns = {reason: [name for name, why in unused.items() if why == reason] for reason in REASONS}
    return {reason: names for reason, names in columns.items() if names}


def listed(names: list[str]) -> str:
    """The names of up to eight columns, and how many there are of more."""
    shown = ", ".join(map(short, names[:8]))
    return f"column{'s' * (len(names) > 1)} {shown}" + f", … ({len(names)} in all)" * (len(names) > 8)


def alike(texts: Iterable[str]) -> str:
    """Those of distinct texts that differ from another only in case or blanks, for the user; empty if none does.

    >>> alike(["yes", "no", "Yes ", "maybe"])
    "differ only in case or blanks: 'yes', 'Yes '"
    """
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(" ".join(text.split()).casefold(), []).append(text)
    found = [short(text) for group in groups.values() if len(group) > 1 for text in group]
    return f"differ only in case or blanks: {', '.join(found[:6])}{', …' * (len(found) > 6)}" if found else ""
