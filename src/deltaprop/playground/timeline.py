"""The past of a run: moments from which every step can be reached again, and what was changed when."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace

import numpy as np

from .problem import Problem
from .settings import Settings

#: Bytes of the moments of one run, and of the samples of its segments.
MEMORY = 32 << 20

#: Changes that a timeline remembers; beyond it begins later.
MAX_SEGMENTS = 500


@dataclass(frozen=True)
class Moment:
    """Everything that the next step depends on, and what was measured on the way. Arrays are not written to."""

    step: int
    epoch: int
    position: int  # samples used of the present epoch
    arrays: dict[str, np.ndarray]  # theta, buffers, sums, total, optimizer.*

    @property
    def size(self) -> int:
        return sum(array.nbytes for array in self.arrays.values()) + 1000


@dataclass(frozen=True)
class Segment:
    """Settings and samples that hold from a step on; it begins with a moment of its own."""

    settings: Settings
    problem: Problem
    start: Moment
    kind: str = "start"  # what began it: "start", "settings", "points" or "weight"
    text: str = ""


@dataclass
class Timeline:
    """Segments in order, and moments between their beginnings, close enough to replay what lies between.

    A moment is due whenever training has taken `interval` seconds since the last. Where the moments take more than
    `MEMORY`, every other one is dropped and the interval doubled.
    """

    segments: list[Segment]
    moments: list[Moment] = field(default_factory=list)
    interval: float = 0.04

    def copy(self) -> Timeline:
        """A timeline that can go on differently."""
        return replace(self, segments=list(self.segments), moments=list(self.moments))

    @property
    def first(self) -> int:
        return self.segments[0].start.step

    def segment(self, step: int) -> Segment:
        """The segment in force from that step on."""
        return self.segments[max(0, bisect_right(self.segments, step, key=lambda s: s.start.step) - 1)]

    def before(self, step: int) -> Moment:
        """The last moment from which that step can be reached within its segment."""
        start = self.segment(step).start
        place = bisect_right(self.moments, step, key=_step)
        near = self.moments[place - 1] if place else start
        return near if near.step > start.step else start

    def keep(self, moment: Moment) -> None:
        """Add a moment later than all others."""
        self.moments.append(moment)
        if len(self.moments) % 64 == 0 and sum(m.size for m in self.moments) > MEMORY:
            del self.moments[::2]
            self.interval *= 2

    def newest_moment(self) -> int:
        """The step of the last moment."""
        return max(self.moments[-1].step if self.moments else 0, self.segments[-1].start.step)

    def begin(self, segment: Segment) -> None:
        """From this segment's first step on everything is different: what came later is dropped."""
        step = segment.start.step
        del self.moments[bisect_right(self.moments, step, key=_step) :]
        self.segments = [*(s for s in self.segments if s.start.step < step), segment]
        samples = {id(s.problem): s.problem.size for s in self.segments}
        while len(self.segments) > 1 and (
            len(self.segments) > MAX_SEGMENTS or sum(samples.values()) > MEMORY
        ):
            if (oldest := self.segments.pop(0)).problem is not self.segments[0].problem:
                del samples[id(oldest.problem)]
        self.moments = [m for m in self.moments if m.step >= self.first]


def _step(moment: Moment) -> int:
    return moment.step
