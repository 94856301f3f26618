"""What the page's request to save gives: a state, a program, or the history, as a file's name and text."""

from __future__ import annotations

import csv
from io import StringIO

from ..layers import Dense
from .messages import Saved
from .run import Run

#: The name of the file of each form; a link has none.
NAMES = {
    "link": "",
    "json": "playground.json",
    "history": "history.csv",
    "deltaprop": "network_deltaprop.py",
    "sklearn": "network_sklearn.py",
    "pytorch": "network_pytorch.py",
    "numpy": "network_numpy.py",
}


def save(run: Run, form: str) -> Saved:
    """A run in one of the forms of `NAMES`."""
    from . import code, share  # seldom needed, and they take time to import

    forms = {"link": share.to_link, "json": share.to_json, "history": history}
    text = forms[form](run) if form in forms else code.program(run, form)
    return Saved(form=form, name=NAMES[form], text=text)


def history(run: Run) -> str:
    r"""The curves as CSV: a row for each epoch measured, empty where nothing was.

    >>> from deltaprop.playground.settings import Settings
    >>> history(Run.start(Settings())).split(",")[:4]
    ['step', 'epoch', 'train_loss', 'test_loss']
    """
    columns = ["step", "epoch", "train_loss", "test_loss", "train_score", "test_score"]
    for layer in range(1, 1 + sum(isinstance(view.layer, Dense) for view in run.network.layers)):
        columns += [f"{what}_{layer}" for what in ("gradient_norm", "update_ratio", "dead", "saturated")]
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for row in run.records.table():
        writer.writerow([int(row[0]), int(row[1]), *("" if v != v else v for v in row[2:].tolist())])
    return file.getvalue()
