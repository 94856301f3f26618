"""What outlives a reload and the server, what comes in by links and lessons, and what is refused."""

import numpy as np
import pytest
from playground.browser.driving import READY, Serving, eventually

from deltaprop import playground
from deltaprop.playground import share


@pytest.fixture
def another_server():
    """Starts servers of their own, at a port if it is given."""
    serving = []

    def start(port=0):
        serving.append(Serving(port))
        return serving[-1]

    yield start
    for one in serving:
        one.stop()


#: Drops a saved state where states are opened.
DROP = """(place, text) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], "run.json"));
  for (const kind of ["dragover", "drop"])
    place.dispatchEvent(new DragEvent(kind, {dataTransfer, bubbles: true, cancelable: true}));
}"""


def theta(page):
    return np.array(page.evaluate("[...playground.runs[0].theta]"), np.float32)


def shows(page, weights):
    eventually(page, lambda: np.array_equal(theta(page), weights), "the weights")


def trained(page, session):
    """Train for 100 steps, wait until the page shows the weights, and return them."""
    page.evaluate("playground.send({kind: 'step', unit: 'epoch', count: 4})")
    eventually(page, lambda: session.runs[0].step == 100, "100 steps")
    shows(page, session.runs[0].network.theta)
    return session.runs[0].network.theta.copy()


def test_a_reload_shows_the_same_run(machine, page, session):
    weights = trained(page, session)
    page.reload()
    page.wait_for_selector(READY)
    shows(page, weights)
    assert machine.serving.session(page) is session


def test_the_page_survives_the_servers_death(machine, open_page, another_server):
    serving = another_server()
    page = open_page(serving.address)
    machine.watched[page].allowed = ["WebSocket connection to"]
    page.evaluate("playground.send({kind: 'play', playing: false, speed: 2000})")
    weights = trained(page, serving.session(page))
    kept = "sessionStorage['deltaprop-state-0']"
    eventually(page, lambda: (text := page.evaluate(kept)) and share.read(text).step == 100, "the kept state")
    serving.stop()
    page.get_by_text("The server cannot be reached.").wait_for()
    page.locator("button.play").click()  # nothing happens, and nothing breaks
    serving = another_server(serving.port)
    eventually(page, lambda: page.evaluate("playground.connection") == "open", "the connection")
    shows(page, weights)
    run = serving.session(page).runs[0]
    np.testing.assert_array_equal(run.network.theta, weights)
    assert run.step == 100
    assert serving.session(page).speed == 2000


def test_each_tab_has_a_session_of_its_own(machine, page, session):
    twin = page.context.new_page()
    twin.goto(machine.serving.address)
    twin.wait_for_selector(READY)
    other = machine.serving.session(twin)
    assert other is not session
    twin.evaluate("playground.send({kind: 'step', unit: 'batch', count: 5})")
    eventually(twin, lambda: other.runs[0].step == 5, "5 steps")
    assert session.runs[0].step == 0
    twin.close()


def test_a_link_brings_back_the_weights_in_another_server_and_in_the_library(
    page, session, open_page, another_server
):
    weights = trained(page, session)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("[data-tab=share]").click()
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("The link is in the clipboard.").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    np.testing.assert_array_equal(playground.load(link).network.theta, weights)
    serving = another_server()
    there = open_page(serving.address)
    there.locator("[data-tab=share]").click()
    there.get_by_label("Paste a link or JSON").fill(link)
    there.get_by_role("button", name="Open", exact=True).click()
    shows(there, weights)
    later = session.runs[0].fork()
    later.advance(7)
    text = share.to_json(later)
    file = {"name": "run.json", "mimeType": "application/json", "buffer": text.encode()}
    there.locator(".share-open input[type=file]").set_input_files(file)
    shows(there, later.network.theta)
    there.locator(".share-open").evaluate(DROP, share.to_json(session.runs[0]))
    shows(there, weights)
    copy, original = serving.session(there).runs[0], session.runs[0]
    for run in (copy, original):
        run.advance(1000)
    np.testing.assert_array_equal(copy.network.theta, original.network.theta)


def test_a_lesson_is_opened_tried_and_checked(page, session):
    page.evaluate("playground.send({kind: 'lesson', name: playground.options.lessons[0].name})")
    page.locator(".lesson-question").wait_for()
    choice = page.locator(".lesson-question input").first
    if choice.get_attribute("type") == "radio":
        choice.check()
    else:
        choice.fill("1")
    page.get_by_role("button", name="Check").click()
    page.locator(".lesson-verdict[data-right]").wait_for()
    assert session.lesson


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"kind": "open", "text": "%5B1,2"}, ""),
        ({"kind": "point", "action": "move", "index": 9999}, "9999"),
    ],
)
def test_a_refusal_is_one_line_at_its_control(page, session, sent, words):
    before = session.runs[0].settings
    page.evaluate("request => playground.send(request)", sent)
    line = page.locator(".trouble:popover-open")
    line.wait_for()
    said = line.inner_text().strip()
    assert words in said
    assert "\n" not in said
    assert "Traceback" not in said
    assert session.runs[0].settings == before
    page.keyboard.press("Escape")
