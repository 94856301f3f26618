"""scikit-learn's conventions: its own checks of an estimator, all of them, and its own tests of its networks."""

import dataclasses
import importlib.util
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn import linear_model, neural_network
from sklearn.base import clone
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator

from deltaprop.estimators import Adaline, MLPClassifier, MLPRegressor, Perceptron

TABLE = {"preprocessing": "table", "dtype": "float64", "max_iter": 100}
ESTIMATORS = (
    MLPClassifier(max_iter=100),
    MLPRegressor(max_iter=100),
    MLPClassifier(**TABLE),
    MLPRegressor(**TABLE),
    Perceptron(max_iter=100),
    Adaline(),
)

#: The tests of scikit-learn's that reach into private parts; docs/scikit-learn.md says which and why.
PRIVATE = {"test_gradient", "test_learning_rate_warmstart", "test_adaptive_learning_rate"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=repr)
def test_every_check_of_scikit_learn_passes(estimator):
    checks = list(estimator_checks_generator(clone(estimator)))
    assert len(checks) >= (60 if get_tags(estimator).input_tags.sparse else 55)
    for one, check in checks:
        if "array_api" in str(check):  # needs SCIPY_ARRAY_API set before SciPy is imported
            continue
        if "output_format_decision_function" in str(check) and not hasattr(one, "decision_function"):
            continue  # nor has scikit-learn's MLPClassifier
        check(one)


def flat(tags, prefix=""):
    """Every field of nested dataclasses."""
    found = {}
    for field in dataclasses.fields(tags):
        value, name = getattr(tags, field.name), prefix + field.name
        found |= flat(value, f"{name}.") if dataclasses.is_dataclass(value) else {name: value}
    return found


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (MLPClassifier, neural_network.MLPClassifier),
        (MLPRegressor, neural_network.MLPRegressor),
        (Perceptron, linear_model.Perceptron),
    ],
)
def test_the_tags_are_scikit_learns(ours, theirs):
    assert flat(get_tags(ours())) == flat(get_tags(theirs()))


@pytest.mark.parametrize("ours", [MLPClassifier, MLPRegressor])
def test_the_documentation_covers_every_argument(ours):
    arguments = list(inspect.signature(ours).parameters)
    names = re.findall(r"^    (\w[\w, ]*?) ?(?::|$)", ours.__doc__.split("Attributes\n")[0], re.MULTILINE)
    documented = {name for line in names for name in line.split(", ")}
    assert set(arguments) <= documented
    assert "{" not in re.sub(r"\{[\"a]", "", ours.__doc__)


@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_own_tests_with_the_import_changed(tmp_path):
    """Its installed test file, run as it is but for the import line."""
    package = Path(importlib.util.find_spec("sklearn").origin).parent
    text = (package / "neural_network" / "tests" / "test_mlp.py").read_text(encoding="utf-8")
    line = "from sklearn.neural_network import MLPClassifier, MLPRegressor"
    assert text.count(line) == 1
    changed = text.replace(line, "from deltaprop import MLPClassifier, MLPRegressor")
    changed += "\n\n@pytest.fixture\ndef global_random_seed():  # of scikit-learn's conftest\n    return 42\n"
    (tmp_path / "test_mlp.py").write_text(changed, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rf",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "test_mlp.py",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    failed = {
        line.split("::")[1].split(" ")[0] for line in done.stdout.splitlines() if line.startswith("FAILED")
    }
    assert failed == PRIVATE, done.stdout[-3000:]
    assert "56 passed" in done.stdout
