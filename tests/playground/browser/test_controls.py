"""Every control does something, and what it sets is what the library has."""

import numpy as np
from playground.browser.driving import eventually

#: Operates each control that can be seen once, also those that appear meanwhile, and tells what came of it.
WALK = r"""async limit => {
  const done = new Set(), report = [];
  const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
  const label = control => control.getAttribute("aria-label") ?? control.dataset.about ?? control.textContent.trim();
  const kind = control => [control.tagName, control.type, control.closest("[data-control]")?.dataset.control].join("|");
  const name = control => kind(control) + "|" +
    label(control).replace(/(Weight|Bias|Feature) .*/, "$1").replace(/[\d.]+/g, "#");
  const usable = control => control.checkVisibility({visibilityProperty: true}) && !control.disabled &&
    control.getAttribute("aria-disabled") !== "true" && !control.closest("[aria-hidden=true]") &&
    !control.lang && control.type !== "file";
  const sheets = () => [...document.querySelectorAll(":popover-open, dialog[open]")];
  function next() {
    const scope = document.querySelector("dialog[open]") ?? document;
    const controls = [...scope.querySelectorAll("button, select, input, summary, [role=tab]")];
    return controls.find(control => usable(control) && !done.has(name(control)));
  }
  function operate(control) {
    if (control.tagName === "SELECT") control.selectedIndex = (control.selectedIndex + 1) % control.options.length;
    else if (control.type === "range") control.value = (Number(control.min) + Number(control.max)) / 2;
    else if (["text", "number"].includes(control.type)) control.value = String(2 * Number(control.value) || 1);
    else return control.click();
    for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, {bubbles: true}));
  }
  // Only what a control does at once counts: later changes may be of an earlier one.
  let requests = 0;
  const observer = new MutationObserver(() => {});
  observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  const end = playground.on("sent", ({kind}) => (requests += kind !== "frame"));
  while (report.length < limit) {
    const control = next();
    if (!control) {
      const dialog = document.querySelector("dialog[open]");
      if (!dialog) break;
      dialog.close();
      continue;
    }
    const called = name(control);
    done.add(called);
    requests = 0;
    observer.takeRecords();
    const before = sheets();
    operate(control);
    const opened = sheets().some((sheet, i) => sheet !== before[i]) || sheets().length !== before.length;
    report.push([called, requests + observer.takeRecords().length + opened]);
    await pause(25);
  }
  end();
  return report;
}"""


def settings_of(page):
    return page.evaluate("playground.runs.map(run => run.state.settings)")


def agree(page, session):
    """Wait until page and library have the same settings."""
    eventually(
        page, lambda: settings_of(page) == [run.settings.model_dump(mode="json") for run in session.runs]
    )


def test_every_control_does_something(machine, page, session):
    machine.watched[page].allowed = ["File chooser dialog"]  # it wants a person's click
    report = page.evaluate(WALK, 400)
    files = "data|table"  # it opens the system's window for files, as do those that end in dots
    idle = [
        n for n, changes in report if n.startswith("BUTTON") and not changes and not n.endswith((files, "…"))
    ]
    assert not idle, idle
    assert len(report) > 60
    agree(page, session)


#: A setting, what a person enters or presses, and what the library has then.
ENTERED = {
    "optimizer.learning_rate": ("0,05", 0.05),
    "optimizer.name": ("momentum", "momentum"),
    "optimizer.numbers.momentum": ("0.8", 0.8),
    "optimizer.schedule": ("cosine", "cosine"),
    "batch_size": ("7", 7),
    "l1": ("0.001", 0.001),
    "l2": ("1e-4", 0.0001),
    "clip_norm": ("2", 2.0),
    "loss": ("hinge", "hinge"),
    "initializer": ("he_normal", "he_normal"),
    "seed": ("12", 12),
    "data.noise": ("ArrowRight", 0.05),
    "data.samples": ("ArrowLeft", 400),
    "data.test_share": ("ArrowRight", 0.55),
}


def test_each_setting_reaches_the_library(page, session):
    page.get_by_role("button", name="Numbers of the optimizer").click()
    for path, (entered, expected) in ENTERED.items():
        control = page.locator(f'[data-about="{path}"]').first
        match control.evaluate("control => control.type"):
            case "select-one":
                control.select_option(entered)
            case "range":
                control.press(entered)
            case _:
                control.fill(entered)
                control.press("Enter")
        eventually(page, lambda path=path, expected=expected: at(session, path) == expected, path)
    page.locator('[data-about="seed"]').fill("-1")
    page.keyboard.press("Enter")
    assert "from 0 to 4294967295" in page.get_by_role("alert").inner_text()
    agree(page, session)


def at(session, path):
    """The setting that the library has."""
    value = session.runs[0].settings.model_dump()
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def test_layers_units_and_features_are_those_of_the_network(page, session, monkeypatch):
    monkeypatch.setattr("deltaprop.playground.session.TOGETHER", 0.0)  # quick changes are undone one by one
    last = page.get_by_role("button", name="Remove the last hidden layer")
    for _ in range(3):
        last.press("Enter")
    eventually(page, lambda: not session.runs[0].settings.layers, "no layer")
    assert last.evaluate("button => button === document.activeElement")
    page.keyboard.press("Control+Z")
    page.keyboard.press("Control+Z")
    page.keyboard.press("Control+Z")
    eventually(page, lambda: len(session.runs[0].settings.layers) == 3, "three layers")
    page.get_by_role("button", name="Add a hidden layer").click()
    page.get_by_role("button", name="Remove a unit from hidden layer 1").click()
    page.locator("select:visible").and_(
        page.get_by_label("Activation function of hidden layer 2")
    ).select_option("relu")
    page.locator("select:visible").and_(page.get_by_label("Normalization of hidden layer 2")).select_option(
        "batch"
    )
    page.locator("select:visible").and_(page.get_by_label("Dropout of hidden layer 3")).select_option("0.2")
    page.locator("[data-control=features]").get_by_role("button", name="xy").click()
    page.get_by_label("A formula of x and y").fill("x**3 - y")
    page.get_by_label("A formula of x and y").press("Enter")
    eventually(page, lambda: session.runs[0].settings.features == ("x", "y", "x*y", "x**3 - y"), "features")
    layers = session.runs[0].settings.layers
    assert [layer.units for layer in layers] == [7, 8, 8, 4]
    assert (layers[1].activation, layers[1].normalization, layers[2].dropout) == ("relu", "batch", 0.2)
    agree(page, session)


def test_undo_and_redo_bring_back_settings_and_weights(page, session):
    before = session.runs[0].network.theta.copy()
    page.get_by_role("button", name="Add a hidden layer").click()
    eventually(page, lambda: len(session.runs[0].settings.layers) == 4, "four layers")
    page.get_by_role("button", name="Undo").click()
    eventually(page, lambda: len(session.runs[0].settings.layers) == 3, "three layers")
    np.testing.assert_array_equal(session.runs[0].network.theta, before)
    page.keyboard.press("Control+Shift+Z")
    eventually(page, lambda: len(session.runs[0].settings.layers) == 4, "four layers again")
    agree(page, session)
