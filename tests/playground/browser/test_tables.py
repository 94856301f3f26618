"""Tables in the page: opened, dropped, and used as a person chooses; formulas that are refused."""

import numpy as np
import pytest
from playground.browser.driving import eventually

ROWS = np.random.default_rng(0).normal(size=(60, 3)).round(3)
TEXT = "a,b,c,kind\n" + "\n".join(
    f"{a},{b},{c},{'red' if a * b > 0 else 'blue'}" for a, b, c in ROWS.tolist()
)

#: Drops a file on the page as a browser does.
DROP = """([name, bytes]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
  const event = kind => new DragEvent(kind, {dataTransfer, bubbles: true, cancelable: true});
  const sign = document.querySelector(".data-drop");
  document.body.dispatchEvent(event("dragover"));
  const shown = sign.checkVisibility();
  document.body.dispatchEvent(event("drop"));
  return shown && !sign.checkVisibility();
}"""


def drop(page, name, content):
    assert page.evaluate(DROP, [name, list(content)])


def use(session):
    return session.runs[0].settings.data.table


@pytest.fixture
def opened(page, session):
    """A page with a table, opened by the button."""
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="CSV").click()
    chosen.value.set_files([{"name": "kinds.csv", "mimeType": "text/csv", "buffer": TEXT.encode()}])
    eventually(page, lambda: use(session), "the table")
    return page


def test_a_table_is_opened_and_used_as_chosen(opened, session):
    page = opened
    assert (use(session).target, session.runs[0].problem.axes) == ("kind", ("PC 1", "PC 2"))
    eventually(page, lambda: page.get_by_text("kinds.csv (60 rows)").is_visible(), "its name")
    page.get_by_label("Axes").select_option("columns")
    eventually(page, lambda: use(session).axes == ("a", "b"), "axes")
    page.get_by_label("Axis y").select_option("c")
    eventually(page, lambda: use(session).axes == ("a", "c"), "another axis")
    page.get_by_label("Axis x").select_option("c")
    eventually(page, lambda: use(session).axes == ("c", "a"), "axes exchanged")
    page.get_by_label("b", exact=True).uncheck()
    eventually(page, lambda: session.runs[0].problem.input_names == ("a", "c"), "inputs")
    assert use(session).axes == ("c", "a")
    eventually(page, page.get_by_label("a", exact=True).is_disabled, "locked: the plane needs two")
    page.locator("select").and_(page.get_by_label("Target")).select_option("b")
    eventually(page, lambda: session.runs[0].problem.classes == 0, "a regression")
    assert session.runs[0].problem.input_names == ("a", "c")


def test_another_data_set_and_back(opened, session, monkeypatch):
    monkeypatch.setattr("deltaprop.playground.session.TOGETHER", 0.0)  # quick changes are undone one by one
    page = opened
    page.get_by_role("radio", name="Rings").press("ArrowRight")
    eventually(page, lambda: session.runs[0].settings.data.name == "xor", "XOR")
    page.get_by_role("radio", name="Table").check()
    eventually(page, lambda: use(session), "the table again")
    assert use(session).target == "kind"
    for _ in range(3):
        page.get_by_role("button", name="Undo").click()
    eventually(page, lambda: session.runs[0].settings.data.name == "spirals", "the first data set")


def test_files_are_dropped(page, session):
    before = session.table
    drop(page, "letter.csv", b"Dear reader,\nthis is a letter.\n")
    eventually(page, lambda: page.get_by_role("alert").is_visible(), "a line")
    assert "letter.csv" in page.get_by_role("alert").inner_text()
    assert session.table is before
    text = TEXT.replace("red", "红").replace("blue", "蓝")
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        drop(page, f"{encoding}.csv", text.encode(encoding))
        eventually(page, lambda name=f"{encoding}.csv": name in page.inner_text(".data-table-name"), encoding)
        assert session.runs[0].problem.class_names == ("红", "蓝")


def test_what_spreadsheets_write_in_the_language_of_the_page(open_page, machine):
    page = open_page(locale="zh-CN")
    drop(page, "表.csv", TEXT.replace("red", "红").encode("gb18030"))
    session = machine.serving.session(page)
    eventually(page, lambda: use(session), "the table")
    assert session.runs[0].problem.class_names == ("blue", "红")


def test_a_formula_that_is_refused_is_said_at_its_field(page, session):
    field = page.get_by_label("A formula of x and y")
    for formula, said in (
        ("1/x", "no finite value"),
        ("import os", "cannot be read"),
        ("x", "there already"),
    ):
        field.fill(formula)
        field.press("Enter")
        eventually(page, lambda said=said: said in page.get_by_role("alert").inner_text(), said)
        assert field.get_attribute("aria-invalid") == "true"
        assert field.input_value() == formula
    field.fill("x/2")
    field.press("Enter")
    eventually(page, lambda: session.runs[0].settings.features == ("x", "y", "x/2"), "a feature")
    eventually(page, lambda: field.input_value() == "", "an empty field")
    assert not page.get_by_role("alert").is_visible()
    page.get_by_role("button", name="Remove x/2").click()
    eventually(page, lambda: session.runs[0].settings.features == ("x", "y"), "it is gone")


def test_edited_points_are_restored(page, session):
    points = session.runs[0].points
    page.evaluate("playground.send({kind: 'point', run: 0, action: 'add', x: 1, y: 1, target: 1})")
    page.get_by_role("button", name="Restore").click()
    eventually(page, lambda: len(session.runs[0].points) == len(points), "the points")
    np.testing.assert_array_equal(session.runs[0].points.x, points.x)
