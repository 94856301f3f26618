"""Tables: scores worked out by hand, halves that the rule gives, results that survive a cut."""

import json

import numpy as np
import pandas as pd
import pytest
from benchmarks.tables import ablation, metrics, report, results, statistics
from benchmarks.tables.__main__ import main
from benchmarks.tables.catalog import Table, catalog, halves, load, split
from benchmarks.tables.comparison import Comparison, label
from benchmarks.tables.methods import METHODS
from benchmarks.tables.trial import Trial, measure
from numpy.testing import assert_allclose

ERRORS = pd.DataFrame({"a": [0.1, 0.4], "b": [0.2, 0.4], "c": [0.4, 0.4]}, index=["first", "second"])


def test_the_best_has_score_1_and_the_median_0():
    errors = pd.DataFrame({"a": [0.1], "b": [0.2], "c": [0.3], "d": [0.9], "e": [0.25]})  # median 0.25
    scores = statistics.normalized_scores(errors).loc[0]
    assert_allclose(scores[["a", "b", "c", "d", "e"]], [1, (0.25 - 0.2) / (0.25 - 0.1), 0, 0, 0])


def test_where_the_better_half_is_alike_all_of_it_has_score_1():
    errors = pd.DataFrame({"a": [0.2], "b": [0.2], "c": [0.3]})
    assert statistics.normalized_scores(errors).loc[0].tolist() == [1, 1, 0]


def test_a_method_outside_of_the_pool_does_not_move_the_scale():
    errors = pd.DataFrame({"a": [0.2], "b": [0.4], "new": [0.22], "newer": [0.1]})
    scores = statistics.normalized_scores(errors, ["a", "b"]).loc[0]  # of the pool: best 0.2, median 0.3
    assert_allclose(scores, [1, 0, 0.8, 1])


def test_equal_errors_share_their_rank():
    assert statistics.ranks(ERRORS).to_numpy().tolist() == [[1, 2, 3], [2, 2, 2]]


def test_the_bootstrap_interval_of_a_constant_is_that_constant_and_else_holds_the_mean():
    values = pd.DataFrame({"constant": [2.0] * 50, "drawn": np.random.default_rng(0).normal(size=50)})
    interval = statistics.bootstrap_interval(values)
    assert interval["constant"].tolist() == [2, 2]
    width = interval.loc["high", "drawn"] - interval.loc["low", "drawn"]
    assert_allclose(width, 2 * 1.96 * values["drawn"].std() / 50**0.5, rtol=0.1)


def test_shifted_geometric_mean():
    assert_allclose(
        statistics.shifted_geometric_mean(pd.DataFrame({"a": [0.09, 0.39]})), [0.2]
    )  # √(0.1 · 0.4)


def test_the_standard_error_of_paired_losses_does_not_shrink_with_more_splits():
    ours, theirs = np.array([0.0, 0, 1, 0]), np.array([1.0, 0, 1, 1])  # differences −1, 0, 0, −1
    difference, error = statistics.paired_difference([ours] * 3, [theirs] * 3)
    assert difference == -0.5
    assert_allclose(error, (1 / 3) ** 0.5 / 2)


def test_metrics_of_classes():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.45, 0.55]])
    targets = np.array([0, 1, 1, 1])
    scores = metrics.scores("classes", probabilities, targets)
    assert scores["error"] == 0.25
    assert_allclose(scores["cross_entropy"], -np.log([0.9, 0.2, 0.7, 0.55]).mean())
    # Four confidences in four bins: |1 − 0.9|, |0 − 0.8|, |1 − 0.7|, |1 − 0.55|
    assert_allclose(scores["calibration_error"], (0.1 + 0.8 + 0.3 + 0.45) / 4)


def test_rows_of_one_bin_make_up_for_each_other_in_the_calibration_error():
    probabilities = np.tile([0.75, 0.25], (4, 1))
    assert metrics.calibration_error(probabilities, np.array([0, 0, 0, 1])) == 0


def test_a_class_held_impossible_costs_no_infinity():
    assert_allclose(metrics.cross_entropy(np.array([[1.0, 0.0]]), np.array([1])), -np.log(1e-15))


def test_metrics_of_values():
    scores = metrics.scores("values", np.array([1.0, 2.0]), np.array([2.0, 4.0]))
    assert_allclose([scores["error"], scores["r2"]], [2.5**0.5, 1 - 2.5 / 1])


def test_the_catalog_has_the_halves_that_the_rule_gives():
    tables = list(catalog().values())
    assert {t.name: t.half for t in tables} == halves(tables)
    assert len(tables) >= 40
    assert {t.task for t in tables} == {"classes", "values"}
    assert all(100 <= t.rows <= 100_000 for t in tables)


def test_the_halves_are_alike_in_task_and_size():
    tables = pd.DataFrame([vars(t) for t in catalog().values()])
    counts = tables.groupby(["task", "half"]).size().unstack()
    assert (counts["development"] - counts["report"]).abs().max() <= 1
    medians = tables.groupby("half")["rows"].median()
    assert max(medians) < 1.25 * min(medians)


@pytest.mark.parametrize("name", ["digits", "diabetes"])
def test_a_table_has_the_size_that_the_catalog_says(name):
    table = catalog()[name]
    inputs, targets = load(table)
    assert inputs.shape == (table.rows, table.columns) == (len(targets), table.columns)


def test_a_split_is_the_same_again_and_keeps_the_shares_of_the_classes():
    targets = np.repeat([0, 1], [80, 20])
    table = Table("made", "none", "none", "classes", "t")
    training, test = split(table, targets, 3)
    assert sorted([*training, *test]) == list(range(100))
    assert (targets[test] == 1).sum() == 4
    assert split(table, targets, 3)[1].tolist() == test.tolist()
    assert split(table, targets, 4)[1].tolist() != test.tolist()


def test_a_result_comes_back_from_the_file_and_a_later_one_replaces_it(tmp_path):
    path = tmp_path / "results.jsonl"
    trial = Trial("linear", "1", "diabetes", 0)
    for error in (0.5, 0.25):
        results.append(path, trial, {"scores": {"error": error}, "losses": np.array([error, 1.0])})
    (found,) = results.read(path)
    assert found["scores"] == {"error": 0.25}
    assert found["losses"].tolist() == [0.25, 1]
    assert results.key(found) == results.key(vars(trial))


def line(method, table, number, losses, **scores):
    times = {"fit_cpu_seconds": 1.0 if method == "fast" else 3.0, "predict_cpu_seconds": 1.0}
    return {"method": method, "settings": {}, "table": table, "split": number, "losses": np.array(losses)} | {
        "scores": scores,
        **times,
    }


@pytest.fixture
def comparison():
    found = [
        line(
            "fast", "digits", 0, [0.0] * 90 + [1.0] * 10, error=0.1, calibration_error=0.02, cross_entropy=0.3
        ),
        line(
            "slow", "digits", 0, [0.0] * 60 + [1.0] * 40, error=0.4, calibration_error=0.04, cross_entropy=0.5
        ),
        line("fast", "diabetes", 0, [4.0, 4.1], error=2.0, r2=0.75),
        line("slow", "diabetes", 0, [4.1, 4.0], error=2.0, r2=0.75),
        line("fast", "diabetes", 1, [0.0, 0.0], error=0.0, r2=1.0),  # the other did not get there
    ]
    return Comparison.of(found, ["fast", "slow"])


def test_only_splits_that_all_have_are_compared_and_errors_of_values_are_relative(comparison):
    assert_allclose(comparison.errors.loc["digits"], [0.1, 0.4])
    assert_allclose(comparison.errors.loc["diabetes"], [0.5, 0.5])
    assert comparison.seconds_ratio("slow", "fast") == 2


def test_wins_are_those_beyond_noise(comparison):
    assert comparison.beyond_noise("fast", "slow").to_dict() == {"digits": -1, "diabetes": 0}
    assert comparison.beyond_noise("slow", "fast").to_dict() == {"digits": 1, "diabetes": 0}


def test_the_report_as_a_table_and_a_plot(comparison, tmp_path):
    lines = report.summary(comparison, "fast")
    assert lines.index[0] == "fast"
    assert lines.loc["slow", ["wins", "losses", "times"]].tolist() == [1, 0, 2]
    assert_allclose(lines.loc["fast", "calibration_error"], 0.02)
    head, _, *rows = report.markdown(lines, "fast").splitlines()
    assert [len(row.split("|")) for row in rows] == [len(head.split("|"))] * 2
    report.plot(lines, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_a_label_names_method_and_settings():
    assert label({"method": "linear", "settings": {"b": 1, "a": "x"}}) == "linear a=x b=1"


def test_a_setting_for_one_task_does_not_reach_the_other():
    settings = {"max_iter": 3, "classes:batch_size": 16, "values:batch_size": 32}
    for task, size in (("classes", 16), ("values", 32)):
        model = METHODS["deltaprop"](task, 0, settings)
        assert (model.batch_size, model.max_iter, model.random_state) == (size, 3, 0)


def test_the_ablation_switches_off_only_what_the_network_has():
    assert "periodic embeddings of numbers" not in ablation.parts({"periodic_embedding": False})
    assert "periodic embeddings of numbers" in ablation.parts({"periodic_embedding": True})
    # Of one task only
    assert "outputs within the range of the targets" in ablation.parts({"values:clamp_outputs": True})


def test_the_ablation_says_what_is_lost_without_a_part(comparison):
    head, _, row = ablation.table(comparison, {"slow": "speed"}, "fast").splitlines()
    assert [len(r.split("|")) for r in (head, row)] == [6, 6]
    # Of the two tables: 1 − 0 where it is the worse one of two, and 1 − 1 where both are alike.
    assert "| speed | +0.500 (+0.000 to +1.000)" in row
    assert "2.00 ×" in row


def test_a_trial_of_a_linear_model_on_a_table_that_scikit_learn_ships():
    result = measure(Trial("linear", "1", "breast_cancer", 0))
    assert result["scores"]["error"] < 0.05
    assert result["losses"].shape == (114,)
    assert result["losses"].mean() == result["scores"]["error"]


def test_a_run_is_not_repeated_and_compares(tmp_path, capsys):
    path = tmp_path / "results.jsonl"
    line = ["run", "linear", "--table", "diabetes", "--half", "both", "--splits", "2", "--results", str(path)]
    for _ in range(2):
        main([*line, "--peers"])
        output = capsys.readouterr()
        assert "1 tables, 2 splits" in output.out
        assert len([json.loads(result) for result in path.read_text().splitlines()]) == 2
    assert output.err == ""


def test_an_unknown_table_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["run", "linear", "--table", "nothing"])
    assert capsys.readouterr().err.endswith(
        "no table 'nothing'; they are listed in benchmarks/tables/catalog.csv\n"
    )
