"""Methods side by side: the splits that all of them have, from a file of results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from . import statistics
from .catalog import catalog


def label(result: dict) -> str:
    """The method, and its settings if it has any."""
    return " ".join([result["method"], *(f"{k}={v}" for k, v in sorted(result["settings"].items()))])


@dataclass
class Comparison:
    """Results of some methods on the tables and splits that all of them have.

    Parameters
    ----------
    frame : pandas.DataFrame
        A line for each trial: `label`, `table`, `split`, `losses` and the numbers of `trial.measure`.
    methods : list of str
        Labels.
    """

    frame: pd.DataFrame
    methods: list[str]

    @classmethod
    def of(cls, results: list[dict], methods: list[str], half: str = "both") -> Comparison:
        """From results as read, of the tables of one half or of both."""
        tables = {name for name, table in catalog().items() if half in (table.half, "both")}
        lines = [
            {"label": label(r), "table": r["table"], "split": r["split"], "losses": r["losses"]}
            | r["scores"]
            | {"seconds": r["fit_cpu_seconds"] + r["predict_cpu_seconds"]}
            for r in results
            if "error" not in r and label(r) in methods and r["table"] in tables
        ]
        frame = pd.DataFrame(lines, columns=None if lines else ["label", "table", "split"])
        frame = frame.drop_duplicates(["label", "table", "split"], keep="last")
        complete = frame.groupby(["table", "split"])["label"].transform("nunique") == len(methods)
        return cls(frame[complete], methods)

    def mean(self, name: str) -> pd.DataFrame:
        """Of each table (row) and method (column), over the splits."""
        return self.frame.pivot_table(name, "table", "label", aggfunc="mean")[self.methods].dropna()

    @cached_property
    def errors(self) -> pd.DataFrame:
        """Share of wrong classes; of values, the root mean squared error relative to their standard deviation."""
        relative = np.sqrt(1 - self.frame["r2"]) if "r2" in self.frame else np.nan
        values = self.frame["table"].isin(
            [name for name, table in catalog().items() if table.task == "values"]
        )
        return Comparison(
            self.frame.assign(relative=self.frame["error"].mask(values, relative)), self.methods
        ).mean("relative")

    def seconds_ratio(self, method: str, reference: str) -> float:
        """Geometric mean over the tables of the ratio of the processor's seconds."""
        seconds = self.mean("seconds")
        return statistics.geometric_mean(seconds[method] / seconds[reference])

    def beyond_noise(self, method: str, other: str, errors: float = 2.0) -> pd.Series:
        """Of each table −1, 0 or 1: `method` is better, like, or worse by more than so many standard errors."""
        verdicts = {}
        for table, group in self.frame.groupby("table"):
            losses = [
                group[group["label"] == name].sort_values("split")["losses"].tolist()
                for name in (method, other)
            ]
            difference, error = statistics.paired_difference(*losses)
            verdicts[table] = np.sign(difference) * (abs(difference) > errors * error)
        return pd.Series(verdicts, dtype=float)
