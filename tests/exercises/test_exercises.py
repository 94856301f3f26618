"""The truth of every exercise is that of automatic differentiation, and answers are told apart from it."""

import jax
import jax.numpy as jnp
import numpy as np
import oracle  # noqa: F401 (it makes JAX compute in float64)
import pytest

from deltaprop import exercises
from deltaprop.cli import main
from deltaprop.errors import InputError
from deltaprop.exercises import command, pose

SEEDS = range(3)


def output_delta(x, w, b, y, t):
    return {"delta": jax.grad(lambda z: 0.5 * jnp.sum((z - t) ** 2))(x @ w.T + b)}


def sigmoid_and_losses(z, a, t):
    def squared(z):
        return 0.5 * jnp.sum((jax.nn.sigmoid(z) - t) ** 2)

    def entropy(z):
        return -jnp.sum(t * jax.nn.log_sigmoid(z) + (1 - t) * jax.nn.log_sigmoid(-z))

    return {"delta_se": jax.grad(squared)(z), "delta_bce": jax.grad(entropy)(z)}


def two_layers(x, t, w1, b1, w2, b2, z1, a1, y):
    def e(w1, b1, w2, b2):
        return -jnp.sum(t * jax.nn.log_softmax(jax.nn.relu(x @ w1.T + b1) @ w2.T + b2))

    return dict(
        zip(["d_w1", "d_b1", "d_w2", "d_b2"], jax.grad(e, argnums=(0, 1, 2, 3))(w1, b1, w2, b2), strict=True)
    )


def stable_softmax(z, t):
    return {"y": jax.nn.softmax(z), "E": -jnp.mean(jnp.sum(t * jax.nn.log_softmax(z), axis=1))}


def batch_forms(z, a, w, delta, n):
    constant = a @ w.T - delta  # t − b

    def mean(z, w, b):
        return jnp.mean(0.5 * jnp.sum((jax.nn.sigmoid(z) @ w.T + b - constant) ** 2, axis=1))

    d_z, d_w, d_b = jax.grad(mean, argnums=(0, 1, 2))(z, w, jnp.zeros(len(w)))
    return {"d_w": d_w, "d_b": d_b, "delta_below": len(z) * d_z}


ORACLES = {1: output_delta, 2: sigmoid_and_losses, 3: two_layers, 4: stable_softmax, 5: batch_forms}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("number", ORACLES)
def test_the_truth_is_that_of_automatic_differentiation(number, seed):
    exercise = pose(number, seed)
    truth = ORACLES[number](**exercise.given)
    assert [asked.name for asked in exercise.asked] == sorted(
        truth, key=[a.name for a in exercise.asked].index
    )
    for asked in exercise.asked:
        np.testing.assert_allclose(asked.truth, truth[asked.name], rtol=1e-9, atol=1e-12)
    feedback = exercise.check({name: np.asarray(value) for name, value in truth.items()})
    assert feedback.correct
    assert str(feedback).endswith(exercise.lesson)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("number", ORACLES)
def test_every_solution_is_right_and_every_known_mistake_is_recognized(number, seed):
    exercise = pose(number, seed)
    assert exercise.check({asked.name: asked.solution for asked in exercise.asked}).correct
    for asked in exercise.asked:
        for words, formula in asked.mistakes.items():
            (answer,) = exercise.check({asked.name: formula}).answers
            assert (answer.correct, answer.mistake) == (False, words)


def test_the_entry_that_departs_most_is_named():
    exercise = pose(5)
    d_w = exercise.asked[0].truth.copy()
    d_w[1, 2] += 0.5
    (answer,) = exercise.check(d_w).answers
    expected = f"wrong, 1 of 6 entries differs, most [1, 2]: {d_w[1, 2]:.4g} instead of {d_w[1, 2] - 0.5:.4g}"
    assert answer.message == expected
    np.testing.assert_allclose(answer.difference, [[0, 0, 0], [0, 0, 0.5]], atol=1e-12)


def test_mistakes_that_any_quantity_can_have():
    exercise = pose(5)
    truth = exercise.asked[0].truth
    said = [
        exercise.check(wrong).answers[0].mistake for wrong in (-truth, 3 * truth, truth.T, np.inf * truth)
    ]
    assert said == [
        "the sign",
        "a constant factor, 3",
        "it is transposed",
        "an intermediate result overflows, or a divisor is 0",
    ]


def test_numbers_need_three_digits_and_formulas_are_exact():
    exercise = pose(5)
    rounded = [[float(f"{v:.3g}") for v in row] for row in exercise.asked[0].truth]
    assert exercise.check(rounded).answers[0].correct
    assert exercise.check(f"d_w = {rounded}").answers[0].correct
    assert not exercise.check("d_w = 1.001 * delta.T @ a / n").answers[0].correct


def test_a_later_formula_may_use_an_earlier_one_and_what_is_missing_is_said():
    exercise = pose(3)
    feedback = exercise.check(
        "delta = y - t; d_w2 = delta.T @ a1; back = delta @ w2 * H(z1); d_b1 = back; d_w1 = back.T @ x"
    )
    assert [answer.name for answer in feedback.answers] == ["d_w2", "d_b1", "d_w1"]
    assert all(answer.correct for answer in feedback.answers)
    assert not feedback.correct
    assert "Still to be answered: d_b2." in str(feedback)
    assert exercise.check({"delta": "y - t", "d_b2": "sum(delta, axis=0)"}).answers[0].correct


@pytest.mark.parametrize("number", ORACLES)
def test_the_question_shows_everything_that_is_given_and_asked(number):
    exercise = pose(number, seed=3)
    for name in [*exercise.given, *(asked.name for asked in exercise.asked)]:
        assert f"  {name} = " in str(exercise)
    assert str(exercise) == str(pose(number, seed=3)) != str(pose(number, seed=4))


def test_the_answer_does_not_change_what_is_given():
    exercise = pose(2)
    before = {name: value.copy() for name, value in exercise.given.items()}
    exercise.check("z = exp(z); delta_se = z")
    for name, value in before.items():
        np.testing.assert_array_equal(exercise.given[name], value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pose(6), r"pose: number is 6, expected an integer in \[1, 5\]"),
        (lambda: pose(1, seed=-1), "pose: seed is -1"),
        (
            lambda: pose(1).check("gamma = y - t"),
            "Exercise: answer is 'gamma = y - t', expected one of delta",
        ),
        (lambda: pose(1).check({"delta": "y - u"}), "the name 'u' is unknown, expected x, w, b, y, t"),
        (lambda: pose(1).check([["a"]]), "Exercise: delta has dtype"),
    ],
)
def test_what_is_no_answer_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_the_command_line_poses_checks_and_solves(capsys):
    assert main(["exercise", "1", "--seed", "3"]) == 0
    assert "--seed 3 --answer" in capsys.readouterr().out
    assert main(["exercise", "1", "--answer", "t - y"]) == 1
    assert "Likely: the sign" in capsys.readouterr().out
    assert (
        main(["exercise", "2", "--answer", "delta_se = (a-t)*a*(1-a)", "--answer", "delta_bce = a - t"]) == 0
    )
    assert main(["exercise", "4", "--solution"]) == 0
    assert "max(z, axis=1, keepdims=True)" in capsys.readouterr().out
    assert main(["exercise", "1", "--answer", "open('f')"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_dialogue_asks_until_it_is_right(monkeypatch, capsys):
    lines = iter(["a - t", "nonsense(", "(a - t) * a * (1 - a)", "a - t"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(lines))
    assert command._dialogue(pose(2)) == 0
    shown = capsys.readouterr().out
    assert "f′(z), is missing" in shown
    assert "cannot be read" in shown
    assert pose(2).lesson in shown
    lines = iter(["?", ""])
    assert command._dialogue(pose(2)) == 1
    assert "(a - t) * a * (1 - a)" in capsys.readouterr().out


def test_there_are_five():
    assert list(exercises.EXERCISES) == [1, 2, 3, 4, 5]
