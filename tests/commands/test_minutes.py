"""``deltaprop train --minutes``: epochs planned by time."""

import tomllib

import pytest

from deltaprop.cli import main
from deltaprop.commands import plan
from deltaprop.commands.prepare import prepare
from deltaprop.commands.settings import Settings

pytestmark = pytest.mark.usefixtures("without_figures")


def test_as_many_epochs_as_fit_into_the_time(monkeypatch):
    prepared = prepare(Settings(data="iris", layers=(4,), epochs=100))
    theta = prepared.network.theta.copy()

    def fit_network(measured, callbacks, progress):
        callbacks[0].per_epoch = 2.0
        measured.network.theta[:] = 0

    monkeypatch.setattr(plan, "fit_network", fit_network)
    planned, limit, said = plan.plan(prepared, seconds=60.0)
    assert planned.settings.epochs == 26  # of 2 s, in 90 % of the time
    assert planned.optimizer.learning_rate.steps == 26  # a step in each
    assert 50 < limit.seconds <= 60
    assert said == "planned: 26 of 100 epochs of 2 s, for the 60 s that are left"
    assert (planned.network.theta == theta).all()
    assert plan.plan(prepared, seconds=1.0)[0].settings.epochs == 1
    assert plan.plan(prepared, seconds=10_000.0)[0].settings.epochs == 100


def test_the_pace_is_that_of_the_fit():
    prepared = prepare(Settings(data="iris", layers=(4,), epochs=10**7))
    planned, _, _ = plan.plan(prepared, seconds=4.0)
    assert 1 < planned.settings.epochs < 10**7


def test_the_command(tmp_path, capsys):
    run = tmp_path / "run"
    options = ["--layers", "4", "--epochs", "3", "--minutes", "10"]
    assert main(["train", "iris", *options, "--out", str(run)]) == 0
    assert "planned: 3 of 3 epochs of " in capsys.readouterr().out
    config = tomllib.loads((run / "config.toml").read_text())
    assert config["training"]["epochs"] == 3
    assert main(["train", "--config", str(run / "config.toml"), "--out", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again" / "config.toml").read_text() == (run / "config.toml").read_text()


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "inf"])
def test_no_time_at_all(tmp_path, capsys, minutes):
    run = tmp_path / "run"
    assert main(["train", "iris", "--minutes", minutes, "--out", str(run)]) == 2
    assert capsys.readouterr().err.startswith("deltaprop: train: minutes is ")
    assert not run.exists()
