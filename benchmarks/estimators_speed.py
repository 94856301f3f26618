"""Seconds of fit and predict: deltaprop's estimator on both engines beside scikit-learn's, the same arguments.

    python benchmarks/estimators_speed.py [--rounds 5] [--json speed.json]

The contestants take turns within each round; printed are the medians and the median ratio to scikit-learn, with its
range. MNIST (one epoch) is timed where its files are at hand.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits, make_classification
from sklearn.neural_network import MLPClassifier

from deltaprop import data, estimators


def tasks() -> dict[str, tuple[np.ndarray, np.ndarray, dict]]:
    """Name → inputs, labels, arguments."""
    x, t = load_digits(return_X_y=True)
    wide = make_classification(20_000, 2000, n_informative=50, random_state=0)
    found = {
        "tiny: 100 x 4, 20 epochs": (x[:100, 20:24], t[:100], {"hidden_layer_sizes": (10,), "max_iter": 20}),
        "digits, 20 epochs": (x, t, {"max_iter": 20}),
        "digits, float32, 20 epochs": (x.astype(np.float32), t, {"max_iter": 20}),
        "wide table: 20000 x 2000, float32, 1 epoch": (wide[0].astype(np.float32), wide[1], {"max_iter": 1}),
    }
    try:
        mnist = data.load("mnist")
    except (ValueError, OSError) as error:
        print(f"MNIST is not timed: {error}")
    else:
        pixels = np.asarray(mnist.x).reshape(len(mnist.x), -1).astype(np.float32) / 255
        found["MNIST, float32, 1 epoch"] = (pixels, np.asarray(mnist.t), {"max_iter": 1, "batch_size": 128})
    return found


def timed(call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def measure(x: np.ndarray, t: np.ndarray, arguments: dict, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Seconds of each contestant in each round."""
    same = {"random_state": 0, "n_iter_no_change": 1000} | arguments
    contestants = {
        "scikit-learn": lambda: MLPClassifier(**same),
        "numpy": lambda: estimators.MLPClassifier(**same, engine="numpy"),
        "native": lambda: estimators.MLPClassifier(**same, engine="native"),
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
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    report = {}
    for name, task in tasks().items():
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
