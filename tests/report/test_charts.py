"""Charts as SVG: values are where they belong, labels have room, and any text is safe."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from deltaprop.report import charts
from deltaprop.report.charts import ticks
from deltaprop.report.charts.curves import _thinned
from deltaprop.report.charts.drawing import WIDTH, Axis
from deltaprop.report.charts.histogram import binned
from deltaprop.report.charts.text import clean, elide, elide_all, number, width

FONT = ImageFont.truetype(Path(mpl.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"), 120)


def real_width(text: str) -> float:
    """In DejaVu Sans at 12 pixels, one of the widest typefaces that browsers use."""
    return FONT.getlength(text) / 10


def parsed(chart: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{chart}</div>")


def of(chart: str, kind: str) -> list[ElementTree.Element]:
    """The elements that have a class, without the keys of the legend."""
    svg = parsed(chart).find("svg")
    return [element for element in svg.iter() if kind in element.get("class", "").split()]


def points(path: ElementTree.Element) -> np.ndarray:
    return np.array(
        [list(map(float, pair)) for pair in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", path.get("d"))]
    )


def texts(chart: str) -> list[str]:
    return ["".join(element.itertext()) for element in parsed(chart).iter("text")]


# Where values are


def test_a_line_goes_through_its_values():
    chart = charts.line_chart("Loss", [1, 2, 4], {"train": [1.0, 0.5, 0.75]})
    [line] = of(chart, "line")
    (x1, y1), (x2, y2), (x3, y3) = points(line)
    assert (x3 - x1) / (x2 - x1) == pytest.approx(3, rel=0.01)
    assert (y3 - y1) / (y2 - y1) == pytest.approx(0.5, rel=0.01)
    assert y2 > y1  # smaller values are lower


def test_a_gap_is_a_gap_and_a_series_without_values_is_left_out():
    chart = charts.line_chart("L", np.arange(4), {"a": [1, np.nan, 2, 3], "b": [np.nan] * 4})
    [line] = of(chart, "line")
    assert [len(part.split("L")) for part in line.get("d").split("M")[1:]] == [1, 2]


def test_equal_factors_are_equal_distances_on_a_logarithmic_axis_and_zero_leaves_a_gap():
    chart = charts.line_chart("L", np.arange(4), {"a": [100, 10, 1, 0]}, log=True)
    y = points(of(chart, "line")[0])[:, 1]
    assert len(y) == 3
    assert y[1] - y[0] == pytest.approx(y[2] - y[1], abs=0.2)
    assert {"1", "10", "100"} <= set(texts(chart))
    linear = charts.line_chart("L", np.arange(3), {"a": [-1, 0, 1]}, log=True)
    y = points(of(linear, "line")[0])[:, 1]
    assert y[1] - y[0] == pytest.approx(y[2] - y[1], abs=0.2)


def test_values_below_the_floor_are_drawn_at_it_and_the_label_says_so():
    chart = charts.line_chart("R²", [1, 2, 3], {"a": [-50, 0, 1]}, ylabel="R²", floor=-1)
    y = points(of(chart, "line")[0])[:, 1]
    assert y[0] - y[1] == pytest.approx(y[1] - y[2], abs=0.2)
    assert "R², cut off at −1" in texts(chart)


@given(st.lists(st.floats(-1e3, 1e3), min_size=400, max_size=2000))
@settings(max_examples=10)
def test_a_long_line_keeps_its_extremes(values):
    values = np.array(values)
    kept = values[_thinned(values)]
    assert len(kept) <= 202
    assert (kept.min(), kept.max(), kept[0], kept[-1]) == (values.min(), values.max(), values[0], values[-1])


def test_bars_are_as_long_as_their_values_from_zero():
    chart = charts.bars("Importance", ["a", "b", "c"], [4.0, 2.0, -1.0], [1.0, 0.5, 0.5])
    bars = [(float(bar.get("x")), float(bar.get("width"))) for bar in of(chart, "bar")]
    assert [w / bars[1][1] for _, w in bars] == pytest.approx([2, 1, 0.5], rel=0.02)
    zero = bars[0][0]
    assert bars[2][0] + bars[2][1] == pytest.approx(zero, abs=0.2)
    unit = bars[1][1] / 2
    lengths = [points(i)[1, 0] - points(i)[0, 0] for i in of(chart, "interval")]
    assert lengths == pytest.approx([2 * unit, unit, unit], rel=0.03)


def test_dots_are_joined_from_the_smallest_to_the_largest():
    chart = charts.dots("C", ["net", "linear"], {"a": [0.9, 0.5], "b": [0.7, 0.8]}, percent=True)
    found = {tip.text: points(dot)[0] for dot in of(chart, "dot") for tip in dot}
    joins = [points(join)[:, 0].tolist() for join in of(chart, "join")]
    assert joins == [
        [found["net, b: 70 %"][0], found["net, a: 90 %"][0]],
        [found["linear, a: 50 %"][0], found["linear, b: 80 %"][0]],
    ]


def test_perfect_predictions_lie_on_the_diagonal():
    t = np.array([1.0, 4.0, 10.0])
    chart = charts.scatter("S", t, t)
    (x1, y1), (x2, y2) = points(of(chart, "diagonal")[0])
    for dot in of(chart, "point"):
        x, y = points(dot)[0]
        assert y1 + (x - x1) / (x2 - x1) * (y2 - y1) == pytest.approx(y, abs=0.2)


def test_of_many_points_a_part_is_drawn_with_the_largest_errors_and_it_is_said():
    rng = np.random.default_rng(0)
    t, y = rng.normal(size=(2, 5000))
    chosen = charts.drawn(y, t)
    assert len(chosen) == len(set(chosen.tolist())) == 1500
    assert set(np.argsort(-np.abs(y - t))[:100].tolist()) <= set(chosen.tolist())
    chart = charts.scatter("S", y, t)
    assert len(of(chart, "point")) == 1500
    assert "1,500 of 5,000 samples are drawn" in chart
    assert "are drawn" not in charts.scatter("S", y[:1500], t[:1500])


def test_frequencies_and_their_intervals():
    chart = charts.reliability("C", [0.2, 0.6], [0.25, 0.5], [0.1, 0.4], [0.5, 0.9], [10, 40])
    (x1, y1), (x2, y2) = points(of(chart, "diagonal")[0])

    def place(x, y):
        return [x1 + x * (x2 - x1), y1 + y * (y2 - y1)]

    assert [points(dot)[0].tolist() for dot in of(chart, "dot")] == [
        pytest.approx(place(0.2, 0.25), abs=0.1),
        pytest.approx(place(0.6, 0.5), abs=0.1),
    ]
    assert points(of(chart, "interval")[1])[:, 1] == pytest.approx(
        [place(0, 0.4)[1], place(0, 0.9)[1]], abs=0.1
    )
    heights = [float(bar.get("height")) for bar in of(chart, "count")]
    assert heights[1] == pytest.approx(4 * heights[0], abs=0.3)


def test_a_histogram_counts_every_value():
    values = np.r_[np.random.default_rng(0).normal(size=1000), 1e6, -1e7]
    counts, edges = binned(values)
    assert counts.sum() == 1002
    assert -20 < edges[0] < edges[-1] < 20
    chart = charts.histogram("H", values, xlabel="error")
    heights = [float(bar.get("height")) for bar in of(chart, "bar")]
    filled = counts[counts > 0]
    assert heights == pytest.approx(filled * heights[filled.argmax()] / filled.max(), abs=0.2)
    assert "also hold 2 values beyond them" in chart


@pytest.mark.parametrize("values", [[], [3.0], [2.0, 2.0], [np.nan, np.inf]])
def test_few_values(values):
    for chart in (
        charts.histogram("H", values),
        charts.scatter("S", values, values),
        charts.line_chart("L", np.arange(len(values)), {"a": values}),
        charts.bars("B", list("ab")[: len(values)], values, values),
        charts.dots("D", list("ab")[: len(values)], {"a": values}),
    ):
        assert "nan" not in chart.replace("–", "")
        parsed(chart)


def test_values_without_bounds_are_a_gap():
    chart = charts.line_chart("L", np.arange(4), {"a": [1, -1e308, 1e308, 2]})
    assert len(points(of(chart, "line")[0])) == 2
    values = np.array([1, -1e308, 1e308, np.inf])
    assert len(of(charts.scatter("S", values, values[::-1]), "point")) == 0
    assert sum(binned(values)[0]) == 1


# Ticks and labels

FINITE = st.floats(-1e12, 1e12, allow_subnormal=False)


def as_number(label: str) -> float:
    mantissa, _, power = label.replace(",", "").replace("−", "-").partition("×10")
    scale = {"M": 1e6, "k": 1e3}.get(mantissa[-1], 1.0)
    digits = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(mantissa.rstrip("Mk")) * scale * 10.0 ** int(digits or 0)


@given(FINITE, FINITE, st.integers(2, 8))
@example(0.0, 1.0, 5)
@example(-3e6, 2e6, 5)
def test_ticks_are_few_nice_and_say_where_they_are(low, high, count):
    assume(high - low > 1e-6 * max(abs(low), abs(high), 1e-6))
    found = ticks.linear(low, high, count)
    span = high - low
    assert 1 <= len(found.places) <= 2 * count + 1
    assert all(low - 1e-6 * span <= place <= high + 1e-6 * span for place in found.places)
    steps = {right - left for left, right in pairwise(found.places)}
    if steps:
        step = max(steps)
        assert min(steps) == pytest.approx(step, rel=1e-3)
        assert float(f"{step:.3e}".split("e")[0]) in (1, 2, 5)
    assert [as_number(label) for label in found.labels] == pytest.approx(
        found.places, rel=1e-6, abs=1e-6 * span
    )
    assert len(set(found.labels)) == len(found.labels)


@given(st.integers(-12, 12), st.floats(0.5, 12))
def test_ticks_of_a_logarithmic_axis(exponent, decades):
    low = 1.7 * 10.0**exponent
    high = low * 10**decades
    found = ticks.logarithmic(low, high)
    assert 1 <= len(found.places) <= 9
    assert all(low <= place <= high for place in found.places)
    assert len(set(found.labels)) == len(found.labels)


@given(st.dates(), st.integers(3, 30_000))
def test_ticks_of_dates_begin_years_months_or_days(start, days):
    low = float(np.datetime64(start, "D").astype(int))
    found = ticks.dates(low, low + days)
    assert 1 <= len(found.places) <= 12
    for place, label in zip(found.places, found.labels, strict=True):
        assert low <= place <= low + days
        assert np.datetime64(label, "D") == np.datetime64(int(place), "D")


@given(st.floats(-1e300, 1e300, allow_subnormal=False))
def test_a_number_keeps_four_digits(value):
    text = number(value)
    assert len(text) <= 13
    assert as_number(text) == pytest.approx(value, rel=5e-4)


NAMES = st.text(st.characters(categories=["L", "N", "P", "Zs"], max_codepoint=0x17F), max_size=60)


@given(
    st.sampled_from(
        ["sepal length (cm)", "MAXIMUM", "llllliii", "2024-12-31", "‖∂E/∂θ‖", "wwwwmmmm", "−1.5×10"]
    )
)
def test_texts_are_not_wider_than_supposed(text):
    assert real_width(text) <= 1.06 * width(text)


@given(NAMES, st.floats(20, 200))
def test_a_long_name_loses_its_middle(name, room):
    shown, whole = elide(name, room), clean(name)
    assert width(shown) <= room
    if shown != whole:
        head, _, tail = shown.partition("…")
        assert whole.startswith(head)
        assert whole.endswith(tail)
        assert width(whole) > room


@given(FINITE, FINITE, st.booleans())
@settings(max_examples=50, deadline=None)
def test_labels_of_ticks_neither_overlap_nor_leave_the_drawing(low, high, rows):
    assume(high - low > 1e-6 * max(abs(low), abs(high), 1e-6))
    if rows:
        chart = charts.dots("D", ["a rather long name of a row", "b"], {"s": [low, high]})
    else:
        chart = charts.line_chart("L", np.array([low, high]), {"s": [low, high]}, xlabel="x")
    labels = {}
    for element in parsed(chart).find("svg").iter("text"):
        half = real_width((element.text or "") + "".join(child.tail or "" for child in element)) / 2
        x, kind = float(element.get("x")), element.get("class", "")
        left, right = {"mid": (x - half, x + half), "end": (x - 2 * half, x)}.get(
            kind.split(" ")[0], (x, x + 2 * half)
        )
        assert left >= -1
        assert right <= WIDTH + 1
        labels.setdefault(element.get("y"), []).append((left, right))
    for row in labels.values():
        assert all(b[0] >= a[1] for a, b in pairwise(sorted(row)))


# Any text

HOSTILE = [
    "<script>alert('&amp;')</script>",
    '"></svg><b onload="x">',
    "x" * 200,
    "👩‍👩‍👧 日本語",
    "a\x00\x1b\ud800\n\tb",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_is_shown_as_text(name):
    other = {"other": [2, 1, 3]}
    everything = (
        charts.line_chart(
            name, [1, 2, 3], {name: [1, 2, 3]} | other, xlabel=name, ylabel=name, mark=(2, name)
        ),
        charts.bars(name, [name], [1], [0.1], xlabel=name),
        charts.dots(name, [name, name, name], {name: [1, 2, 3]} | other, xlabel=name),
        charts.scatter(name, [1, 2], [1, 3], name=name),
        charts.histogram(name, [1, 2, 3], xlabel=name),
        charts.reliability(name, [0.5], [0.5], [0.1], [0.9], [3]),
        charts.units(name, [(3, name), (2000, name), (1, name)]),
    )
    for chart in everything:
        root = parsed(chart)
        assert {element.tag for element in root.iter()} <= {
            "div",
            "ul",
            "li",
            "svg",
            "path",
            "rect",
            "text",
            "title",
            "p",
        }
        assert clean(name) in root.find("svg").get("aria-label")
        assert root.find("svg").get("role") == "img"
        assert all(width("".join(t for t in element.itertext())) < 3000 for element in root.iter("text"))


def test_names_that_look_the_same_are_shortened_to_what_differs():
    assert elide_all(["a", "b"], 50) == ["a", "b"]
    names = [f"concentration in probe {i} of the river" for i in (1, 10, 2)]
    assert elide_all(names, 100) == ["…1…", "…10…", "…2…"]
    chart = charts.bars("B", names, [1, 2, 3], [0, 0, 0])
    assert {"…10…"} <= {title.tail for text in parsed(chart).iter("text") for title in text}
    assert names[1] in {title.text for text in parsed(chart).iter("text") for title in text}


def test_an_elided_name_is_whole_under_the_pointer():
    chart = charts.bars("B", ["x" * 200], [1], [0])
    [title] = [
        title.text
        for text in parsed(chart).iter("text")
        for title in text
        if text.get("class") == "end" and title.text
    ]
    assert title == "x" * 200


def test_values_outside_the_bounds_of_an_axis_are_shown():
    inside = Axis.around([0.0, 50.0], bounds=(0.0, 100.0))
    assert inside.low == 0.0 < 50.0 < inside.high
    for values in ([-9.0, -4.0], [120.0, 130.0]):
        outside = Axis.around(values, bounds=(0.0, 100.0))
        assert outside.low < values[0] < values[1] < outside.high


def test_an_axis_has_a_range_for_equal_values():
    axis = Axis.around([5.0, 5.0])
    assert axis.low < 5 < axis.high
