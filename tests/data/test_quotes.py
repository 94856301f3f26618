"""A quote that is not closed is refused, with the line where it is opened; fields over several lines are read."""

import pytest

from deltaprop.data import load
from deltaprop.errors import InputError

HEAD = "a,b,y\n"
ROWS = [f"{i % 9},x{i % 4},{'AB'[i % 2]}" for i in range(40)]


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({i: f'{i % 9},"{i % 4} pipe,{"AB"[i % 2]}' for i in range(40)}, 2),
        ({20: '2,"5 pipe,A'}, 22),  # to the end of the file
        ({20: '2,"5 pipe,A', 30: '3,"a, b",A'}, 22),  # the next opening quote closes it
        ({20: '2,"5 pipe,A', 30: '3,5",A'}, 22),  # all rows between are one field
    ],
)
def test_an_open_quote_is_refused(changed, line, tmp_path):
    path = tmp_path / "pipes.csv"
    path.write_text(HEAD + "\n".join(changed.get(i, row) for i, row in enumerate(ROWS)) + "\n")
    with pytest.raises(InputError, match=f"^pipes.csv: line {line} .*quote"):
        load(path, target="y")


def test_fields_over_several_lines_are_read(tmp_path):
    path = tmp_path / "addresses.csv"
    rows = [
        f'{i % 7},"Street {i % 3}, left\nTown {i % 2}, {i % 2}\nEarth, all",{"AB"[i % 2]}' for i in range(12)
    ]
    path.write_text(HEAD + "\n".join([*rows, '3,5" pipe,A']) + "\n")
    data = load(path, target="y")
    assert data.x["b"].tolist() == [row.split('"')[1] for row in rows] + ['5" pipe']
