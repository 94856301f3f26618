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
