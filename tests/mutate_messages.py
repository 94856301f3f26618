"""Send mutated messages to a playground server: it must not fail, grow, or show a traceback.

    python tests/mutate_messages.py --messages 100000

Requests of every kind, most of them damaged, go to a server over several sockets, in rounds with new pages. Each reply
must be one that `messages` declares; what the server had not foreseen is counted, and its traceback is shown.
Exit status 0: no such failure, no connection lost, and no more memory after the last round than after the second.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path

from websockets.sync.client import connect

DATA = {"name": "moons", "samples": 12}
SETTINGS = {"data": DATA, "layers": [{"units": 2}], "batch_size": 5}
TABLE = "u,v,kind\n" + "".join(f"{i % 7}.5,{i % 5},{'ab'[i % 2]}\n" for i in range(16))

#: Valid requests; those that are named often are sent often.
VALID = [
    *2 * [{"kind": "hello", "language": "zh"}],
    {"kind": "hello", "lesson": "xor"},
    *2 * [{"kind": "language", "language": "en"}],
    *9 * [{"kind": "settings", "run": 0, "settings": SETTINGS}],
    *3 * [{"kind": "settings", "run": 1, "settings": SETTINGS | {"features": ["x", "sin(x*y)"], "l1": 0.1}}],
    {
        "kind": "settings",
        "settings": SETTINGS | {"optimizer": {"name": "momentum", "numbers": {"momentum": 0.5}}},
    },
    {"kind": "settings", "settings": {"data": {"name": "table", "samples": 16, "table": {"target": "kind"}}}},
    *5 * [{"kind": "undo"}],
    *3 * [{"kind": "redo"}],
    *3 * [{"kind": "play", "playing": True, "speed": 50.0}],
    *3 * [{"kind": "step", "unit": "batch", "count": 3}],
    *2 * [{"kind": "step", "unit": "epoch", "count": -2}],
    *3 * [{"kind": "go", "step": 2}],
    *2 * [{"kind": "reset", "run": 0, "seed": 3}],
    *3 * [{"kind": "point", "run": 0, "action": "add", "x": 1.0, "y": -1.0, "target": 1.0, "test": False}],
    *2 * [{"kind": "point", "action": "move", "index": 2, "x": 0.0, "y": 0.5}],
    {"kind": "point", "action": "remove", "index": 0},
    {"kind": "point", "action": "restore"},
    *3 * [{"kind": "weight", "run": 0, "index": 1, "value": -0.5}],
    {"kind": "table", "name": "t.csv", "text": TABLE},
    *2 * [{"kind": "fork"}],
    *2 * [{"kind": "fork", "keep": 1}],
    *6 * [{"kind": "frame", "large": "1.0"}],
    *3 * [{"kind": "ask", "run": 0, "sample": 1}],
    *2 * [{"kind": "ask", "in_batch": 0}],
    {"kind": "ask", "x": 0.5, "y": 0.5, "target": 1.0},
    *2 * [{"kind": "chain", "sample": 1, "weight": 2}],
    {"kind": "curvature", "run": 0},
    {"kind": "slice", "run": 0},
    *3 * [{"kind": "save", "run": 0, "form": "json"}],
    {"kind": "save", "form": "numpy"},
    {"kind": "save", "form": "history"},
    *2 * [{"kind": "lesson", "name": "xor-hidden"}],
    *2 * [{"kind": "answer", "text": "1"}],
]

WORDS = [
    "",
    "x",
    "x*y",
    "sin(x)",
    "x**x",
    "(" * 60,
    "__import__('os')",
    "table",
    "relu",
    "1.0",
    "é😀",
    "\x00",
    "\ud800",
    "a" * 5000,
]
VALUES = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2,
    3.5,
    1e-300,
    1e308,
    -1e308,
    2**31,
    2**63,
    10**30,
    float("nan"),
    float("inf"),
]
VALUES += [
    *WORDS,
    [],
    {},
    [[]],
    [1, "a", None],
    {"kind": "hello"},
    {"units": 3, "activation": "relu", "dropout": 0.5},
]


def mutated(draw: random.Random, message: dict) -> str:
    """The text of the message with some damage, or none."""
    message = deepcopy(message)
    for _ in range(draw.choice([0, 0, 1, 1, 1, 2])):
        _damage(draw, message)
    text = json.dumps(message, ensure_ascii=draw.random() < 0.5)
    for _ in range(draw.choice([0, 0, 0, 0, 0, 0, 0, 1, 3])):
        i, j = sorted(draw.randrange(len(text) + 1) for _ in range(2))
        inserted = draw.choice(["", text[i:j], draw.choice('{}[]",:\\0e-.'), "\x00", "é"])
        text = text[:i] + inserted + text[draw.choice([i, j]) :]
    return text[:100_000].encode("utf-8", "replace").decode()  # longer ones have a test of their own


def _damage(draw: random.Random, value) -> None:
    """Change one thing somewhere within the value."""
    while isinstance(value, (dict, list)) and value:
        key = draw.choice(list(value) if isinstance(value, dict) else range(len(value)))
        if key == "kind" and draw.random() < 0.9:  # few of the others would be reached
            continue
        if isinstance(value[key], (dict, list)) and value[key] and draw.random() < 0.7:
            value = value[key]
            continue
        match draw.randrange(6):
            case 0:
                del value[key]
            case 1 if isinstance(value, dict):
                value[draw.choice(WORDS)] = deepcopy(draw.choice(VALUES))
            case 1 | 2 if isinstance(value, list):
                value.extend(value * draw.randrange(20))
            case 3 if isinstance(value[key], (int, float)):
                value[key] *= draw.choice([-1, 2, 10, 0.5, 1000])
            case _:
                value[key] = deepcopy(draw.choice(VALUES))
        return


class Failure(Exception):
    """What must not happen."""


def check(reply: str | bytes) -> str:
    """The kind of a reply, if it is one that `messages` declares; frames by their header."""
    from deltaprop.playground.messages import REPLY

    if isinstance(reply, bytes):
        json.loads(reply[4 : 4 + int.from_bytes(reply[:4], "little")])
        return "frame"
    if "Traceback" in reply or 'File \\"' in reply:
        raise Failure(f"a traceback in {reply[:500]}")
    parsed = REPLY.validate_json(reply)
    if parsed.kind == "trouble" and (not parsed.text or "\n" in parsed.text or len(parsed.text) > 1200):
        raise Failure(f"not one line: {parsed.text[:500]!r}")
    return parsed.kind


# -- against a live server ----

LAUNCH = """
import sys
from deltaprop.playground import pages, session, sockets
sockets.RATE = sockets.BURST = 1e12    # the rate has tests of its own
sockets.SWEEP, pages.AWAY = 0.5, 0.0  # pages that have left are forgotten at once
session.LONGEST = 0.02
from deltaprop.cli import main
sys.exit(main(["playground", "--no-browser", "--port", "0"]))
"""


def converse(address: str, seed: int, messages: int) -> Counter:
    """Send so many messages over one socket; what came back, by kinds."""
    draw, seen = random.Random(seed), Counter()
    host = address.split("/")[2]
    options = {
        "origin": f"http://{host}",
        "max_size": None,
        "open_timeout": 120,
        "ping_timeout": None,
        "max_queue": None,
    }
    with connect(f"ws://{host}/{address.split('/')[3]}/socket", **options) as page:
        page.send('{"kind": "hello"}')
        page.send(json.dumps({"kind": "settings", "settings": SETTINGS}))
        for sent in range(0, messages, 20):
            for _ in range(min(20, messages - sent)):
                page.send(mutated(draw, draw.choice(VALID)))
            end = f"end-{seed}-{sent}"
            page.send(json.dumps({"kind": end}))  # the trouble that it makes marks the last reply
            while True:
                reply = page.recv(timeout=120)
                seen[check(reply)] += 1
                if isinstance(reply, str) and end in reply:
                    break
    return seen


def resident(process: int) -> float:
    """Memory of the process in MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    each = options.messages // (options.rounds * options.pages)
    seen, memory, began = Counter(), [], time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", LAUNCH], stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            address = re.search(r"http://\S+", server.stdout.readline())[0]
            for turn in range(options.rounds):
                with ThreadPoolExecutor(options.pages) as threads:
                    seeds = [options.seed + 1000 * turn + page for page in range(options.pages)]
                    for found in threads.map(lambda seed: converse(address, seed, each), seeds):
                        seen += found
                time.sleep(2)
                memory.append(resident(server.pid))
                print(f"round {turn + 1}: {time.monotonic() - began:.0f} s, {memory[-1]:.0f} MB", flush=True)
            alive = server.poll() is None
        finally:
            print("server:", "alive" if server.poll() is None else f"ended with {server.poll()}")
            server.terminate()
            server.wait(30)
            log.seek(0)
            text = log.read()
            print(text[:6000])
    errors = re.findall(r"^\w[\w.]*(?:Error|Exception|Warning)\b.*", text, re.MULTILINE)
    print(f"{seen.total()} replies to {options.messages} messages:", dict(seen))
    print("not foreseen:", dict(Counter(errors)) or "nothing")
    grown = len(memory) > 2 and memory[-1] > 1.1 * memory[1] + 10
    return int(not alive or bool(text) or grown)


if __name__ == "__main__":
    sys.exit(main())
