"""Seconds of fit and predict: deltaprop's estimator on both engines beside scikit-learn's, the same arguments.

    python -m benchmarks.estimators_speed [--rounds 5] [--only digits] [--json speed.json]

The contestants take turns within each round; printed are the medians and the median ratio to scikit-learn, with its
range. MNIST (one epoch) is timed where its files are at hand; the wide table is that of the other benchmarks.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn import neural_network
from sklearn.datasets import load_digits

from deltaprop import data, estimators

from .workloads import WIDE


def tasks() -> dict[str, tuple[str, np.ndarray, np.ndarray, dict]]:
    """Name → class, inputs, targets, arguments."""
    x, t = load_digits(return_X_y=True)
    classifier, regressor = "MLPClassifier", "MLPRegressor"
    found = {
        "tiny: 100 x 4, 20 epochs": (
            classifier,
            x[:100, 20:24],
            t[:100],
            {"hidden_layer_sizes": (10,), "max_iter": 20},
        ),
        "digits, 20 epochs": (classifier, x, t, {"max_iter": 20}),
        "digits, 200 epochs": (classifier, x, t, {"max_iter": 200}),
        "digits, float32, 20 epochs": (classifier, x.astype(np.float32), t, {"max_iter": 20}),
        "wide table: 100352 x 50, 512-256, float32, 1 epoch": (
            regressor,
            *WIDE.data(),
            {"hidden_layer_sizes": (512, 256), "batch_size": 1024, "max_iter": 1},
        ),
    }
    try:
        mnist = data.load("mnist")
    except (ValueError, OSError) as error:
        print(f"MNIST is not timed: {error}")
    else:
        pixels = np.asarray(mnist.x).reshape(len(mnist.x), -1).astype(np.float32) / 255
        t = np.asarray(mnist.t)
        same = {"hidden_layer_sizes": (256, 128), "batch_size": 128, "max_iter": 1}
        found["MNIST, 784-256-128-10, float32, 1 epoch"] = (classifier, pixels, t, same)
        found["MNIST, defaults, float32, 1 epoch"] = (classifier, pixels, t, {"max_iter": 1})
    return found


def timed(call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def measure(
    kind: str, x: np.ndarray, t: np.ndarray, arguments: dict, rounds: int
) -> dict[str, dict[str, list[float]]]:
    """Seconds of each contestant in each round."""
    peer, ours = getattr(neural_network, kind), getattr(estimators, kind)
    same = {"random_state": 0, "n_iter_no_change": 1000} | arguments
    contestants = {
        "scikit-learn": lambda: peer(**same),
        "numpy": lambda: ours(**same, engine="numpy"),
        "native": lambda: ours(**same, engine="native"),
    }
    seconds: dict[str, dict[str, list[float]]] = {who: {"fit": [], "predict": []} for who in contestants}
    for _ in range(rounds):
        for who, make in contestants.items():
            model = make()
            seconds[who]["fit"].append(timed(lambda model=model: model.fit(x, t)))
            seconds[who]["predict"].append(timed(lambda model=model: model.predict(x)))
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="tasks whose name contains this")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    report = {}
    for name, task in tasks().items():
        if arguments.only not in name:
            continue
        report[name] = seconds = measure(*task, arguments.rounds)
        print(name)
        for what in ("fit", "predict"):
            base = np.array(seconds["scikit-learn"][what])
            print(f"    {what:<8} scikit-learn {np.median(base) * 1e3:9.2f} ms", end="")
            for who in ("numpy", "native"):
                ratio = np.array(seconds[who][what]) / base
                print(f"   {who} x {np.median(ratio):.3f} ({ratio.min():.3f} to {ratio.max():.3f})", end="")
            print()
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
