"""What the page shows is what the library computes: numbers, moments of the past, two runs, points, weights."""

import re
from pathlib import Path

import numpy as np
from playground.browser.driving import eventually

from deltaprop import playground
from deltaprop.playground.run import Run
from deltaprop.playground.settings import Settings

PLANE = Path(playground.__file__).parent / "page" / "panels" / "output-plane.js"
MARGIN = {k: int(v) for k, v in re.findall(r"(left|bottom|edge): (\d+)", PLANE.read_text(encoding="utf-8"))}


NEWEST = "playground.runs.map(run => run.frame?.newest)"


def train(page, session, epochs=1):
    """Take some epochs by the button."""
    page.get_by_label("What a step is").select_option("epoch")
    for _ in range(epochs):
        ends = [run.step + run.fit.steps_per_epoch for run in session.runs]
        page.get_by_role("button", name="Step forward").click()
        eventually(page, lambda ends=ends: [run.step for run in session.runs] == ends, "an epoch")
        eventually(page, lambda ends=ends: page.evaluate(NEWEST) == ends, "the epoch in the page")


def shown(page, run=0):
    """The step and the weights that the page shows."""
    step, theta = page.evaluate(f"[playground.runs[{run}].frame.step, [...playground.runs[{run}].theta]]")
    return step, np.array(theta, np.float32)


def shows(page, run, number=0):
    """Wait until the page shows the run as it is."""
    eventually(page, lambda: shown(page, number)[0] == run.step, "the step")
    eventually(page, lambda: np.array_equal(shown(page, number)[1], run.network.theta), "the weights")


def on_screen(page, x, y):
    """Where a place of the plane is."""
    box = page.locator("canvas[role=application]").first.bounding_box()
    width = box["width"] - MARGIN["left"] - MARGIN["edge"]
    size = min(width, box["height"] - MARGIN["bottom"] - MARGIN["edge"])
    left = box["x"] + MARGIN["left"] + (width - size) / 2
    return left + size * (x + 6) / 12, box["y"] + MARGIN["edge"] + size * (6 - y) / 12


def numbers(words):
    """Numbers as the page writes them."""
    return [float(word.replace("−", "-")) for word in words]


def test_the_numbers_of_a_point_are_those_of_trace(page, session):
    train(page, session, 3)
    run = session.runs[0]
    page.mouse.click(*on_screen(page, *run.points.x[7]))
    assert page.evaluate("playground.selection.sample") == 7
    x, y = on_screen(page, *run.points.x[7])
    page.mouse.move(x + 3, y + 3)  # a point nearby is named, not the pointer's place
    named = re.findall(r"−?[\d.]+", page.locator(".output-readout").first.inner_text())
    assert np.abs(run.points.x - numbers(named[:2])).max(axis=1).min() < 0.05
    page.get_by_role("tab", name="Numbers").click()
    trace = run.network.trace(run.problem.inputs[7:8], run.problem.targets[7:8])
    layers = [layer for layer in trace.layers if "w" in layer.gradient]
    eventually(page, lambda: first_numbers(page, layers[0].z[0]), "the numbers of the point")
    _, *tables = page.evaluate(TABLES)
    assert len(tables) == len(layers)
    for table, layer in zip(tables, layers, strict=True):
        expected = {
            "z": layer.z,
            "a": layer.a,
            "f′": layer.f_prime,
            "δ": layer.delta,
            "∂E/∂b": layer.d_b[np.newaxis],
        }
        heads, *rows = table
        assert {"z", "a", "δ"} <= {*heads}
        for column, head in enumerate(heads[1:], 1):
            np.testing.assert_allclose(numbers(row[column] for row in rows), expected[head][0], rtol=5e-3)


def first_numbers(page, z):
    """Whether the page has the z of the first layer: until they arrive it shows those of the point before."""
    _, *tables = page.evaluate(TABLES) or [None]
    if not tables:
        return False
    (_, *heads), *rows = tables[0]
    return np.allclose(numbers(row[1 + heads.index("z")] for row in rows), z, rtol=5e-3)


#: The tables of the numbers, row by row.
TABLES = """[...document.querySelectorAll(".layers table")].map(table =>
  [...table.rows].map(row => [...row.cells].map(cell => cell.textContent)))"""


def test_every_moment_of_the_past_is_exactly_what_it_was(page, session):
    train(page, session, 4)
    run = session.runs[0]
    line = page.get_by_label("Step of the run")
    expected = Run.start(Settings())
    for step in (0, 3, 41, 97):
        line.evaluate("(line, step) => { line.value = step; line.dispatchEvent(new Event('input')); }", step)
        expected.advance(step - expected.step)
        eventually(page, lambda step=step: run.step == step, step)
        shows(page, expected)
    page.get_by_role("button", name="Step back").click()
    eventually(page, lambda: run.step == 75, "an epoch back")


def test_two_runs_take_the_same_steps_and_keep_their_own_settings(page, session):
    train(page, session)
    page.get_by_role("button", name="Fork").click()
    eventually(page, lambda: len(session.runs) == 2, "two runs")
    eventually(page, page.get_by_label("Run B").is_checked, "the copy, which is what is to be changed")
    page.get_by_label("Learning rate").fill("0.1")
    page.get_by_label("Learning rate").press("Enter")
    eventually(page, lambda: session.runs[1].settings.optimizer.learning_rate == 0.1, "the rate of B")
    assert session.runs[0].settings.optimizer.learning_rate == 0.003
    train(page, session, 2)
    a, b = session.runs
    eventually(page, lambda: a.step == b.step == 75, "both at the same step")
    for number, run in enumerate((a, b)):
        shows(page, run, number)
    assert not np.array_equal(a.network.theta, b.network.theta)
    page.get_by_role("button", name="Keep B").click()
    eventually(page, lambda: session.runs == [b], "B alone")
    page.get_by_role("button", name="Undo").click()
    eventually(page, lambda: len(session.runs) == 2, "both again")
    shows(page, session.runs[0])


def test_points_are_added_moved_and_removed_by_the_mouse(page, session):
    run = session.runs[0]
    page.get_by_role("button", name="Edit points").click()
    page.mouse.click(*on_screen(page, -5.5, 5.5))
    eventually(page, lambda: len(run.points) == 501, "a point more")
    np.testing.assert_allclose(run.points.x[-1], [-5.5, 5.5], atol=0.05)
    page.mouse.move(*on_screen(page, -5.5, 5.5))
    page.mouse.down()
    page.mouse.move(*on_screen(page, -5, 5))
    page.mouse.move(*on_screen(page, 5.5, 5.5))
    page.mouse.up()
    eventually(page, lambda: run.points.x[-1][0] > 5, "the point moved")
    page.mouse.click(*on_screen(page, 5.5, 5.5))
    page.get_by_role("button", name="Remove", exact=True).click()
    eventually(page, lambda: len(run.points) == 500, "the point removed")
    page.get_by_role("button", name="Restore", exact=True).first.click()
    eventually(page, lambda: not run.problem.edited, "the points of the settings")


def test_a_chosen_unit_keeps_its_picture(page):
    unit = page.locator('[data-key="unit.2.2."]').first
    box = unit.bounding_box()
    middle = {"x": box["x"] + 10, "y": box["y"] + 10, "width": 20, "height": 20}
    before = page.screenshot(clip=middle)
    unit.click()
    assert unit.get_attribute("aria-pressed") == "true"
    page.mouse.move(0, 0)
    assert page.screenshot(clip=middle) == before
    page.get_by_role("button", name="Show the output again").click()
    assert unit.get_attribute("aria-pressed") == "false"


def test_a_bias_is_set_by_hand(page, session):
    page.locator('[data-key="bias.2.2."]').first.click()
    value = page.get_by_label("New value").locator("visible=true")
    value.fill("much")
    value.press("Enter")
    assert value.evaluate("field => field.validationMessage").startswith("much")
    value.fill("1,25")
    value.press("Enter")
    place = page.evaluate("playground.runs[0].state.columns[2].units[2].bias")
    eventually(page, lambda: session.runs[0].network.theta[place] == 1.25, "the bias")
    shows(page, session.runs[0])
