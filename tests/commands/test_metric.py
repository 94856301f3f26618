"""``--metric``: what stopping, the best epoch, searches and sweeps look at; and what a run stores and shows of it."""

import io
import json
import shutil
import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from sklearn import metrics

from deltaprop import History, InputError
from deltaprop.cli import main
from deltaprop.commands import console
from deltaprop.commands.fitting import fit_network
from deltaprop.commands.folder import ModelHeader, RunFolder
from deltaprop.commands.prepare import prepare
from deltaprop.commands.search import evaluate
from deltaprop.commands.settings import Settings
from deltaprop.sweeps.spec import SweepSpec
from deltaprop.sweeps.training import Training

pytestmark = pytest.mark.usefixtures("without_figures")

QUICK = {"layers": (8,), "epochs": 12, "threads": 1}
NEW = ("measures", "comparisons", "remarks")  # entries of the header


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Unequal classes and two quantities."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3))
    ill = x[:, 0] + 0.8 * rng.normal(size=400) > 1.5
    price = 300 + 40 * x[:, 1] + 10 * rng.normal(size=400)
    data = {"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "state": np.where(ill, "ill [x]", "well")}
    path = tmp_path_factory.mktemp("data") / "table.csv"
    pd.DataFrame(data | {"price": price, "area": np.square(x[:, 2])}).to_csv(path, index=False)
    return str(path)


@pytest.fixture(scope="module")
def run(table, tmp_path_factory, without_figures):
    """A finished run by the average precision; not to be changed."""
    path = tmp_path_factory.mktemp("run") / "run"
    options = ["--drop", "price", "--drop", "area", "--layers", "8", "--epochs", "12"]
    asked = ["train", table, "--target", "state", *options, "--metric", "average_precision"]
    assert main([*asked, "--out", str(path)]) == 0
    return path


def refused(capsys, *arguments):
    assert main(list(map(str, arguments))) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    return err


def of_classes(name):
    def score(t, p):
        y, rarest = p.argmax(axis=1), 0
        return {
            "balanced_accuracy": lambda: metrics.balanced_accuracy_score(t, y),
            "average_precision": lambda: metrics.average_precision_score(t == rarest, p[:, rarest]),
            "recall": lambda: metrics.recall_score(t, y, pos_label=rarest),
            "accuracy": lambda: metrics.accuracy_score(t, y),
        }[name]()

    return score


OF_VALUES = {
    "r2": metrics.r2_score,
    "mae": lambda t, y: -metrics.mean_absolute_error(t, y),
    "rmse": lambda t, y: -metrics.root_mean_squared_error(t, y),
}


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "average_precision", "recall"])
def test_the_best_epoch_of_classes_is_that_of_the_metric(table, metric):
    run = prepare(
        Settings(
            data=table, target="state", drop=("price", "area"), metric=metric, best_epoch="first", **QUICK
        )
    )
    history = fit_network(run, progress=False)
    assert history.monitor == "validation_score"
    assert history["epoch"][history["validation_score"].argmax()] == history.kept_epoch == history.best_epoch
    part = run.parts["validation"]
    p = run.network.loss.predict(run.network.forward(part.x))
    assert history["validation_score"].max() == pytest.approx(of_classes(metric)(part.t, p), rel=1e-6)


@pytest.mark.parametrize("metric", ["r2", "mae", "rmse"])
def test_the_best_epoch_of_values_is_that_of_the_metric_in_the_unit_of_the_target(table, metric):
    options = {"target": "price", "drop": ("state", "area"), "metric": metric, "clamp_outputs": False}
    run = prepare(Settings(data=table, **options, **QUICK))
    history = fit_network(run, progress=False)
    part = run.parts["validation"]
    y = run.preprocessing.decode_target(run.network.forward(part.x))
    wanted = OF_VALUES[metric](np.asarray(part.data.t), y)
    assert history["validation_score"].max() == pytest.approx(wanted, rel=1e-5)
    assert run.scoring.score(run.network, run.network.forward(part.x), part.t) == pytest.approx(
        wanted, rel=1e-5
    )


def test_without_a_metric_the_score_is_that_of_the_loss():
    """Which costs nothing beyond the forward pass."""

    def measured(**options) -> bool:
        run = prepare(Settings(**options, **QUICK))
        return run.scoring.of_epoch(run.network) is not None

    for options in ({}, {"metric": "accuracy"}, {"metric": "loss"}):
        assert not measured(data="iris", **options)
    assert not measured(data="diabetes", metric="r2")
    assert measured(data="iris", metric="recall")
    assert measured(data="iris", loss="squared_error")  # whose own score is R²


def test_a_metric_implies_its_monitor_and_where_there_was_no_patience_the_best_epoch():
    for metric, monitor in (("loss", "validation_loss"), ("recall", "validation_score")):
        for data in ("iris", "rings"):
            settings = prepare(Settings(data=data, metric=metric, **QUICK)).settings
            assert (settings.monitor, settings.patience) == (monitor, 12)
    solver = prepare(Settings(data="iris", metric="recall", optimizer="lm", **QUICK)).settings
    assert (solver.monitor, solver.patience) == ("validation_score", 20)
    assert prepare(Settings(data="rings", metric="recall", validation=0.0, **QUICK)).settings.patience == 0


def test_contradictions_are_refused():
    for metric, monitor in (("loss", "validation_score"), ("recall", "validation_loss")):
        with pytest.raises(
            InputError, match=f"metric is {metric} with monitor {monitor}, expected validation_"
        ):
            Settings(metric=metric, monitor=monitor)
    assert Settings(metric="loss", monitor="validation_loss").metric == "loss"
    assert Settings(monitor="validation_loss").given(metric="recall").monitor is None
    with pytest.raises(InputError, match="metric is recall with monitor"):
        Settings(metric="recall").given(monitor="validation_loss")


@pytest.mark.parametrize("data", [("iris", "--metric", "mae"), ("diabetes", "--metric", "recall")])
def test_an_unfit_metric_is_refused_before_anything_is_written(data, tmp_path, capsys):
    assert "metric is" in refused(capsys, "train", *data, "--out", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_configuration_keeps_it_and_repeats_the_run(run, tmp_path):
    assert tomllib.loads((run / "config.toml").read_text())["training"]["metric"] == "average_precision"
    assert main(["train", "--config", str(run / "config.toml"), "--out", str(tmp_path / "again")]) == 0
    again, first = (History.from_csv(path / "history.csv") for path in (tmp_path / "again", run))
    np.testing.assert_array_equal(again["validation_score"], first["validation_score"])


def test_a_checkpoint_of_another_metric_is_not_continued(table, tmp_path):
    options = {"data": table, "target": "price", "drop": ("state", "area"), **QUICK}
    path = tmp_path / "checkpoint"
    fit_network(prepare(Settings(metric="mae", **options)), checkpoint=path, progress=False)
    with pytest.raises(InputError, match="score = "):
        fit_network(prepare(Settings(metric="rmse", **options)), checkpoint=path, resume=True, progress=False)


def test_the_header_holds_all_measures_and_what_they_are_compared_with(run, capsys):
    _, header = RunFolder.open(run).read_model()
    assert header.score_name == "average precision"
    measures = header.scores["test"].measures
    assert list(measures) == ["average precision", "accuracy", "balanced accuracy", "recall of ill [x]"]
    assert header.scores["test"].score == measures["average precision"]
    assert [other.name for other in header.comparisons] == ["network", "always 'well'", "linear model"]
    assert header.comparisons[0].scores["test"] == measures
    assert main(["show", str(run)]) == 0
    out = capsys.readouterr().out
    for text in (f"{measures['average precision']:.3f}", "always 'well'", "linear model", *header.remarks):
        assert text in out


def test_predict_says_the_same_measures(run, table, tmp_path, capsys):
    assert main(["predict", str(run), table, "--out", str(tmp_path / "p.csv")]) == 0
    err = capsys.readouterr().err
    assert "average precision 0." in err
    assert "recall of ill [x] " in err
    predicted, truth = pd.read_csv(tmp_path / "p.csv"), pd.read_csv(table)["state"]
    wanted = metrics.average_precision_score(truth == "ill [x]", predicted["probability ill [x]"])
    assert f"average precision {wanted:.3f}" in err


def test_a_file_of_before_is_read(run, table, tmp_path, capsys):
    path = tmp_path / "run"
    shutil.copytree(run, path)
    arrays = load_file(path / "model.safetensors")
    with safe_open(path / "model.safetensors", framework="numpy") as file:
        header = file.metadata()
    extra = {name: value for name, value in json.loads(header["extra"]).items() if name not in NEW}
    extra |= {"scores": {"test": {"score": 0.75, "loss": 0.5, "samples": 100}}, "score_name": "accuracy"}
    save_file(arrays, path / "model.safetensors", metadata=header | {"extra": json.dumps(extra)})
    assert main(["show", str(path)]) == 0
    assert "75.00 %" in capsys.readouterr().out
    assert main(["predict", str(path), table, "--out", str(tmp_path / "p.csv")]) == 0
    assert "the data have the target: accuracy " in capsys.readouterr().err


def test_the_table_of_scores_fits_into_80_columns(run, tmp_path):
    _, header = RunFolder.open(run).read_model()
    out = Console(file=io.StringIO(), width=80)
    console.show_table(out, header.score_name, header.scores, header.comparisons, ["A remark."])
    text = out.file.getvalue()
    lines = text.splitlines()
    assert lines[1].split() == ["average", "balanced", "recall", "of"]
    assert lines[2].split() == ["precision", "accuracy", "accuracy", "ill", "[x]", "loss", "samples"]
    assert [line.split("  ")[0] for line in lines[3:8]] == [
        "train",
        "validation",
        "test",
        "always 'well'",
        "linear model",
    ]
    assert "…" not in text
    assert max(map(len, lines)) <= 80
    assert lines[-1] == "A remark."


def test_a_loss_with_label_smoothing_is_said_to_be(run, capsys):
    """It is no log loss of the probabilities."""
    network, _ = RunFolder.open(run).read_model()
    assert main(["show", str(run)]) == 0
    said = f"loss: as in training, with label smoothing {network.loss.label_smoothing:g}"
    assert said in capsys.readouterr().out
    assert network.loss.label_smoothing > 0


def test_the_spread_of_folds_is_a_row(run):
    _, header = RunFolder.open(run).read_model()
    score = header.scores["test"]
    spread = dict.fromkeys(score.measures, 0.0123)
    out = Console(file=io.StringIO(), width=80)
    table = console.score_table(header.score_name, {"test": replace(score, spread=spread)})
    out.print(table)
    lines = out.file.getvalue().splitlines()
    assert lines[-2].split() == ["±", "of", "the", "folds", "0.012", *["1.23", "%"] * 3]


def test_a_measure_of_a_class_that_does_not_occur_is_kept_and_a_dash(run):
    _, header = RunFolder.open(run).read_model()
    content = header.model_dump()
    content["scores"]["test"]["measures"]["recall of ill [x]"] = np.nan
    header = ModelHeader.model_validate_json(json.dumps(content))
    out = Console(file=io.StringIO(), width=80)
    console.show_table(out, header.score_name, header.scores, header.comparisons, [])
    row = next(line for line in out.file.getvalue().splitlines() if line.startswith("test "))
    assert row.split()[-3] == "–"


def test_several_targets_have_a_table_of_their_errors(table, tmp_path, capsys):
    targets = ("--target", "price", "--target", "area", "--drop", "state", "--layers", "8", "--epochs", "2")
    assert main(["train", table, *targets, "--out", str(tmp_path / "run")]) == 0
    text = capsys.readouterr().out
    _, header = RunFolder.open(tmp_path / "run").read_model()
    measures = header.scores["test"].measures
    assert list(measures) == ["R²", "MAE of price", "MAE of area", "RMSE of price", "RMSE of area"]
    row = next(line for line in text.splitlines() if line.startswith("area "))
    assert row.split()[1:] == [
        "network",
        *(f"{measures[f'{kind} of area']:#.4g}" for kind in ("MAE", "RMSE")),
    ]


@pytest.mark.parametrize(("metric", "label", "form"), [("mae", "MAE", "#.4g"), ("r2", "R²", ".3f")])
def test_early_stopping_says_the_metric_as_it_is_shown(table, metric, label, form, tmp_path, capsys):
    options = [
        "--drop",
        "state",
        "--drop",
        "area",
        "--layers",
        "8",
        "--learning-rate",
        "1e-9",
        "--patience",
        "1",
    ]
    asked = [
        "train",
        table,
        "--target",
        "price",
        *options,
        "--metric",
        metric,
        "--out",
        str(tmp_path / "run"),
    ]
    assert main(asked) == 0
    best = History.from_csv(tmp_path / "run" / "history.csv")["validation_score"].max()
    assert best < 0
    shown = format(-best if metric == "mae" else best, form)
    assert f"The validation {label} has not improved on {shown} for 1 epochs." in capsys.readouterr().out


def test_a_score_that_the_validation_part_does_not_have_is_replaced_by_the_loss(tmp_path):
    """R² of one sample."""
    path = tmp_path / "few.csv"
    path.write_text("a,b,y\n1,2,0.5\n2,1,0.7\n3,5,0.9\n")
    run = prepare(Settings(data=str(path), target=("y",), metric="r2", patience=2, **QUICK))
    assert len(run.parts["validation"].t) == 1
    assert fit_network(run).monitor == "validation_loss"


def test_searches_and_sweeps_follow_it(table):
    options = {"data": table, "target": "price", "drop": ("state", "area"), "metric": "mae", **QUICK}
    run = prepare(Settings(**options))
    score = evaluate(run, {}, 3)
    assert score < -1  # in the unit of the price; R² would be above
    assert run.scoring.text(score).startswith("MAE ")
    found = Training()(options | {"seed": 0}).metrics
    assert max(found["validation_score"], found["test_score"]) < -1
    with pytest.raises(InputError, match="space has metric"):
        SweepSpec.of(settings={"data": "iris"}, space={"metric": ["recall", "accuracy"]}, seeds=1)
