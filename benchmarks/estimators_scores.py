"""Test scores of deltaprop's and scikit-learn's estimators: the same arguments, and deltaprop's recommended ones.

    python -m benchmarks.estimators_scores [--seeds 10] [--json scores.json]

For each data set and seed: one split (25 % test, stratified where there are classes), both libraries with their
defaults on the raw inputs and on standardized ones, and ``recommended()``. A row passes if deltaprop's mean is not
lower than scikit-learn's by more than one standard error of the paired differences; `recommended` must not be lower at
all than the better of scikit-learn's two.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence

import numpy as np
import sklearn
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import deltaprop
from deltaprop import estimators

from .options import Parser, command, count, output

DATA = {
    "digits": load_digits,
    "iris": load_iris,
    "wine": load_wine,
    "breast cancer": load_breast_cancer,
    "diabetes": load_diabetes,
}


def scores(name: str, seed: int) -> dict[str, float]:
    """Accuracy (R² for diabetes) of every contestant on one split."""
    x, t = DATA[name](return_X_y=True)
    values = name == "diabetes"
    parts = train_test_split(x, t, test_size=0.25, random_state=seed, stratify=None if values else t)
    theirs, ours = (
        (MLPRegressor, estimators.MLPRegressor) if values else (MLPClassifier, estimators.MLPClassifier)
    )
    contestants = {
        "scikit-learn, raw": theirs(random_state=seed),
        "deltaprop, raw": ours(random_state=seed),
        "scikit-learn, standardized": make_pipeline(StandardScaler(), theirs(random_state=seed)),
        "deltaprop, standardized": make_pipeline(StandardScaler(), ours(random_state=seed)),
        "deltaprop, recommended": ours.recommended(random_state=seed),
    }
    return {
        who: clone(model).fit(parts[0], parts[2]).score(parts[1], parts[3])
        for who, model in contestants.items()
    }


def verdict(table: dict[str, np.ndarray]) -> dict[str, bool]:
    """Whether each comparison passes."""
    results = {}
    for kind in ("raw", "standardized"):
        ours, theirs = table[f"deltaprop, {kind}"], table[f"scikit-learn, {kind}"]
        difference = ours - theirs
        error = difference.std(ddof=1) / len(difference) ** 0.5
        results[kind] = bool(difference.mean() >= -error)
    best = max(table[f"scikit-learn, {kind}"].mean() for kind in ("raw", "standardized"))
    results["recommended"] = bool(table["deltaprop, recommended"].mean() >= best)
    return results


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, fit, print."""
    parser = Parser("benchmarks.estimators_scores", __doc__)
    parser.add_argument("--seeds", type=count, default=10)
    parser.add_argument("--data", nargs="*", default=list(DATA), choices=list(DATA))
    parser.add_argument("--json", type=output, help="write every score there")
    options = parser.parse_args(arguments)
    if options.seeds < 2:
        parser.error("--seeds is 1, expected at least 2, for a standard error")
    warnings.simplefilter("ignore")  # 200 epochs are seldom enough, on either side
    report = {
        "deltaprop": deltaprop.__version__,
        "scikit-learn": sklearn.__version__,
        "seeds": options.seeds,
    }
    for name in options.data:
        rows = [scores(name, seed) for seed in range(options.seeds)]
        table = {who: np.array([row[who] for row in rows]) for who in rows[0]}
        passes = verdict(table)
        print(f"{name}  {passes}")
        for who, values in table.items():
            error = values.std(ddof=1) / len(values) ** 0.5
            print(f"    {who:<28} {values.mean():8.4f} ± {error:.4f}")
        report[name] = {"scores": {who: list(map(float, v)) for who, v in table.items()}, "passes": passes}
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
