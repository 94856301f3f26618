"""Files of the kinds that people have: what is recognised, what is said, and every entry."""

import numpy as np
import pandas as pd
import pytest
import table_files

from deltaprop.data import load


@pytest.mark.parametrize("file", table_files.FILES, ids=str)
def test_a_file_is_read_as_it_was_written(file, tmp_path):
    path = tmp_path / file.name
    written = file.write(path)
    data = load(path, target=file.target, **file.options)

    assert {name: data.recognized.get(name) for name in file.recognized} == dict(file.recognized)
    assert data.task == file.task
    targets = [file.target] if isinstance(file.target, str) else list(file.target)
    assert data.target_names == tuple(file.names.get(name, name) for name in targets)
    inputs = [name for name in written.columns if name not in {*targets, *file.out}]
    assert data.feature_names == tuple(inputs)
    assert set(file.out) <= {
        *data.recognized.get("drop", ()),
        file.options.get("time"),
        file.options.get("group"),
    }
    assert len(data) == len(written)
    assert data.x.index.tolist() == written.index.tolist()
    truth = written[targets].to_numpy()
    assert np.array_equal(data.t, truth if len(targets) > 1 else truth[:, 0])
    for name in inputs:
        check_entries(data.x[name], written[name])

    for option, kept in (("time", data.time), ("group", data.groups)):
        if option in file.options:
            assert np.array_equal(kept, written[file.options[option]].to_numpy())
    assert data.notes == file.notes


def check_entries(read: pd.Series, written: pd.Series) -> None:
    """Every entry of a column is what was written."""
    if written.dtype.kind == "M":
        assert read.dt.tz_localize(None).tolist() == written.tolist()
    elif written.dtype.kind in "iuf":
        np.testing.assert_array_equal(read.to_numpy(), written.to_numpy(np.float64))
    else:
        assert read.tolist() == written.astype(object).where(written.notna(), None).tolist()


def test_what_was_asked_for_is_not_said(tmp_path):
    table_files.german_excel(tmp_path / "wein.csv")
    data = load(tmp_path / "wein.csv", "Rebsorte", thousands=".", encoding="cp1252")
    assert data.recognized["decimal"] == ","
    assert not any("decimal" in note or "cp1252" in note for note in data.notes)
