"""``deltaprop train --search``: the log, what is chosen, and what is refused."""

import json
import tomllib

import numpy as np
import pytest

from deltaprop import Network
from deltaprop.cli import main
from deltaprop.commands.prepare import prepare
from deltaprop.commands.search import candidates, evaluate, space
from deltaprop.commands.settings import Settings

pytestmark = pytest.mark.usefixtures("without_figures")

ASKED = ["--layers", "4", "--epochs", "3", "--validation", "0.2", "--search", "3"]


@pytest.fixture(scope="module")
def run(tmp_path_factory, without_figures):
    """A finished search; not to be changed."""
    path = tmp_path_factory.mktemp("search") / "run"
    assert main(["train", "wine", *ASKED, "--out", str(path)]) == 0
    return path


def trials(path):
    return [json.loads(line) for line in (path / "search.jsonl").read_text().splitlines()[1:]]


def test_the_configuration_holds_what_was_found(run, tmp_path):
    config = tomllib.loads((run / "config.toml").read_text())
    assert "search" not in config["training"]
    assert (config["network"]["layers"], config["training"]["epochs"]) == ([4], 3)  # as given
    assert sorted(trial["epochs"] for trial in trials(run)) == [1, 1, 1, 3]
    best = next(trial for trial in trials(run) if trial["epochs"] == 3)
    prepared = prepare(Settings(data="wine", layers=(4,), epochs=3, validation=0.2, search=3))
    assert evaluate(prepared, _found(config, prepared), 3) == best["score"]
    assert main(["train", "--config", str(run / "config.toml"), "--out", str(tmp_path / "again")]) == 0
    assert not (tmp_path / "again" / "search.jsonl").exists()
    again, first = (Network.load(path / "model.safetensors").theta for path in (tmp_path / "again", run))
    np.testing.assert_array_equal(again, first)


def _found(config, prepared):
    """The options of the space that the configuration holds."""
    found = config["network"] | config["training"]
    return {name: found[name] for name in space(prepared.settings)}


def test_a_killed_search_goes_on(run, tmp_path, capsys):
    cut = tmp_path / "cut"
    cut.mkdir()
    asked = Settings(data="wine", layers=(4,), epochs=3, validation=0.2, search=3)
    (cut / "config.toml").write_text(asked.to_toml({"deltaprop": "0.1.0"}))
    lines = (run / "search.jsonl").read_text().splitlines(keepends=True)
    (cut / "search.jsonl").write_text("".join(lines[:3]) + lines[3][:5])
    assert main(["train", "--resume", str(cut)]) == 0
    assert "search: 3 candidates, validation accuracy " in capsys.readouterr().out
    assert trials(cut)[:2] == trials(run)[:2]  # not repeated: their seconds too
    assert len(trials(cut)) == 4
    assert (cut / "config.toml").read_text() == (run / "config.toml").read_text()
    ends = [Network.load(path / "model.safetensors").theta for path in (cut, run)]
    np.testing.assert_array_equal(*ends)


def test_candidates_differ_and_keep_what_was_given():
    settings = prepare(Settings(data="wine", epochs=1)).settings
    found = candidates(settings, 50, {"dropout"}, np.random.default_rng(0))
    assert found[0] == {}
    assert len({json.dumps(each, sort_keys=True) for each in found}) == len(found) == 50
    names = {name for each in found for name in each}
    assert names == set(space(settings)) - {"dropout"}
    assert names >= {"learning_rate", "layers", "weight_decay", "periodic_embedding", "label_smoothing"}
    assert all(getattr(settings, name) != value for each in found for name, value in each.items())
    assert len(candidates(settings, 10**6, set(space(settings)), np.random.default_rng(0))) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--search", "0"], "search is 0"),
        (["--search", "3", "--solver", "lm"], "solver lm"),
        (["--search", "3", "--validation", "0"], "validation"),
        (["--search", "3", "--minutes", "1"], "minutes"),
    ],
)
def test_what_is_refused(tmp_path, capsys, options, said):
    run = tmp_path / "run"
    assert main(["train", "iris", *options, "--out", str(run)]) == 2
    line = capsys.readouterr().err
    assert line.startswith("deltaprop: train: ")
    assert said in line
    assert line.count("\n") == 1
    assert not run.exists()
