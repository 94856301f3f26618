"""A run as the page is shown it: the columns of its network, its samples, its settings."""

from __future__ import annotations

from ..layers import Dense
from .messages import Column, Event, Point, RunState, Unit
from .run import Run


def run_state(run: Run, number: int) -> RunState:
    """What the page must know of a run besides its weights."""
    problem, points = run.problem, run.problem.points
    rows = zip(points.x.tolist(), points.t.tolist(), points.test.tolist(), strict=True)
    return RunState(
        run=number,
        settings=run.settings,
        columns=columns(run),
        points=[Point(x=x, y=y, target=t, test=test) for (x, y), t, test in rows],
        points_edited=problem.edited,
        extent=problem.extent,
        axes=(problem.axes[0], problem.axes[1]),
        classes=problem.classes,
        class_names=list(problem.class_names),
        target_range=problem.target_range,
        parameters=run.network.theta.size,
        steps_per_epoch=run.steps_per_epoch,
        events=[
            Event(step=s.start.step, kind=s.kind, text=s.text)  # type: ignore[arg-type]
            for s in run.timeline.segments
            if s.kind != "start"
        ],
    )


def columns(run: Run) -> list[Column]:
    """Inputs, hidden layers and outputs, with the places of weights and biases in theta."""
    problem = run.problem
    units = [Unit(name=name, bias=None) for name in problem.input_names]
    found = [Column(kind="inputs", title="", units=units, weights=None)]
    dense = [node for node in run.network.nodes if isinstance(node.layer, Dense)]
    for i, node in enumerate(dense):
        w, b = node.parameters
        last = i == len(dense) - 1
        title = "" if last else run.settings.layers[i].activation
        names = [f"{i + 1}.{j}" for j in range(b.shape[0])]
        if last and problem.classes and len(names) == problem.classes:
            names = list(problem.class_names)
        units = [Unit(name=name, bias=b.start + j) for j, name in enumerate(names)]
        kind = "outputs" if last else "hidden"
        found.append(Column(kind=kind, title=title, units=units, weights=w.start))
    return found
