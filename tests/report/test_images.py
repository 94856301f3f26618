"""Figures of matplotlib stand inside the page: text as text, colors as the page's variables."""

import re

import numpy as np

from deltaprop import plots
from deltaprop.report.images import svg
from deltaprop.style import PAGE


def test_a_figure_takes_the_colors_of_the_page_and_keeps_its_text():
    figure = plots.curves(
        np.arange(1, 4), {"train": [1.0, 0.5, 0.2], "validation": [1, 1, 1]}, "loss", palette=PAGE
    )
    drawn = svg(figure, 'Loss & "more"')
    assert "var(--ink)" in drawn
    assert "var(--series-1)" in drawn
    assert "#0102" not in drawn
    assert ">validation</text>" in drawn
    assert 'aria-label="Loss &amp; &#34;more&#34;"' in drawn


NAMES = ["$x^2^3$ up", "US$ or CA$", "東京 $"]


def test_a_dollar_in_a_name_is_a_dollar_and_no_formula():
    y, t = np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.5, 3.0])
    drawn = svg(plots.confusion_matrix(np.eye(3, dtype=int), NAMES, palette=PAGE), "Confusion matrix")
    assert [drawn.count(f">{name}</text>") for name in NAMES] == [2, 2, 2]
    for name in NAMES:
        against = svg(plots.predicted_against_true(y, t, name, palette=PAGE), name)
        assert f">true {name}</text>" in against
        assert f">predicted {name}</text>" in against
        assert f">predicted − true {name}</text>" in svg(plots.residuals(y, t, name, palette=PAGE), name)
        assert f">{name}</text>" in svg(plots.network_diagram([(2, "input"), (1, name)], palette=PAGE), name)
        lines = plots.curves(np.arange(3), {name: [1, 2, 3], "b": [1, 1, 1]}, f"y {name}", palette=PAGE)
        assert f">{name}</text>" in svg(lines, name)
        assert f">y {name}</text>" in svg(lines, name)


def test_the_powers_of_a_logarithmic_axis_are_typeset():
    figure = plots.curves(np.arange(3), {"train": [1, 1e-3, 1e-6]}, "loss", log=True, palette=PAGE)
    assert "mathdefault" not in re.sub(r"<!--.*?-->|<[^>]*>", "", svg(figure, "Loss"), flags=re.DOTALL)


def test_the_same_figure_gives_the_same_text():
    def draw():
        return svg(plots.curves(np.arange(3), {"train": [1, 2, 3]}, "loss", palette=PAGE), "Loss")

    assert draw() == draw()
