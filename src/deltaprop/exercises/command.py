"""``deltaprop exercise``: poses an exercise and checks answers, from options or in a dialogue."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..errors import InputError
from . import pose
from .exercise import SYNTAX, Exercise


def run(number: int, seed: int, answers: Sequence[str], solution: bool) -> int:
    """Pose the exercise, or check answers; 0 unless one is wrong or missing, then 1."""
    exercise = pose(number, seed)
    if solution:
        print(exercise, exercise.solution(), sep="\n\n")
        return 0
    if answers:
        feedback = exercise.check(";".join(answers))
        print(feedback)
        return 0 if feedback.correct else 1
    print(exercise, SYNTAX, sep="\n\n")
    if sys.stdin.isatty():
        return _dialogue(exercise)
    print(f'\nTo answer: deltaprop exercise {number} --seed {seed} --answer "{exercise.asked[0].name} = …"')
    return 0


def _dialogue(exercise: Exercise) -> int:
    """Ask for one quantity after the other until it is right; 0 if all are."""
    print("An empty line goes on to the next quantity, ? shows its solution.\n")
    right = 0
    for asked in exercise.asked:
        while True:
            try:
                line = input(f"{asked.name} = ").strip()
            except EOFError:
                print()
                return 1
            if line in ("", "?"):
                print(f"{asked.solution}" if line else "", end="\n" if line else "")
                break
            try:
                answer = exercise.check({asked.name: line}).answers[-1]
            except InputError as error:
                print(error)
                continue
            print(answer)
            if answer.correct:
                right += 1
                break
    if right == len(exercise.asked):
        print(f"\n{exercise.lesson}")
        return 0
    return 1
