"""The playground in Chromium: how soon it shows, how fast it trains and draws, and how soon it is back at a moment.

    python -m benchmarks.playground [--seconds 5] [--steps 10000] [--moments 50] [--json FILE]

The training is compared with a plain JavaScript implementation of the same network in the same browser, plain.js, which
is first held against ``network.fit``'s weights. Needs the extra ``test`` and an installed Chromium or Chrome.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from deltaprop.errors import InputError
from deltaprop.playground.run import Run
from deltaprop.playground.settings import HiddenLayer, Settings

from .machine import head, machine
from .options import Parser, command, count, output, require

PLAIN = Path(__file__).with_name("plain.js")
NETWORKS = {
    "the default network": Settings().layers,
    "8-8, tanh": (HiddenLayer(units=8),) * 2,
    "16-16-16-16, tanh": (HiddenLayer(units=16),) * 4,
    "8 layers of 16, tanh": (HiddenLayer(units=16),) * 8,
}
CHECKED = 200  # steps after which both implementations have the same weights
LIMIT = 60_000  # milliseconds

FIRST_PICTURE = "globalThis.playground?.runs?.[0]?.frame != null"

#: Counts frames of the server, and pictures of the browser, for some seconds.
FRAMES = """seconds => new Promise(resolve => {
  let frames = 0, pictures = 0, began = performance.now();
  const end = playground.on("frame", () => frames++);
  requestAnimationFrame(function count(now) {
    pictures++;
    if (now - began < 1000 * seconds) return requestAnimationFrame(count);
    end();
    resolve([1000 * frames / (now - began), 1000 * pictures / (now - began)]);
  });
})"""

#: Trains at the speed set until the accuracy of the test part is reached; milliseconds and steps.
LEARN = """goal => new Promise(resolve => {
  const began = performance.now();
  const end = playground.on("frame", () => {
    const {score, step} = playground.runs[0].frame;
    if (score[1] < goal) return;
    end();
    playground.send({kind: "play", playing: false});
    resolve([performance.now() - began, step]);
  });
  playground.send({kind: "play", playing: true, speed: playground.session.speed});
})"""

#: Steps taken within some seconds, per second.
SPEED = """seconds => new Promise(resolve => {
  let first = null;
  const end = playground.on("frame", () => {
    const now = performance.now(), {newest} = playground.runs[0].frame;
    first ??= [now, newest];
    if (now - first[0] < 1000 * seconds) return;
    end();
    playground.send({kind: "play", playing: false});
    resolve(1000 * (newest - first[1]) / (now - first[0]));
  });
  playground.send({kind: "play", playing: true, speed: null});
})"""

#: Goes to a moment; milliseconds until it is there, and its weights.
GO = """step => new Promise(resolve => {
  const began = performance.now();
  const end = playground.on("frame", () => {
    const run = playground.runs[0];
    if (run.frame.step !== step) return;
    end();
    resolve([performance.now() - began, [...run.theta]]);
  });
  playground.send({kind: "go", step});
})"""


@contextmanager
def served() -> Iterator[tuple[float, str]]:
    """``deltaprop playground`` in a process of its own: when it was started, and its address."""
    line = [sys.executable, "-m", "deltaprop", "playground", "--no-browser"]
    began = time.perf_counter()
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield began, process.stdout.readline().split()[2]
        finally:
            process.terminate()


def opened(browser: Any, address: str) -> Any:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(LIMIT)
    page.goto(address, wait_until="commit")
    wait(page, FIRST_PICTURE)
    return page


def wait(page: Any, condition: str) -> None:
    """Until a condition is true in the page, whose own policy forbids Playwright's way to wait for it."""
    end = time.monotonic() + LIMIT / 1000
    while not page.evaluate(condition):
        if time.monotonic() > end:
            raise TimeoutError(f"benchmarks: {condition} did not become true")
        page.wait_for_timeout(5)


def first_picture(browser: Any) -> float:
    """Seconds from the command to the first picture in a browser that is running."""
    with served() as (began, address):
        opened(browser, address).close()
        return time.perf_counter() - began


def shown(page: Any, settings: Settings) -> None:
    """Begin anew with these settings, paused."""
    page.evaluate("playground.send({kind: 'play', playing: false})")
    page.evaluate(
        "settings => playground.send({kind: 'settings', run: 0, settings})", settings.model_dump(mode="json")
    )
    page.wait_for_function(
        "n => playground.runs[0].state.settings.layers.length === n", arg=len(settings.layers)
    )
    page.evaluate("playground.send({kind: 'reset'})")
    wait(page, "playground.runs[0].frame?.newest === 0")


def ratios(page: Any, browser: Any, seconds: int) -> dict[str, dict[str, float]]:
    """Samples a second of the playground and of plain JavaScript."""
    found = {}
    plain = browser.new_page()
    plain.add_script_tag(
        content=f"{PLAIN.read_text()}\nglobalThis.plain = {{trained, samplesPerSecond}};", type="module"
    )
    wait(plain, "globalThis.plain != null")
    for name, layers in NETWORKS.items():
        settings = Settings(layers=layers)
        problem = problem_for_plain(settings)
        shown(page, settings)
        page.bring_to_front()
        ours = settings.batch_size * page.evaluate(SPEED, seconds)
        plain.bring_to_front()
        theta = plain.evaluate("problem => plain.trained(problem)", problem)
        np.testing.assert_allclose(theta, trained(settings), rtol=2e-3, atol=2e-3)
        theirs = plain.evaluate(
            "([problem, seconds]) => plain.samplesPerSecond(problem, seconds)", [problem, seconds]
        )
        found[name] = {"playground": ours, "plain": theirs, "ratio": ours / theirs}
    plain.close()
    return found


def problem_for_plain(settings: Settings) -> dict[str, Any]:
    """The network, its samples and the batches of `CHECKED` steps."""
    run = Run.start(settings)
    problem, batches = run.problem, []
    theta = run.network.theta.tolist()
    for _ in range(CHECKED):
        batches.append(run.batch().tolist())
        run.advance(1)
    return {
        "widths": [2, *(layer.units for layer in settings.layers), 1],
        "activation": settings.layers[0].activation,
        "theta": theta,
        "rate": settings.optimizer.learning_rate,
        "x": problem.inputs.ravel().tolist(),
        "t": problem.targets.tolist(),
        "batches": batches,
    }


def trained(settings: Settings) -> np.ndarray:
    """The library's weights after `CHECKED` steps."""
    run = Run.start(settings)
    run.advance(CHECKED)
    return run.network.theta


def scrubbing(page: Any, steps: int, moments: int) -> dict[str, Any]:
    """Milliseconds until a moment of the past is shown, in order; each with the bits that the library has there."""
    shown(page, Settings())
    page.evaluate(f"playground.send({{kind: 'play', playing: true, speed: {steps}}})")
    wait(page, f"playground.runs[0].frame?.newest >= {steps}")
    page.evaluate("playground.send({kind: 'play', playing: false})")
    chosen = sorted(random.Random(0).sample(range(steps), moments))
    run, expected = Run.start(Settings()), {}
    for step in chosen:
        run.advance(step - run.step)
        expected[step] = run.network.theta.copy()
    random.Random(1).shuffle(chosen)
    times, equal = [], 0
    for step in chosen:
        milliseconds, theta = page.evaluate(GO, step)
        times.append(milliseconds)
        equal += np.array_equal(np.array(theta, np.float32), expected[step])
    return {"steps": steps, "moments": moments, "equal": equal, "milliseconds": sorted(times)}


@command
def main(arguments: Sequence[str] | None = None) -> None:
    parser = Parser("benchmarks.playground", __doc__ or "")
    parser.add_argument("--seconds", type=count, default=5, help="of each measurement of speed")
    parser.add_argument("--steps", type=count, default=10_000, help="of the run to scrub")
    parser.add_argument("--moments", type=count, default=50, help="to go back to")
    parser.add_argument("--json", type=output)
    options = parser.parse_args(arguments)
    require("playwright", "starlette", "uvicorn", "websockets")
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        raise InputError("no browser found: install Chromium or Chrome")
    about = machine()
    print(head(about))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        report: dict[str, Any] = {"first picture": min(first_picture(browser) for _ in range(3))}
        print(f"first picture {report['first picture']:.2f} s after the command (best of 3)")
        with served() as (_, address):
            page = opened(browser, address)
            report["learned"] = milliseconds, step = page.evaluate(LEARN, 0.99)
            print(f"99 % of the test part of the spirals after {milliseconds / 1000:.1f} s, {step} steps")
            page.evaluate("playground.send({kind: 'play', playing: true, speed: null})")
            report["frames"] = frames, pictures = page.evaluate(FRAMES, options.seconds)
            print(f"{frames:.0f} frames of the server and {pictures:.0f} pictures a second while training")
            report["samples per second"] = ratios(page, browser, options.seconds)
            for name, row in report["samples per second"].items():
                ours, theirs = row["playground"], row["plain"]
                print(
                    f"{name}: {ours:.3g} samples/s, plain JavaScript {theirs:.3g}, ratio {row['ratio']:.1f}"
                )
            page.bring_to_front()
            report["scrubbing"] = found = scrubbing(page, options.steps, options.moments)
            times = found["milliseconds"]
            print(
                f"{found['equal']} of {found['moments']} moments bit-identical, each within {times[-1]:.0f} ms "
                f"(median {times[len(times) // 2]:.0f} ms)"
            )
        browser.close()
    if options.json:
        options.json.write_text(json.dumps({"about": about, **report}, indent=1) + "\n")


if __name__ == "__main__":
    main()
