"""The scripts of the gallery do what they say; the site shows their output and figures."""

import runpy
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot

EXAMPLES = Path(__file__).parents[1] / "examples"

matplotlib.use("Agg")


#: What holds of the names of a script after it has run.
CHECKS = {
    "and_or_xor": lambda s: [s["models"][name].separable_ for name in s["tasks"]] == [True, True, False],
    "adaline": lambda s: (
        [s["losses"][name][-1] < s["losses"][name][0] for name in s["losses"]] == [True, True, False]
        and np.allclose([*s["one"].coef_[0], *s["one"].intercept_], 0.1)
    ),
    "xor_by_feature": lambda s: (
        (s["by_hand"] == s["t"]).all() and (s["model"].predict(s["phi"](s["corners"])) == s["t"]).all()
    ),
    "xor": lambda s: (
        (s["by_hand"].predict(s["x"])[:, 0] == s["t"]).all()
        and s["by_hand"].trace(s["x"], s["t"]).layers[0].a.tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]]
        and s["learned"].score(s["x"], s["t"]) == 1
    ),
    "trace": lambda s: abs(s["difference"] - s["trace"].layers[0].d_w[0, 1]) < 1e-8,
    "two_rings": lambda s: s["net"].score(s["x_test"], s["t_test"]) > 0.99,
    "own_layer": lambda s: (
        abs(s["difference"] - s["grad"] @ s["v"]) < 1e-8 and s["net"].score(s["x"], s["t"]) > 0.99
    ),
    "own_loss": lambda s: (
        np.abs(s["predictions"]["log cosh"] - s["x"] ** 2).mean()
        < 0.5 * np.abs(s["predictions"]["squared error"] - s["x"] ** 2).mean()
    ),
    "ravine": lambda s: np.hypot(*s["paths"]["momentum"][-1]) < np.hypot(*s["paths"]["gradient descent"][-1]),
    "over_fitting": lambda s: (
        max(s["history"]["validation_loss"][-20:]) > 1.2 * min(s["history"]["validation_loss"])
    ),
    "levenberg_marquardt": lambda s: (
        s["losses"]["Levenberg–Marquardt"][-1] < 1e-6 < s["losses"]["Adam, batches of 32"][-1]
    ),
    "digits": lambda s: s["model"].score(s["x_test"], s["t_test"]) > 0.95,
    "table": lambda s: s["model"].score(s["test"], s["rent_test"]) > 0.95,
}


def test_every_example_is_checked():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_an_example_does_what_it_says(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pyplot, "show", lambda: None)
    try:
        assert CHECKS[name](runpy.run_path(str(EXAMPLES / f"{name}.py")))
    finally:
        pyplot.close("all")
