"""A few of the messages of ``tests/mutate_messages.py``, without a server."""

import json
import random

from mutate_messages import SETTINGS, VALID, check, mutated

from deltaprop.playground import session
from deltaprop.playground.handlers import Job, answer


def test_mutated_messages_are_answered(monkeypatch, caplog):
    monkeypatch.setattr(session, "LONGEST", 0.01)
    draw, page = random.Random(0), session.Session()
    answer(page, json.dumps({"kind": "settings", "settings": SETTINGS}))
    kinds = set()
    for _ in range(200):
        for reply in answer(page, mutated(draw, draw.choice(VALID))):
            kinds.add(check((reply.make() if isinstance(reply, Job) else reply).model_dump_json()))
        if (frame := page.frame()) is not None:
            kinds.add(check(frame))
    assert caplog.records == []  # nothing that was not foreseen
    assert kinds >= {"options", "session", "run", "trouble", "numbers", "frame"}
