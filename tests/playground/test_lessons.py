"""The lessons: what they say is so, in both languages, and answers are checked against the run."""

import re
from pathlib import Path

import numpy as np
import pytest
from playground.claims import CLAIMS
from pydantic import ValidationError
from sklearn.metrics import log_loss

from deltaprop.playground import lessons
from deltaprop.playground.complaints import Complaint
from deltaprop.playground.lessons.page import Page, read
from deltaprop.playground.run import Run
from deltaprop.playground.settings import Settings

FOLDER = Path(lessons.__file__).parent
LANGUAGES = ("en", "zh")
CHINESE = re.compile("[\u4e00-\u9fff]")
NUMBERS = [name for name in lessons.ORDER if read(name).number]
CHOICES = [name for name in lessons.ORDER if read(name).choices]


def sentences(page: Page) -> str:
    """Everything that a lesson says in English."""
    said = [page.text, page.task, page.question, *page.choices, *(c.why for c in page.choices)]
    if page.number:
        said += [page.number.right, page.number.wrong]
    return "\n".join(words.en for words in said)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.lesson}: {claim.says}")
def test_what_a_lesson_says_is_so(claim):
    assert claim.says in sentences(read(claim.lesson))
    assert claim.least <= claim.quantity(claim.run()) <= claim.most


def test_every_lesson_says_something_that_is_measured():
    assert {claim.lesson for claim in CLAIMS} == set(lessons.ORDER)


def test_the_files_are_those_of_the_lessons():
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(lessons.ORDER)
    assert [title["name"] for title in lessons.titles()] == list(lessons.ORDER)


@pytest.mark.parametrize("name", lessons.ORDER)
def test_a_lesson_starts(name):
    lesson, run = lessons.start(name, "zh")
    assert lesson.name == name
    assert run.step == 0
    assert run.settings == read(name).settings
    before = run.losses()[0]
    run.advance(3)
    assert run.step == 3
    run.go_to(0)
    assert run.losses()[0] == before


@pytest.mark.parametrize("name", lessons.ORDER)
def test_a_lesson_is_complete_in_both_languages(name):
    english, chinese = (lessons.describe(name, language) for language in LANGUAGES)
    assert len(english.text) == len(chinese.text)
    assert len(english.choices) == len(chinese.choices)
    verdicts = [
        getattr(read(name).number, kind) for kind in ("right", "wrong") if read(name).number is not None
    ] + [choice.why for choice in read(name).choices]
    pairs = [
        (english.title, chinese.title),
        (english.task, chinese.task),
        (english.question, chinese.question),
    ]
    pairs += [*zip(english.text, chinese.text, strict=True), *((w.en, w.zh) for w in verdicts)]
    for en, zh in pairs:
        assert en.strip()
        assert not CHINESE.search(en)
        assert CHINESE.search(zh)
        numbers = [re.findall(r"\d+(?:\.\d+)?", text.replace(",", "")) for text in (en, zh)]
        assert set(numbers[0]) >= set(numbers[1]), (en, zh)


def test_lessons_follow_each_other():
    chain = [lessons.describe(name) for name in lessons.ORDER]
    assert [lesson.number for lesson in chain] == [*range(1, chain[0].count + 1)]
    assert [lesson.previous for lesson in chain] == [None, *lessons.ORDER[:-1]]
    assert [lesson.next for lesson in chain] == [*lessons.ORDER[1:], None]


@pytest.mark.parametrize("name", CHOICES)
def test_one_choice_is_right(name):
    run = lessons.start(name)[1]
    verdicts = [lessons.check(name, str(i), run) for i in range(1, len(lessons.describe(name).choices) + 1)]
    assert sum(verdict.right for verdict in verdicts) == 1
    assert len({verdict.text for verdict in verdicts}) == len(verdicts)


def dense_hessian(run, h=1e-3):
    """By central differences of the gradient, in float64."""
    data, network = run.fit.trainer.data, run.network.astype("float64")
    x, t, theta = data.x[data.samples], data.t[data.samples], network.theta.copy()
    rows = []
    for step in h * np.eye(theta.size):
        sides = []
        for sign in (1, -1):
            network.theta = theta + sign * step
            sides.append(network.gradient(x, t)[1].copy())
        rows.append((sides[0] - sides[1]) / (2 * h))
    return np.array(rows)


def correlations(run):
    """The mean of x xᵀ over the training samples, with a column of ones for the bias."""
    inputs = run.problem.inputs[~run.points.test].astype(float)
    inputs = np.column_stack([inputs, np.ones(len(inputs))])
    return np.linalg.eigvalsh(inputs.T @ inputs / len(inputs))


def cross_entropies(run):
    p, test = run.network.predict(run.problem.inputs)[:, 0].astype(float), run.points.test
    return log_loss(run.problem.targets[test], p[test]) - log_loss(run.problem.targets[~test], p[~test])


def nearest_slope(run):
    nearest = np.square(run.points.x - (4, 0)).sum(axis=1).argmin()
    return 1 - np.tanh(run.network.theta[:2] @ run.problem.inputs[nearest] + run.network.theta[8]) ** 2


#: The answer in another way than the lesson's own.
ORACLES = {
    "perceptron": lambda run: run.network.theta @ [4, 4, 1],
    "adaline": lambda run: 0.7,
    "xor-feature": lambda run: -0.5,
    "equations": lambda run: run.network.predict(np.ones((1, 2)))[0, 0],
    "stochastic": lambda run: 25,
    "inputs": lambda run: correlations(run)[-1] / correlations(run)[0],
    "initial-weights": nearest_slope,
    "rates": lambda run: 2 / correlations(run)[-1],
    "momentum": lambda run: 1,
    "own-rates": lambda run: 0.1,
    "radial": lambda run: np.exp(-2),
    "second-order": lambda run: (
        np.linalg.eigvalsh(h := dense_hessian(run)) > np.linalg.norm(h, 2) / 10
    ).sum(),
    "overfitting": cross_entropies,
}


@pytest.mark.parametrize("name", NUMBERS)
def test_the_right_number_is_right_and_another_is_not(name):
    run = lessons.start(name)[1]
    run.advance(20)
    truth = float(ORACLES[name](run))
    for language in LANGUAGES:
        right = lessons.check(name, f" {truth:.5g}".replace("-", "−"), run, language)
        assert right.right
        assert "{" not in right.text
        for wrong in (truth * 1.2 + 0.05, -truth - 0.1, 1e9):
            assert not lessons.check(name, f"{wrong:.5g}", run, language).right
    assert run.step == 20


def test_the_answer_is_that_of_the_present_run():
    run = lessons.start("momentum")[1]
    optimizer = run.settings.optimizer.model_copy(update={"name": "momentum", "numbers": {"momentum": 0.8}})
    run.change(run.settings.model_copy(update={"optimizer": optimizer}))
    assert lessons.check("momentum", "5", run).right


@pytest.mark.parametrize("text", ["", "zwei", "nan", "1e999", "0x10", "1;2", "𝟙⁄𝟚", "9" * 1000, "\n"])
@pytest.mark.parametrize("name", ["rates", "xor"])
def test_what_is_no_answer_is_said_in_one_line(name, text):
    run = lessons.start(name)[1]
    with pytest.raises(Complaint) as caught:
        lessons.check(name, text, run)
    for language in LANGUAGES:
        assert 0 < len(caught.value.text(language)) < 200
        assert "\n" not in caught.value.text(language)


def test_an_unknown_lesson_is_said_with_the_names_of_those_there_are():
    with pytest.raises(Complaint, match="perceptron, adaline") as caught:
        lessons.start("xro")
    assert "'xro'" in caught.value.text("zh")


def test_a_question_that_the_network_no_longer_answers_is_said():
    with pytest.raises(Complaint, match="start the lesson over"):
        lessons.check("initial-weights", "0.1", Run.start(Settings(layers=())))


def test_a_file_with_two_right_choices_is_refused():
    page = read("xor").model_dump()
    for choice in page["choices"]:
        choice["right"] = True
    with pytest.raises(ValidationError, match="of which one is right"):
        Page.model_validate(page)


def test_back_to_step_0_has_the_weights_set_by_hand_again():
    run = lessons.start("xor-hidden")[1]
    run.advance(30)
    assert run.restarted().network.theta.tolist() == list(read("xor-hidden").weights)
    assert (
        run.restarted(seed=5).network.theta.tolist()
        == Run.start(run.settings.model_copy(update={"seed": 5}), run.points).network.theta.tolist()
    )
