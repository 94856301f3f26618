"""The chain and the equations that the panel of numbers shows, and the words of the panel of what goes on inside."""

import re

import numpy as np
import pytest
from playground.browser.driving import eventually

from deltaprop.playground import curvature
from deltaprop.playground.inspection import chain
from deltaprop.playground.messages import AskChain


def numbers(words):
    """All numbers in a text of the page, which has a minus sign of its own."""
    return [float(found) for found in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", words.replace("−", "-"))]


def opened(page, session, tab):
    """One step of training, then that tab."""
    page.get_by_label("What a step is").select_option("batch")
    page.get_by_role("button", name="Step forward").click()
    eventually(page, lambda: session.runs[0].step == 1, "a step")
    page.get_by_role("tab", name=tab).click()


def test_chain_and_equations_by_keyboard(page, session):
    """A unit is chosen in the table, a weight by its focus; the numbers are those of the library."""
    opened(page, session, "Numbers")
    page.get_by_role("button", name=re.compile("^(?!Weight).*2, unit 3$")).first.press("Enter")
    link = re.compile("Weight .*1, unit 4 → .*2, unit 3$")
    page.get_by_role("button", name=link).first.focus()
    factors = page.locator(".chain-factors b")
    factors.first.wait_for()
    run = session.runs[0]
    w = next(node for node in run.network.nodes if node.name == "2").parameters[0]
    index = w.start + 2 * w.shape[1] + 3
    assert page.evaluate("playground.selection.weight") == index
    expected = chain(run, AskChain(sample=0, weight=index))
    product = expected.d_a * expected.f_prime * expected.x
    parts = pytest.approx([expected.d_a, expected.f_prime, expected.x, product], rel=1e-3)
    eventually(page, lambda: numbers(" ".join(factors.all_inner_texts())) == parts, parts)
    assert numbers(page.locator(".chain").get_by_text("By differences").inner_text())[0] == pytest.approx(
        expected.gradient, rel=1e-3
    )
    assert page.get_by_role("button", name=link).first.evaluate(
        "(button) => button === document.activeElement"
    )

    trace = run.network.trace(run.problem.inputs[:1], run.problem.targets[:1])
    z, gradient = trace.layers[2].z[0, 2], trace.layers[2].d_w[2, 3]
    equations = page.locator(".equation").all_inner_texts()
    assert numbers(equations[0])[-1] == pytest.approx(z, rel=1e-3)
    assert numbers(next(line for line in equations if "w3,4" in line))[-1] == pytest.approx(
        gradient, rel=1e-3
    )

    page.evaluate("playground.select({sample: 500})")  # there is none: nothing of the sample before is left
    factors.first.wait_for(state="detached")
    assert "500" in page.get_by_role("alert").inner_text()
    page.evaluate("playground.select({sample: 0})")
    factors.first.wait_for()
    sheet = page.locator(".sheet")
    sheet.evaluate("sheet => (sheet.scrollTop = 100)")
    page.get_by_role("tab", name="Inside").click()
    assert sheet.evaluate("sheet => sheet.scrollTop") == 0


def test_spectrum_and_slice(page, session):
    """Their words, which screen readers are told too, have the numbers of the library."""
    opened(page, session, "Inside")
    run = session.runs[0]
    for what in ("curvature", "slice"):
        page.locator(f"[data-control={what}]").get_by_role("button", name="Compute").click()
    spectrum, cut = curvature.spectrum(run), curvature.slice_of(run)
    told = page.locator(".spectrum-canvas")
    told.wait_for()
    lowest, largest = spectrum.eigenvalues[0], spectrum.eigenvalues[-1]
    found = numbers(told.get_attribute("aria-label"))
    expected = [1, spectrum.parameters, lowest, largest, spectrum.samples, largest, 2, 2 / largest]
    assert found[: len(expected)] == pytest.approx([*expected], rel=6e-3)
    told = page.locator(".slice-canvas")
    told.wait_for()
    loss = np.array(cut.loss)
    expected = [1, cut.samples, cut.now, loss.min(), loss.max()]
    assert numbers(told.get_attribute("aria-label"))[:5] == pytest.approx(expected, rel=6e-3)
    page.get_by_label("Keep spectrum and slice up to date").check()
    for _ in range(2):  # the second step is taken while the answer to the first one is awaited
        page.get_by_role("button", name="Step forward").click()
    for canvas in ("spectrum", "slice"):
        newest = page.locator(f'.{canvas}-canvas[aria-label^="Step 3"]')
        newest.wait_for()
