"""A run: a real network and the steps of a real fit, which can be changed, and whose past can be seen again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..training.stepwise import Stepwise
from . import measuring
from .build import network_of, penalty_of, trainer_of
from .complaints import Complaint
from .problem import Points, Problem, problem_of
from .records import Records
from .settings import Settings, begins_anew, differences
from .table import Table
from .timeline import Moment, Segment, Timeline

SLICE = 0.004  # seconds of training between two looks at the clock
FIRST_SLICE = 50  # steps


class Run:
    """One network in training.

    Every step is the one that ``network.fit`` takes with these settings and samples. A change of settings, samples or a
    weight begins a new segment of the timeline; earlier steps are reached again from moments by replay, bit for bit.

    Attributes
    ----------
    settings, problem : Settings, Problem
        In force at the present step.
    network : Network
        With the weights after `step` steps.
    step, newest : int
        The present step, and the furthest that was reached with the present segments.
    records : Records
    trouble : Complaint or None
        Why training cannot go on.
    slice : int
        Steps that take about `SLICE` seconds.
    """

    def __init__(self, settings: Settings, problem: Problem, network: Any, table: Table | None = None):
        self.settings, self.problem, self.network, self.table = settings, problem, network, table
        self.fit = Stepwise(trainer_of(settings, problem, network))
        self.trouble: Complaint | None = None
        self.slice = FIRST_SLICE
        self._begin()

    @classmethod
    def start(cls, settings: Settings, points: Points | None = None, table: Table | None = None) -> Run:
        """A run at step 0; InputError if the settings do not fit together."""
        problem = problem_of(settings, points, table)
        return cls(settings, problem, network_of(settings, problem), table)

    def _begin(self) -> None:
        """The timeline and the records begin here."""
        self.newest = self.step
        self.timeline = Timeline([Segment(self.settings, self.problem, self._moment())])
        self.records = Records(measuring.width(self.network))
        self._since = 0.0  # seconds of training since the last moment
        self._record()

    # -- where it stands ----

    @property
    def step(self) -> int:
        return self.fit.step

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return self.fit.epoch

    @property
    def progress(self) -> float:
        """Epochs done, including the part of the present one."""
        return self.epoch + self.fit.position / len(self.fit.trainer.data.samples)

    @property
    def steps_per_epoch(self) -> int:
        return self.fit.steps_per_epoch

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        return float(self.fit.trainer.optimizer.value("learning_rate", self.step))

    @property
    def points(self) -> Points:
        return self.problem.points

    def batch(self) -> np.ndarray:
        """The samples of the next step, as indices of the points."""
        return self.fit.batch()

    # -- training ----

    def advance(self, steps: int) -> None:
        """Take steps, those of the past again where the present lies in it; until `trouble` at most."""
        last = self.step + steps
        while self.step < last and self.trouble is None:
            self._train_to(min(last, self._next_stop()))

    def _next_stop(self) -> int:
        """The next step at which something else than training happens: a segment begins, or a row is due."""
        fit = self.fit
        epochs = self.records.next(fit.epoch) - fit.epoch
        stop = fit.step + fit.to_epoch_end() + (epochs - 1) * fit.steps_per_epoch
        later = [s.start.step for s in self.timeline.segments if s.start.step > fit.step]
        return min([stop, *later])

    def _train_to(self, last: int) -> None:
        """Train to the step `last`, with one setting and no row in between."""
        began = time.perf_counter()
        self.fit.advance(last - self.step)
        self._since += time.perf_counter() - began
        if not self.fit.finite:
            self._diverged()
            return
        if (start := self.timeline.segment(self.step).start).step == self.step:  # the past has a change here
            self._restore(start)
            return
        self._record()
        self.newest = max(self.newest, self.step)
        if self._since > self.timeline.interval and self.step > self.timeline.newest_moment():
            self.timeline.keep(self._moment())
            self._since = 0.0

    def _diverged(self) -> None:
        """Back to the last step after which everything was finite: a loss shows late what a weight became."""
        failed = self.step
        finite, not_finite = self.timeline.before(failed - 1).step, failed
        while not_finite - finite > 1:
            middle = (finite + not_finite) // 2
            if self._replay(middle):
                finite = middle
            else:
                not_finite = middle
        self.newest = max(self.newest, finite)
        self.go_to(finite)
        self.trouble = Complaint("diverged", step=finite)

    def _replay(self, step: int) -> bool:
        """To a step of the present segment; whether everything is finite there."""
        self._restore(self.timeline.before(step))
        self.fit.advance(step - self.step)
        return self.fit.finite and self.step == step

    # -- the past ----

    def go_to(self, step: int) -> None:
        """To a step between the first and the newest: exactly the weights that it had."""
        step = min(max(step, self.timeline.first), self.newest)
        self.trouble = None
        self._restore(self.timeline.before(step))
        self.advance(step - self.step)

    def _moment(self) -> Moment:
        fit = self.fit
        return Moment(fit.step, fit.epoch, fit.position, {k: v.copy() for k, v in self._arrays().items()})

    def _arrays(self) -> dict[str, np.ndarray]:
        """Everything that the next steps depend on or that measuring needs, not copied."""
        fit = self.fit
        state = {f"optimizer.{name}": value for name, value in fit.engine.state.items()}
        theta, buffers = self.network.theta, self.network.buffers
        return {
            "theta": theta,
            "buffers": buffers,
            "sums": fit.sums.vector,
            "total": fit.total.vector,
        } | state

    def _restore(self, moment: Moment) -> None:
        segment = self.timeline.segment(moment.step)
        if segment.settings is not self.settings or segment.problem is not self.problem:
            self._use(segment.settings, segment.problem)
        self.fit.step, self.fit.epoch, self.fit.position = moment.step, moment.epoch, moment.position
        for name, array in self._arrays().items():
            array[...] = moment.arrays[name]
        self.fit.engine.restored()
        self._since = 0.0

    def path(self, count: int) -> list[tuple[int, np.ndarray]]:
        """Step and theta of at most that many moments up to the present, evenly spaced; the present one is the last."""
        passed = [*(s.start for s in self.timeline.segments), *self.timeline.moments]
        passed = sorted((m for m in passed if m.step < self.step), key=lambda m: m.step)
        chosen = np.unique(np.linspace(0, len(passed) - 1, count - 1).astype(int)) if passed else []
        return [(passed[i].step, passed[i].arrays["theta"]) for i in chosen] + [
            (self.step, self.network.theta.copy())
        ]

    # -- changes ----

    def change(self, settings: Settings) -> None:
        """Other settings from here on, with the weights as they are; only those of `LIVE` may differ."""
        if begins_anew(self.settings, settings):
            raise ValueError("only the settings of LIVE can change within a run")
        trainer_of(settings, self.problem, self.network)  # refused before anything changes
        text = differences(self.settings, settings)
        self._use(settings, self.problem)
        self._segment("settings", text)

    def edit_points(self, points: Points | None) -> None:
        """Other samples from here on, None: those of the settings; the epoch begins anew."""
        problem = problem_of(self.settings, points, self.table)
        trainer_of(self.settings, problem, self.network)
        self._use(self.settings, problem)
        if self.fit.position:
            self.fit.end_epoch()
        self._segment("points", f"{len(problem.points.t)}")

    def set_weight(self, index: int, value: float) -> None:
        """Set one number of theta."""
        if not 0 <= index < self.network.theta.size:
            raise Complaint("no_weight", got=index, most=self.network.theta.size - 1)
        self.network.theta[index] = value
        self._segment("weight", f"{value:.4g}")

    def _use(self, settings: Settings, problem: Problem) -> None:
        """Train with these from here on; the state of the optimizer is kept where it fits."""
        before, old = self.fit, self.settings
        self.network.penalty = penalty_of(settings)
        self.fit = Stepwise(
            trainer_of(settings, problem, self.network), before.step, before.epoch, before.position
        )
        if settings.optimizer.name == old.optimizer.name:
            for name, value in self.fit.engine.state.items():
                value[...] = before.engine.state[name]
            self.fit.engine.restored()
        self.fit.sums.vector[:], self.fit.total.vector[:] = before.sums.vector, before.total.vector
        if self.fit.position >= len(self.fit.trainer.data.samples):
            self.fit.end_epoch()
        self.settings, self.problem = settings, problem

    def _segment(self, kind: str, text: str) -> None:
        """A segment begins at the present step: what had come later is dropped."""
        self.trouble = None
        self.newest = self.step
        self.timeline.begin(Segment(self.settings, self.problem, self._moment(), kind, text))
        self.records.drop_after(self.step)

    def restarted(self, seed: int | None = None) -> Run:
        """A run at step 0 with the present settings and samples.

        Its weights are again those that this run began with, set by hand or not, or those of another seed.
        """
        settings = self.settings if seed is None else self.settings.model_copy(update={"seed": seed})
        problem = problem_of(settings, self.points if self.problem.edited else None, self.table)
        network, first = network_of(settings, problem), self.timeline.segments[0].start
        if seed is None and first.step == 0:
            network.theta = first.arrays["theta"]
        return Run(settings, problem, network, self.table)

    def fork(self) -> Run:
        """A copy that goes on independently, with the same past."""
        other = Run.__new__(Run)
        vars(other).update(vars(self))
        other.network = self.network.copy()
        other.timeline, other.records = self.timeline.copy(), self.records.copy()
        other.fit = Stepwise(
            trainer_of(self.settings, self.problem, other.network), self.step, self.epoch, self.fit.position
        )
        mine = other._arrays()
        for name, array in self._arrays().items():
            mine[name][...] = array
        other.fit.engine.restored()
        return other

    def losses(self) -> tuple[float, float, float, float]:
        """Loss (penalty included) of training and test part, then their scores; NaN without a test part."""
        return measuring.losses(self.fit, self.problem)

    def _record(self) -> None:
        """Add a row where one is due."""
        fit, records = self.fit, self.records
        if fit.position or (records.rows and records.next(fit.epoch - 1) != fit.epoch):
            return
        if fit.step > records.last_step:
            records.add(measuring.row(fit, self.problem))
        fit.reset_total()

    # -- a state to keep ----

    def state(self) -> dict[str, Any]:
        """Everything that the next steps depend on: plain data, and arrays by name."""
        arrays = {k: v.copy() for k, v in self._arrays().items() if k not in ("sums", "total")}
        fit = self.fit
        return {
            "settings": self.settings.model_dump(mode="json"),
            "points": self.problem.points if self.problem.edited else None,
            "step": fit.step,
            "epoch": fit.epoch,
            "position": fit.position,
            "arrays": arrays,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any], table: Table | None = None) -> Run:
        """The run that `state` was taken of, whose timeline begins there; InputError where something does not fit."""
        run = cls.start(Settings.model_validate(state["settings"]), state["points"], table)
        arrays = run._arrays()
        wanted = {k: v for k, v in arrays.items() if k not in ("sums", "total")}
        given = state["arrays"]
        fits = wanted.keys() == given.keys() and all(
            given[k].shape == v.shape and given[k].dtype == v.dtype and np.isfinite(given[k]).all()
            for k, v in wanted.items()
        )
        samples = len(run.fit.trainer.data.samples)
        if not (fits and 0 <= state["position"] < samples):
            raise Complaint("state_does_not_fit")
        for name, value in wanted.items():
            value[...] = given[name]
        run.fit.engine.restored()
        run.fit.step, run.fit.epoch, run.fit.position = state["step"], state["epoch"], state["position"]
        run._begin()
        return run


def advance_for(runs: Sequence[Run], seconds: float, most: int | None = None) -> None:
    """Let runs take the same number of steps for about that long, `most` of them at most.

    A run that cannot go on stays where it is.
    """
    end, left = time.perf_counter() + seconds, most
    while left != 0 and (able := [run for run in runs if run.trouble is None]):
        steps = min(run.slice for run in able)
        if left is not None:
            steps = min(steps, left)
            left -= steps
        for run in able:
            began = time.perf_counter()
            run.advance(steps)
            taken = max(time.perf_counter() - began, 1e-6)
            run.slice = max(1, int(steps * SLICE / len(able) / taken))
        if time.perf_counter() + SLICE / 2 >= end:
            return
