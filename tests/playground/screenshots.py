"""Pictures of the page's main states: python tests/playground/screenshots.py [FOLDER [STATE …]]

They are to be looked at; the folder is build/playground by default.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # for playground.browser

from playground.browser.driving import PHONE, Machine, eventually

Page = Any
State = tuple[Callable[[Page], None], dict[str, Any]]

TABLE = "height,width,weight,kind\n" + "\n".join(
    f"{10 + 2 * (i % 3) + (i * 7 % 10) / 5},{4 + i % 3 + (i * 3 % 7) / 4},{i * 5 % 11},{'ABC'[i % 3]}"
    for i in range(150)
)


def at_first(page: Page) -> None:
    """Nothing has been done."""


def send(page: Page, **request: Any) -> None:
    page.evaluate("request => playground.send(request)", request)


def trained(page: Page, steps: int = 3000) -> None:
    send(page, kind="play", playing=True, speed=None)
    eventually(page, lambda: page.evaluate("playground.runs[0].frame.step") >= steps, f"{steps} steps")
    send(page, kind="play", playing=False)


def tab(name: str) -> Callable[[Page], None]:
    """With a tab of the drawer open, after training, with a sample and a unit chosen."""

    def open_tab(page: Page) -> None:
        trained(page, 1000)
        page.evaluate("playground.select({sample: 3, unit: {column: 2, unit: 1}})")
        page.locator(f"[data-tab={name}]").click()
        if name == "inside":
            for kind in ("curvature", "slice"):
                send(page, kind=kind)
        page.wait_for_timeout(1500)

    return open_tab


def two_runs(page: Page) -> None:
    trained(page, 500)
    send(page, kind="fork")
    eventually(page, lambda: page.evaluate("playground.runs.length") == 2, "two runs")
    page.evaluate("playground.change(1, {optimizer: {learning_rate: 0.03}})")
    trained(page, 2000)


def lesson(page: Page) -> None:
    send(page, kind="lesson", name="vanishing")
    page.locator(".lesson-question").wait_for()
    trained(page, 200)


def table(page: Page) -> None:
    send(page, kind="table", name="flowers.csv", text=TABLE)
    page.wait_for_timeout(500)
    trained(page)


def regression(page: Page) -> None:
    page.evaluate("playground.change(0, {data: {name: 'gaussians'}})")
    page.wait_for_timeout(500)
    trained(page)


def deep(page: Page) -> None:
    layer = {"units": 16, "activation": "relu", "normalization": "none", "dropout": 0}
    page.evaluate("layer => playground.change(0, {layers: Array(8).fill(layer)})", layer)
    page.wait_for_timeout(500)
    trained(page, 500)


def four_classes(page: Page) -> None:
    page.evaluate("playground.change(0, {data: {name: 'blobs', classes: 4, noise: 0.5}})")
    page.wait_for_timeout(500)
    trained(page, 500)


def slow_motion(page: Page) -> None:
    trained(page, 300)
    page.get_by_label("What a step is").select_option("sample")
    page.get_by_role("button", name="Step forward").click()
    page.wait_for_timeout(700)


def editing(page: Page) -> None:
    page.get_by_role("button", name="Edit points").click()


def trouble(page: Page) -> None:
    field = page.get_by_label("A formula of x and y")
    field.fill("import os")
    field.press("Enter")
    page.wait_for_timeout(500)


def help_window(page: Page) -> None:
    page.keyboard.press("?")


CHINESE = {"locale": "zh-CN"}
DARK = {"color_scheme": "dark"}
STATES: dict[str, State] = {
    "first": (at_first, {}),
    "trained": (trained, {}),
    "trained-dark": (trained, DARK),
    "trained-chinese": (trained, CHINESE),
    "trained-phone": (trained, PHONE),
    "trained-phone-dark-chinese": (trained, PHONE | DARK | CHINESE),
    "trained-640x400": (trained, {"viewport": {"width": 640, "height": 400}}),
    "trained-1920x1080": (trained, {"viewport": {"width": 1920, "height": 1080}}),
    "numbers": (tab("numbers"), {}),
    "numbers-dark-chinese": (tab("numbers"), DARK | CHINESE),
    "numbers-phone": (tab("numbers"), PHONE),
    "inside": (tab("inside"), {}),
    "inside-dark-chinese": (tab("inside"), DARK | CHINESE),
    "take-home": (tab("share"), {}),
    "lessons": (tab("lesson"), {}),
    "lesson": (lesson, {}),
    "lesson-phone-chinese": (lesson, PHONE | CHINESE),
    "two-runs": (two_runs, {}),
    "two-runs-phone": (two_runs, PHONE),
    "table": (table, {}),
    "regression": (regression, {}),
    "four-classes": (four_classes, {}),
    "eight-layers": (deep, {}),
    "slow-motion": (slow_motion, {}),
    "editing": (editing, {}),
    "trouble": (trouble, {}),
    "help": (help_window, {}),
}


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/playground")
    folder.mkdir(parents=True, exist_ok=True)
    machine, failed = Machine().start(), 0
    try:
        for name in sys.argv[2:] or STATES:
            make, options = STATES[name]
            page = machine.open(**options)
            try:
                make(page)
                page.wait_for_timeout(300)
            except Exception as error:
                print(f"{name}: {error}")
            page.screenshot(path=folder / f"{name}.png", full_page=options.get("is_mobile", False))
            for line in machine.watched[page].wrong:
                print(f"{name}: {line}")
                failed = 1
            page.context.close()
    finally:
        machine.stop()
    print(f"The pictures are in {folder}.")
    return failed


if __name__ == "__main__":
    sys.exit(main())
