"""The table of a fit: columns, files, best epoch."""

import pickle

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaprop import History, InputError


def table(losses, column="validation_loss"):
    history = History(["epoch", "train_loss", column, "dead_1", "dead_3.1", "seconds"])
    for i, value in enumerate(losses):
        history.append(
            {
                "epoch": i + 1,
                "train_loss": 1 / (i + 1),
                column: value,
                "dead_1": 0.0,
                "dead_3.1": 0.5,
                "seconds": 0.1,
            }
        )
    return history


def test_columns_groups_and_rows():
    history = table([3.0, 2.0])
    np.testing.assert_array_equal(history["validation_loss"], [3, 2])
    np.testing.assert_array_equal(history["dead"], [[0, 0.5], [0, 0.5]])
    assert history["saturated"].shape == (2, 0)
    assert "dead_3.1" in history
    assert history.first["epoch"] == 1
    assert history.last["epoch"] == 2
    with pytest.raises(KeyError, match="no column 'loss'; it has epoch, train_loss"):
        history["loss"]
    assert history.to_pandas()["train_loss"].tolist() == [1, 0.5]


def test_an_empty_history_is_a_table_too():
    history = table([])
    assert history["train_loss"].shape == (0,)
    assert history["dead"].shape == (0, 2)
    assert history.best_epoch is None
    assert history.last == {}
    assert repr(history) == "History: 0 epochs"


@pytest.mark.parametrize(
    ("values", "column", "best"),
    [
        ([3, 1, 2], "validation_loss", 2),
        ([1, 1, 2], "validation_loss", 1),
        ([np.nan, 4, np.inf], "validation_loss", 2),
        ([np.nan, np.nan], "validation_loss", None),
        ([0.1, 0.9, 0.9], "validation_score", 2),
        ([np.nan, -np.inf, -2], "validation_score", 3),
    ],
)
def test_the_best_epoch(values, column, best):
    history = table(values, column)
    history.monitor = column
    assert history.best_epoch == best


def test_without_validation_the_training_loss_decides():
    history = History(["epoch", "train_loss"])
    for i, loss in enumerate([2.0, 1.0, 3.0]):
        history.append({"epoch": i + 1, "train_loss": loss})
    assert history.best_epoch == 2


@given(st.lists(st.floats(width=64), max_size=8))
def test_csv_keeps_every_bit(values):
    import tempfile
    from pathlib import Path

    history = table(values)
    with tempfile.TemporaryDirectory() as folder:
        history.to_csv(Path(folder, "history.csv"))
        again = History.from_csv(Path(folder, "history.csv"))
        frame = pandas.read_csv(Path(folder, "history.csv"))
    assert again.columns == history.columns
    np.testing.assert_array_equal(again.table(), history.table())
    np.testing.assert_allclose(
        frame["validation_loss"].to_numpy(float), history["validation_loss"], rtol=1e-15
    )


OTHERS = ["", "a,b\n1,2\n", "epoch,train_loss\n1\n", "epoch\nfirst\n", "\0\0"]
OTHERS += ["epoch\nnan\n", "epoch\n1e400\n", "epoch\n-inf\n", "epoch\n" + "1" * 140_000]


@pytest.mark.parametrize("text", OTHERS, ids=lambda text: repr(text[:20]))
def test_other_files_are_refused(text, tmp_path):
    (tmp_path / "history.csv").write_text(text)
    with pytest.raises(InputError, match=r"^History: path is '.*', expected a history written by to_csv"):
        History.from_csv(tmp_path / "history.csv")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        History.from_csv(tmp_path / "none.csv")


def test_the_repr_shows_first_best_and_last_epochs():
    history = table([9, 8, 7, 6, 1, 6, 7, 8, 9, 10.0])
    history.status, history.message = "completed", "All 10 epochs are done."
    lines = repr(history).splitlines()
    assert lines[0] == "History: 10 epochs, completed, best epoch 5"
    assert [line.split()[0] for line in lines[1:-1]] == [
        "epoch",
        "1",
        "2",
        "3",
        "…",
        "5",
        "…",
        "8",
        "9",
        "10",
    ]
    assert lines[-1] == "All 10 epochs are done."
    assert "dead" not in lines[1]


def test_pickling_leaves_the_state_behind():
    history = table([1.0])
    history.state = object()
    again = pickle.loads(pickle.dumps(history))
    assert again.state is None
    np.testing.assert_array_equal(again.table(), history.table())


@pytest.mark.parametrize(("kept", "best"), [(None, 1), (3, 3), (2, 1)])
def test_of_equally_good_epochs_the_one_with_the_weights_is_the_best(kept, best):
    history = History(["epoch", "validation_score"], "validation_score")
    for epoch, score in enumerate([0.9, 0.8, 0.9], 1):
        history.append({"epoch": epoch, "validation_score": score})
    history.kept_epoch = kept
    assert history.best_epoch == best
