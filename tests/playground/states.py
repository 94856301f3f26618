"""Runs to save, and what is said of texts that are no state."""

import pytest
from playground.programs import run_of

from deltaprop import InputError
from deltaprop.playground import share
from deltaprop.playground.complaints import Complaint
from deltaprop.playground.run import Run


def edited() -> Run:
    """A run in the middle of an epoch, after changes of every kind."""
    run = run_of("penalties").fork()
    run.edit_points(run.points.add(1.25, -0.1, 1, test=True).move(0, 0.1, 0.2))
    run.advance(2)
    run.change(run.settings.model_copy(update={"batch_size": 5, "l2": 0.01}))
    run.set_weight(3, 0.7)
    run.advance(1)
    assert run.fit.position % 5
    return run


def of_table() -> Run:
    return run_of("table").fork()


def same(one: Run, other: Run) -> bool:
    arrays = one.state()["arrays"], other.state()["arrays"]
    return arrays[0].keys() == arrays[1].keys() and all(
        value.tobytes() == arrays[1][name].tobytes() for name, value in arrays[0].items()
    )


def refusal(text: str) -> Complaint:
    """What is said of a text, in both languages on one line."""
    with pytest.raises(InputError) as raised:
        share.read(text)
    complaint = raised.value
    for language in ("en", "zh"):
        said = complaint.text(language) if isinstance(complaint, Complaint) else str(complaint)
        assert 0 < len(said) <= 1000
        assert "\n" not in said
    return complaint
