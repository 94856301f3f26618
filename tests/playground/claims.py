"""What the lessons say of their runs: each sentence with the measurement that bears it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Any

from playground.measurements import (
    at,
    best_score,
    difference,
    first_to_last,
    held_out_loss,
    held_out_score,
    hidden,
    movement,
    norm,
    saturated,
    scores,
    seeds_that_learn,
    train_loss,
    train_score,
    weight,
    z_hidden,
)

from deltaprop.playground.build import network_of
from deltaprop.playground.lessons import truths
from deltaprop.playground.lessons.page import read
from deltaprop.playground.problem import problem_of
from deltaprop.playground.run import Run
from deltaprop.playground.settings import Settings


@dataclass(frozen=True)
class Claim:
    """A sentence of a lesson: after so many steps, the quantity lies within these bounds."""

    lesson: str
    says: str
    quantity: Callable[[Run], float]
    steps: int = 0
    least: float = -inf
    most: float = inf
    change: dict[str, Any] = field(default_factory=dict)  # of the lesson's settings
    drawn: bool = False  # with weights as drawn rather than those set by hand

    def run(self) -> Run:
        page = read(self.lesson)
        settings = Settings.model_validate(merged(page.settings.model_dump(), self.change))
        problem = problem_of(settings, page.hand_points)
        network = network_of(settings, problem)
        if page.weights and not self.drawn and not self.change:
            network.theta = page.weights
        run = Run(settings, problem, network)
        run.fit.advance(self.steps)  # the same steps, without a row for the curves at each epoch
        return run


def merged(settings: dict, change: dict) -> dict:
    """Settings with some of them changed, parts of them too."""
    parts = {
        key: merged(settings[key], value) if isinstance(value, dict) and key != "numbers" else value
        for key, value in change.items()
    }
    return settings | parts


def first_layers(number: int, units: int, activation: str, **more: Any) -> dict[str, Any]:
    return {"layers": [{"units": units, "activation": activation, **more}] * number}


def sgd(rate: float) -> dict[str, Any]:
    return {"optimizer": {"name": "sgd", "learning_rate": rate}}


def rule(name: str, rate: float) -> dict[str, Any]:
    return {"optimizer": {"name": name, "learning_rate": rate}}


XY = {"features": ["x", "y"]}
TANH = first_layers(2, 8, "tanh")
SIGMOIDS = first_layers(6, 8, "sigmoid")

CLAIMS = (
    Claim("perceptron", "Before 40 steps are over, they stand still", movement, 40, most=0),
    Claim("perceptron", "all four points are right", train_score, 40, least=1),
    Claim("adaline", "δ = z − t = −1", at(truths.output_delta, 1, 1), 0, -1, -1),
    Claim("adaline", "the first step gives each weight and the bias 0.1", weight(0), 1, 0.0999, 0.1001),
    Claim("adaline", "the first step gives each weight and the bias 0.1", weight(2), 1, 0.0999, 0.1001),
    Claim("adaline", "z comes closer to 1", at(truths.output, 1, 1), 20, 0.99, 1),
    Claim("adaline", "1 − 3η", truths.factor_of_delta, 5, 0.69, 0.71),
    Claim("adaline", "above, δ grows", train_loss, 50, least=10, change=sgd(0.7)),
    Claim("adaline", "δ shrinks", train_loss, 50, most=0.1, change=sgd(0.63)),
    Claim("xor", "never rises above 75 %", best_score(400), most=0.75),
    Claim("xor", "the weights go round and round", movement, 400, least=0.1),
    Claim("xor-feature", "until the loss is practically 0 (200 steps)", train_loss, 200, most=1e-6),
    Claim("xor-feature", "½ − ½ x₁x₂", weight(2), 200, -0.501, -0.499),
    *(
        Claim(
            *("xor-feature", "every output becomes ½", at(truths.output, x, y), 200, 0.499, 0.501),
            change={"features": ["x/4", "y/4"]},
        )
        for x in (-4, 4)
        for y in (-4, 4)
    ),
    Claim("xor-hidden", "The outputs at the four corners are exactly 0, 1, 1 and 0.", train_loss, most=0),
    Claim("xor-hidden", "h = (2, 1)", lambda run: hidden(run, 4, 4) == [2, 1], least=1),
    Claim(
        "xor-hidden", "fall on the same place, h = (1, 0)", lambda run: hidden(run, -4, 4) == [1, 0], least=1
    ),
    Claim(
        "xor-hidden", "fall on the same place, h = (1, 0)", lambda run: hidden(run, 4, -4) == [1, 0], least=1
    ),
    Claim("xor-hidden", "Two units are rarely enough", seeds_that_learn, most=3),
    Claim(
        *("xor-hidden", "with 8, training gets there from most seeds", seeds_that_learn, 0, 7),
        change=first_layers(1, 8, "relu"),
    ),
    Claim("linear", "for 1000 steps: the test accuracy stays below 70 %", held_out_score, 1000, most=0.7),
    Claim("linear", "it reaches 98 %", held_out_score, 1000, 0.98, change=TANH),
    Claim("equations", "whose target is 0", at(truths.output_delta, 4, 4), 0, least=0),
    Claim("equations", "After 1000 steps it is below 0.1", at(truths.output_delta, 4, 4), 1000, most=0.1),
    Claim("slow-weights", "at (4, 4) its z is 20", lambda run: z_hidden(run, 4, 4), 0, 20, 20),
    Claim("slow-weights", "f′ is near 0", at(truths.slope, 4, 4), most=1e-6),
    Claim("slow-weights", "its δ is −0.38 here", at(truths.output_delta, 4, 4), 0, -0.385, -0.375),
    Claim("slow-weights", "there the input is 0", lambda run: run.problem.inputs[1, 1], 0, 0, 0),
    Claim("vanishing", "less than a ten-thousandth", first_to_last, most=1e-4),
    Claim("vanishing", "for 2000 steps: the test accuracy stays at 50 %", held_out_score, 2000, 0.49, 0.51),
    Claim("remedies", "After 2000 steps the test accuracy is above 98 %", held_out_score, 2000, 0.98),
    Claim(
        *("remedies", "Tanh with Glorot's initial weights does as well", held_out_score, 2000, 0.98),
        change=first_layers(6, 8, "tanh") | {"initializer": "glorot_normal"},
    ),
    Claim("remedies", "nothing is learned in 2000 steps", held_out_score, 2000, most=0.55, change=SIGMOIDS),
    Claim(
        *("remedies", "above 95 % in 2000 steps", held_out_score, 2000, 0.95),
        change=first_layers(6, 8, "sigmoid", normalization="batch"),
    ),
    Claim(
        *("remedies", "A ten times larger rate of SGD", held_out_score, 2000, -inf, 0.55),
        change=SIGMOIDS | sgd(1),
    ),
    Claim(
        *("remedies", "The optimizer Adam with rate 0.01", held_out_score, 2000, 0.95),
        change=SIGMOIDS | rule("adam", 0.01),
    ),
    Claim("remedies", "more than 1000 times smaller", first_to_last, 0, most=1e-3, change=SIGMOIDS),
    Claim("stochastic", "the test accuracy is above 98 %", held_out_score, 500, 0.98),
    Claim(
        "stochastic", "the accuracy is below 94 %", held_out_score, 20, most=0.94, change={"batch_size": 250}
    ),
    Claim("shuffling", "After 10 epochs (600 steps) the accuracy is below 70 %", train_score, 600, most=0.7),
    Claim("shuffling", "it does not rise above 80 %", lambda run: max(scores(run, 20)), most=0.8),
    Claim(
        *("shuffling", "above 90 % after the same 600 steps", train_score, 600, 0.9),
        change={"order": "shuffled"},
    ),
    Claim("inputs", "about 0.0015", truths.largest_rate, 0, 0.00145, 0.00155),
    Claim("inputs", "R² is still below 0.8 after 1000 steps", train_score, 1000, most=0.8),
    Claim("inputs", "it is above 10,000", truths.condition, least=10_000),
    Claim("inputs", "x/3 and y/3 below 2", truths.condition, most=2, change={"features": ["x/3", "y/3"]}),
    Claim(
        *("inputs", "the loss is practically 0 after 50 steps", train_loss, 50, -inf, 1e-6),
        change={"features": ["x/3", "y/3"]} | sgd(1),
    ),
    Claim(
        "sigmoids", "After 1000 steps the test accuracy is still below 65 %", held_out_score, 1000, most=0.65
    ),
    Claim("sigmoids", "With tanh it is above 95 %", held_out_score, 1000, 0.95, change=TANH),
    Claim("targets", "above 4 after 100 steps", norm, 100, 4),
    Claim("targets", "above 6 after 1000", norm, 1000, 6),
    Claim("targets", "above 9 after 10,000", norm, 10_000, 9),
    Claim("targets", "100 % since the first hundred", held_out_score, 100, 1),
    Claim("targets", "their norm stays below 4", norm, 10_000, most=4, change={"l2": 0.01}),
    Claim(
        *("targets", "They settle: their norm stays below 1.5", norm, 10_000, -inf, 1.5),
        change={"loss": "squared_error"},
    ),
    Claim("initial-weights", "more than 80 % of them", saturated, least=0.8),
    Claim(
        "initial-weights", "After 1000 steps the test accuracy is below 80 %", held_out_score, 1000, most=0.8
    ),
    Claim(
        "initial-weights", "the test accuracy is above 95 %", held_out_score, 1000, 0.95, change={"seed": 1}
    ),
    Claim("symmetry", "they are all alike", difference, 2000, most=1e-6),
    Claim("symmetry", "the test accuracy is below 80 %", held_out_score, 2000, most=0.8),
    Claim(
        "symmetry",
        "with a single hidden unit",
        held_out_score,
        2000,
        -inf,
        0.8,
        change=first_layers(1, 1, "sigmoid"),
    ),
    Claim(
        *("symmetry", "the accuracy is above 95 % after 2000 steps", held_out_score, 2000, 0.95),
        change={"initializer": "auto"},
    ),
    Claim("rates", "just below the limit", truths.largest_rate, 0, 1.3, 1.4),
    Claim("rates", "falls below 0.001 within 500 steps", train_loss, 500, most=1e-3),
    Claim("rates", "larger than 1000 after 500 steps", train_loss, 500, 1000, change=sgd(1.4)),
    Claim("momentum", "after 200 steps the loss is still above 10⁻⁵", train_loss, 200, 1e-5),
    Claim("momentum", "is below 10⁻⁸", train_loss, 200, most=1e-8, change=rule("momentum", 0.6)),
    Claim("own-rates", "is below 10⁻⁸ after 200 steps", train_loss, 200, most=1e-8),
    Claim("own-rates", "SGD at the rate 1 is still above 10⁻⁵", train_loss, 200, 1e-5, change=sgd(1)),
    Claim(
        *("own-rates", "it gets below 10⁻⁸ as well", train_loss, 200, -inf, 1e-8),
        change=rule("delta_bar_delta", 0.5),
    ),
    Claim("own-rates", "moves each weight by the learning rate", truths.first_step, 0, 0.0999, 0.1001),
    Claim("radial", "the test accuracy is above 99 %", held_out_score, 1000, 0.99),
    Claim("radial", "it stays below 60 %", held_out_score, 1000, most=0.6, change=XY),
    Claim(
        *("radial", "how far the accuracy falls", held_out_score, 1000, -inf, 0.95),
        change={"features": ["exp(-((x - 2)**2 + y**2)/8)"]},
    ),
    Claim("second-order", "33 eigenvalues", lambda run: len(truths.spectrum(run)), 0, 33, 33),
    Claim("second-order", "fewer than 8", truths.large_eigenvalues, 500, most=7),
    Claim("second-order", "Some are negative", lambda run: truths.spectrum(run)[0], 500, most=-1e-3),
    Claim("overfitting", "more than 300 parameters", lambda run: run.network.theta.size, least=301),
    Claim("overfitting", "falls below 0.01 within 3000 steps", train_loss, 3000, most=0.01),
    Claim("overfitting", "below 0.35 after 200 steps", held_out_loss, 200, most=0.35),
    Claim("overfitting", "more than twice that", held_out_loss, 3000, 0.7),
    Claim(
        *("overfitting", "the test loss is below 0.35", held_out_loss, 3000, -inf, 0.35),
        change={"data": {"samples": 1000}},
    ),
    Claim("regularization", "After 3000 steps the test loss is below 0.4", held_out_loss, 3000, most=0.4),
    Claim("regularization", "it is above 0.7", held_out_loss, 3000, 0.7, change={"l2": 0}),
    Claim(
        *("regularization", "the test loss is below 0.35 after 3000 steps", held_out_loss, 3000, -inf, 0.35),
        change={"l2": 0} | first_layers(2, 16, "tanh", dropout=0.3),
    ),
    Claim(
        "regularization",
        "the test accuracy falls below 60 %",
        held_out_score,
        3000,
        -inf,
        0.6,
        change={"l2": 1},
    ),
)
