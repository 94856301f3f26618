"""Bayesian regularization beside early stopping: errors on held-out data and times of fits.

    python -m benchmarks.regularization [--splits 10] [--data diabetes …] [--json FILE]

All train the same network, 20 tanh units (`MLPRegressor.recommended` its own), on inputs and targets that are
standardized. Adam stops early by the score on a tenth of the training samples; the Bayesian solver trains on all of
them. For each split, a quarter of the data is held out, and the contestants take turns. ``DELTAPROP_CPU`` selects the
core's instruction set.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from time import perf_counter

import numpy as np
from sklearn.datasets import load_diabetes, load_iris, load_wine, make_friedman1
from sklearn.model_selection import train_test_split

from deltaprop import MLPRegressor

from .machine import head, machine
from .options import Parser, command, count, output
from .table import duration


def _diabetes() -> tuple[np.ndarray, np.ndarray]:
    return load_diabetes(return_X_y=True)


def _wine() -> tuple[np.ndarray, np.ndarray]:
    """Alcohol from the other measurements."""
    x = load_wine().data
    return x[:, 1:], x[:, 0]


def _iris() -> tuple[np.ndarray, np.ndarray]:
    """Petal width from the other lengths."""
    x = load_iris().data
    return x[:, :3], x[:, 3]


def _friedman() -> tuple[np.ndarray, np.ndarray]:
    return make_friedman1(500, noise=1.0, random_state=0)


DATA = {"diabetes": _diabetes, "wine": _wine, "iris": _iris, "friedman": _friedman}

OURS = "bayesian_lm"
SHARED = {"hidden_layer_sizes": (20,), "activation": "tanh", "scale_inputs": True, "scale_targets": True}
STOPPED = {"early_stopping": True, "n_iter_no_change": 50, "tol": 0.0, "max_iter": 5000}


def contestants(seed: int) -> dict[str, MLPRegressor]:
    """The estimators by name."""
    return {
        OURS: MLPRegressor(solver="bayesian_lm", max_iter=200, random_state=seed, **SHARED),
        "adam, early stopping, rate 0.001": MLPRegressor(random_state=seed, **SHARED, **STOPPED),
        "adam, early stopping, rate 0.01": MLPRegressor(
            learning_rate_init=0.01, random_state=seed, **SHARED, **STOPPED
        ),
        "recommended, early stopping": MLPRegressor.recommended(early_stopping=True, random_state=seed),
    }


def fits(name: str, seed: int) -> dict[str, dict[str, float]]:
    """R² on the held-out quarter, and seconds of fit, of every contestant on one split."""
    x, t = DATA[name]()
    x, x_test, t, t_test = train_test_split(x, t, test_size=0.25, random_state=seed)
    results = {}
    for who, model in contestants(seed).items():
        began = perf_counter()
        model.fit(x, t)
        seconds = perf_counter() - began
        results[who] = {"score": float(model.score(x_test, t_test)), "seconds": seconds}
    return results


def summary(rows: list[dict[str, dict[str, float]]]) -> list[str]:
    """A line for each contestant: means of R² and of the differences to ours, with their errors; median times."""
    lines = []
    for who in rows[0]:
        scores, ours = (np.array([row[name]["score"] for row in rows]) for name in (who, OURS))
        seconds = duration(np.median([row[who]["seconds"] for row in rows]))
        line = f"{who:<34} R² {scores.mean():7.4f} ± {_error(scores):.4f}   {seconds:>8}"
        if who != OURS:
            more = ours - scores
            line += f"   {OURS}: {more.mean():+.4f} ± {_error(more):.4f}, higher in {(more > 0).sum()} of {len(rows)}"
        lines.append(line)
    return lines


def _error(values: np.ndarray) -> float:
    return values.std(ddof=1) / len(values) ** 0.5


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, fit, print."""
    parser = Parser("benchmarks.regularization", __doc__)
    parser.add_argument("--splits", type=count, default=10)
    parser.add_argument("--data", nargs="*", default=list(DATA), choices=list(DATA))
    parser.add_argument("--json", type=output, help="write every score and time there")
    options = parser.parse_args(arguments)
    if options.splits < 2:
        parser.error("--splits is 1, expected at least 2, for a standard error")
    warnings.simplefilter("ignore")  # a solver that ends at its limit of iterations says so
    about = machine()
    print(head(about), flush=True)
    report = {}
    for name in options.data:
        fits(name, 0)  # imports, caches
        report[name] = [fits(name, seed) for seed in range(options.splits)]
        print(name, *summary(report[name]), sep="\n    ", flush=True)
    if options.json:
        options.json.write_text(json.dumps({"about": about, "splits": report}, indent=1) + "\n")


if __name__ == "__main__":
    main()
