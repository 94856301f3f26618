"""The tab Lessons: each lesson opens, an answer is judged, and what is done stays done."""

from playground.browser.driving import eventually

from deltaprop.playground import lessons
from deltaprop.playground.lessons.page import read


def start(page, name):
    """Open a lesson from the list."""
    page.evaluate("playground.open('lesson')")
    if page.get_by_role("button", name="All lessons").is_visible():
        page.get_by_role("button", name="All lessons").click()
    page.locator(f"[data-lesson={name}]").click()
    page.get_by_role("heading", name=read(name).title.text("en"), exact=True).wait_for()


def answer(page, text):
    page.get_by_label("Your answer").fill(text)
    page.get_by_role("button", name="Check").click()
    return page.locator(".lesson-verdict[data-right]")


#: Opens each lesson and tells the title that is shown, and which of the controls to be outlined are not in the page.
OPEN_ALL = """async lessons => {
  const shown = {};
  playground.open("lesson");
  for (const [name, controls] of Object.entries(lessons)) {
    await new Promise(resolve => {
      const end = playground.on("lesson", reply => reply.name === name && (end(), resolve()));
      playground.send({kind: "lesson", name});
    });
    await new Promise(requestAnimationFrame);
    const find = (kind, control) => document.querySelector(`[data-${kind}="${control}"]`);
    const found = control => ["control", "about", "tab"].some(kind => find(kind, control));
    shown[name] = [document.querySelector(".lesson-page h3").textContent, controls.filter(control => !found(control))];
  }
  return shown;
}"""


def test_every_lesson_opens_and_outlines_controls_that_exist(page, session):
    shown = page.evaluate(OPEN_ALL, {name: list(read(name).controls) for name in lessons.ORDER})
    assert shown == {name: [read(name).title.text("en"), []] for name in lessons.ORDER}
    assert session.runs[0].settings == read(lessons.ORDER[-1]).settings


def test_previous_next_and_start_over(page, session):
    start(page, "xor")
    page.get_by_role("button", name="Next", exact=True).click()
    eventually(page, lambda: session.lesson == "xor-feature")
    page.get_by_role("button", name="Previous", exact=True).click()
    page.get_by_text("Lesson 3 of").wait_for()
    page.evaluate("playground.change(0, {optimizer: {learning_rate: 2}})")
    eventually(page, lambda: session.runs[0].settings.optimizer.learning_rate == 2)
    page.get_by_role("radio", name="Two").check()
    page.get_by_role("button", name="Start over").click()
    eventually(page, lambda: session.runs[0].settings == read("xor").settings)
    assert page.locator(".lesson-choice :checked").count() == 0


def test_a_right_answer_is_marked_as_done_and_a_wrong_one_is_not(page):
    start(page, "stochastic")
    page.set_viewport_size({"width": 1280, "height": 600})
    verdict = answer(page, "24,0")
    assert verdict.get_attribute("data-right") == "false"
    box = verdict.bounding_box()
    assert box["y"] + box["height"] <= 600  # it is in view
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_label("Your answer").fill("25")
    assert page.locator(".lesson-verdict[data-right]").count() == 0  # it was of another answer
    page.keyboard.press("Enter")
    page.locator(".lesson-verdict[data-right=true]").wait_for()
    page.get_by_role("button", name="All lessons").click()
    done = page.get_by_role("listitem").filter(has_text="done")
    assert done.get_by_role("button").all_inner_texts() == ["Trick 1: stochastic learning"]


def test_what_is_no_answer_is_said_at_the_question(page):
    start(page, "rates")
    page.get_by_label("Your answer").fill("fast")
    page.get_by_role("button", name="Check").click()
    page.get_by_role("alert").get_by_text("expected a number such as 0.25").wait_for()
    assert page.locator(".lesson-verdict[data-right]").count() == 0


def test_answer_and_verdict_stay_when_the_language_changes(page):
    start(page, "xor")
    page.get_by_role("button", name="Check").click()
    alert = page.get_by_role("alert")
    alert.wait_for()
    page.get_by_role("radio", name="Three").check()
    page.get_by_role("button", name="Check").click()
    page.locator(".lesson-verdict[data-right=true]").wait_for()
    assert not alert.is_visible()
    page.get_by_role("button", name="中文").click()
    page.get_by_text("正确。要四个全对").wait_for()
    assert page.get_by_role("radio", name="三个").is_checked()
    page.get_by_role("button", name="EN", exact=True).click()
    page.get_by_text("Right. For all four").wait_for()


def test_on_a_phone_text_and_output_are_in_view_together(open_page, machine):
    page = open_page(machine.serving.address + "?lesson=second-order", viewport={"width": 390, "height": 844})
    page.locator(".lesson-task").scroll_into_view_if_needed()
    eventually(page, lambda: page.evaluate("scrollY > 500"))
    page.locator(".lesson-question").scroll_into_view_if_needed()
    boxes = [page.locator(place).bounding_box() for place in (".output-plane", ".lesson-question legend")]
    assert all(box["y"] >= 0 and box["y"] + box["height"] <= 844 for box in boxes)
    assert boxes[1]["y"] > boxes[0]["y"] + boxes[0]["height"]
