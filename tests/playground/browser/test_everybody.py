"""The page for everybody: without a mouse, on a phone, in Chinese, in the dark, read aloud, without motion."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playground.browser.driving import PHONE, eventually


def violations(page):
    """What the accessibility checker finds that is serious."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        (v["id"], [node["html"][:200] for node in v["nodes"]])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(
    ("locale", "tabs"),
    [("en-US", {"light": "numbers", "dark": "inside"}), ("zh-CN", {"light": "share", "dark": "lesson"})],
)
def test_nothing_serious_is_in_the_way_of_anybody(open_page, machine, locale, tabs):
    page = open_page(locale=locale)
    machine.watched[page].allowed = ["Applying inline style", "preload assets"]  # of the checker itself
    page.evaluate("playground.select({sample: 3, unit: {column: 2, unit: 1}})")
    for scheme, tab in tabs.items():
        page.emulate_media(color_scheme=scheme)
        page.locator(f"[data-tab={tab}]").click()
        page.wait_for_timeout(200)
        assert not violations(page)


def test_a_run_is_made_by_keyboard_alone(open_page, machine):
    page = open_page()
    session = machine.serving.session(page)
    page.keyboard.press("Tab")  # the link past the controls
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "network"
    page.keyboard.press("ArrowRight")
    eventually(page, lambda: session.runs[0].step == 1, "a step")
    page.keyboard.press("ArrowLeft")
    eventually(page, lambda: session.runs[0].step == 0, "a step back")
    page.keyboard.press("Space")
    eventually(page, lambda: session.runs[0].step > 100, "training")
    page.locator(".data-set input:checked").focus()  # which has no use for the key
    page.keyboard.press("Space")
    eventually(page, lambda: not session.playing, "a pause")
    said = page.locator(".place-announcer [role=status]")
    step = f"{session.runs[0].step:,}".replace(",", "\u202f")
    eventually(page, lambda: f"Paused at step {step}:" in said.inner_text(), "the step of the pause")
    page.keyboard.press("r")
    eventually(page, lambda: session.runs[0].newest == 0, "step 0")


def test_the_focus_reaches_every_control_and_can_be_seen(page):
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("button, select, input, canvas[tabindex='0']")].filter(c =>
             c.checkVisibility({visibilityProperty: true}) && !c.disabled && c.tabIndex >= 0 && c.type !== "radio")
             .length"""
    )
    seen = set()
    for _ in range(wanted + 20):
        page.keyboard.press("Tab")
        place, outline = page.evaluate(
            """() => { const at = document.activeElement, style = getComputedStyle(at);
                 at.dataset.seen ??= String(document.querySelectorAll("[data-seen]").length);
                 return [at.dataset.seen, style.outlineStyle !== "none" || style.boxShadow !== "none" ||
                   at.matches(":focus-within") && getComputedStyle(at.parentElement).outlineStyle !== "none"]; }"""
        )
        at_end = page.evaluate("document.activeElement === document.body")
        assert outline or at_end, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        seen.add(place)
    assert len(seen) >= wanted * 0.9


def test_a_phone_shows_everything_in_one_column(open_page, machine):
    page = open_page(**PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_title("中文").tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    tops = page.evaluate(
        """() => ["output", "network", "data", "curves"].map(name =>
             document.querySelector(`.place-${name}`).getBoundingClientRect().top)"""
    )
    assert tops == sorted(tops)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select")]
             .filter(c => c.checkVisibility() && c.tabIndex >= 0 && !c.closest("[aria-hidden=true]"))
             .map(c => [c.getBoundingClientRect(), c.outerHTML.slice(0, 120)])
             .filter(([box]) => Math.min(box.width, box.height) < 24).map(([, html]) => html)"""
    )
    assert not small
    page.evaluate("playground.runs[0].frame.step = 14873; playground.select({inBatch: 9})")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    bias = page.locator('[data-key="bias.1.3."]')
    assert bias.evaluate(
        """bias => { bias.scrollIntoView({block: "center"}); const {left, bottom} = bias.getBoundingClientRect();
             return document.elementFromPoint(left - 9, bottom + 4) === bias; }"""
    )
    page.locator("button.play").tap()
    session = machine.serving.session(page)
    eventually(page, lambda: session.runs[0].step > 0, "training")


def test_the_language_changes_every_word(page):
    page.get_by_role("button", name="中文").click()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    words = page.evaluate(
        """() => [...document.querySelectorAll("button, label, h1, h2, h3, [aria-label], option, p")]
             .filter(e => e.checkVisibility()).map(e => e.getAttribute("aria-label") ?? e.textContent.trim())"""
    )
    missing = [
        word for word in words if re.fullmatch(r"[a-z]+\.[a-zA-Z_]+", word)
    ]  # a key in place of a text
    assert not missing
    page.get_by_title("English").click()
    assert page.get_by_role("button", name="Play").is_visible()


#: How many different pictures of the network are drawn within some milliseconds after a step.
PICTURES = """async milliseconds => {
  const pictures = new Set(), began = performance.now();
  document.querySelector("[aria-label='Step forward']").click();
  while (performance.now() - began < milliseconds) {
    await new Promise(requestAnimationFrame);
    pictures.add([...document.querySelectorAll("canvas.network-canvas")].map(canvas => canvas.toDataURL()).join());
  }
  return pictures.size;
}"""


def test_who_wants_no_motion_sees_none(page):
    page.get_by_label("What a step is").select_option("sample")
    moving = page.evaluate(PICTURES, 600)
    page.emulate_media(reduced_motion="reduce")
    still = page.evaluate(PICTURES, 600)
    page.emulate_media(reduced_motion="null")
    assert moving > 4
    assert still <= 3  # before the step, and its pass with and without the numbers


def test_all_is_there_without_scrolling_and_at_twice_the_size(page):
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        1280,
        800,
    ]
    page.set_viewport_size({"width": 640, "height": 400})
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    page.set_viewport_size({"width": 1280, "height": 800})
