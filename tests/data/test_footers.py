"""Totals and remarks below a table are left out and said; rows of the table stay."""

import numpy as np
import pandas as pd
import pytest

from deltaprop.data.reading.footers import without_footer

TABLE = pd.DataFrame({"name": ["Ann", "Bob", "Cy"], "x": [1.0, 2.0, 3.0], "y": ["a", "b", "a"]})


def below(*rows):
    return pd.concat([TABLE, pd.DataFrame(rows, columns=TABLE.columns)], ignore_index=True).astype(object)


@pytest.mark.parametrize(
    ("rows", "notes"),
    [
        ([["Total", 6.0, None]], ["1 row below the table left out: 'Total'"]),
        (
            [["Summe:", 6.0, None], ["as of 2024", None, None]],
            ["2 rows below the table left out: 'Summe:', 'as of 2024'"],
        ),
        ([[None] * 3] * 2, ["2 empty rows at the end left out"]),
        ([[None] * 3, ["合计", None, None]], ["1 row below the table left out: '合计'"]),
    ],
)
def test_left_out(rows, notes):
    frame, said = without_footer(below(*rows))
    pd.testing.assert_frame_equal(frame, TABLE, check_dtype=False)
    assert said == notes


@pytest.mark.parametrize(
    ("row", "notes"),
    [
        (["Dan", None, None], []),
        (["Dan", 4.0, None], []),
        (["Total", 6.0, "a"], ["the last row looks like a total ('Total'); if it is, delete it"]),
        ([np.nan, 4.0, np.nan], []),
    ],
)
def test_kept(row, notes):
    frame, said = without_footer(below(row))
    assert len(frame) == 4
    assert said == notes
