"""The page: complete, self-contained, and safe whatever the data are called."""

from html.parser import HTMLParser

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from deltaprop.report import html, plots
from deltaprop.report.style import PAGE

VOID = {"meta", "img", "br", "link", "input", "path", "use"}


class Checked(HTMLParser):
    """Sees that tags close in order, and collects what a page is made of."""

    def __init__(self, text: str):
        super().__init__()
        self.open, self.tags, self.links, self.text = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@example("<script>alert('&amp;')</script>")
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_text_is_shown_as_it_is_and_never_as_markup(text):
    page = html.page(
        text, [html.heading(text), html.box(html.pairs({text: text}), text), html.cards([(text,) * 3])]
    )
    seen = Checked(page)
    assert "script" not in seen.tags
    assert "".join(seen.text).count(text) >= 7


def test_a_figure_takes_the_colours_of_the_page_and_keeps_its_text():
    figure = plots.curves(
        np.arange(1, 4), {"train": [1.0, 0.5, 0.2], "validation": [1, 1, 1]}, "loss", palette=PAGE
    )
    drawn = html.svg(figure, 'Loss & "more"')
    assert "var(--ink)" in drawn
    assert "var(--series-1)" in drawn
    assert "#0102" not in drawn
    assert ">validation</text>" in drawn
    assert 'aria-label="Loss &amp; &quot;more&quot;"' in drawn


NAMES = ["$x^2^3$ up", "US$ or CA$", "東京 $"]


def test_a_dollar_in_a_name_is_a_dollar_and_no_formula():
    y, t = np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.5, 3.0])
    drawn = html.svg(plots.confusion(np.eye(3, dtype=int), NAMES, PAGE), "Confusion matrix")
    assert [drawn.count(f">{name}</text>") for name in NAMES] == [2, 2, 2]
    for name in NAMES:
        against = html.svg(plots.predicted_against_true(y, t, name, PAGE), name)
        assert f">true {name}</text>" in against
        assert f">predicted {name}</text>" in against
        assert f">predicted − true {name}</text>" in html.svg(plots.residuals(y, t, name, PAGE), name)
        assert f">{name}</text>" in html.svg(plots.network([(2, "input"), (1, name)], PAGE), name)
        lines = plots.curves(np.arange(3), {name: [1, 2, 3], "b": [1, 1, 1]}, f"y {name}", palette=PAGE)
        assert f">{name}</text>" in html.svg(lines, name)
        assert f">y {name}</text>" in html.svg(lines, name)


def test_the_powers_of_a_logarithmic_axis_are_set_as_such():
    figure = plots.curves(np.arange(3), {"train": [1, 1e-3, 1e-6]}, "loss", log=True, palette=PAGE)
    assert "mathdefault" not in "".join(Checked(html.svg(figure, "Loss")).text)


def test_the_same_figure_gives_the_same_text():
    def draw():
        return html.svg(plots.curves(np.arange(3), {"train": [1, 2, 3]}, "loss", palette=PAGE), "Loss")

    assert draw() == draw()


def test_images_are_inline():
    cell = html.samples([(np.array([[0, 255], [255, 0]], np.uint8), "a < b"), (np.zeros((2, 2)), "dark")])
    assert cell.count('src="data:image/png;base64,') == 2
    assert "a &lt; b" in cell


def test_columns_of_numbers_are_set_flush_right():
    shown = html.table(("name", "count"), [("a", 3), ("b", "1,000")])
    assert '<td>a</td><td class="n">3</td>' in shown
