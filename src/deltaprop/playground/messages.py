"""What the page and the server say to each other, described once for both sides.

Text messages are JSON objects with a ``kind``. The page sends `Request`, the server `Reply`; ``page/messages.d.ts``
is made from these classes. A frame, the server's only binary message, is described in `frames`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from .settings import Seed, Settings

MAX_TEXT = 4_000_000  # characters of a table or a saved state
SPEED = 500.0  # steps a second, until the page says otherwise: slow enough to see what happens

Index = Annotated[int, Field(ge=0, lt=2**31)]
RunIndex = Annotated[int, Field(ge=0, le=1)]
Name = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=MAX_TEXT)]
Language = Literal["en", "zh"]
Speed = Annotated[float, Field(gt=0, le=1e6)] | None  # steps a second; None: as fast as possible


class Message(BaseModel):
    """Immutable, and without fields that are not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


# -- what the page asks for ----


class Hello(Message):
    """First message: open a session, or come back to one. What the page last kept is for a new server."""

    kind: Literal["hello"] = "hello"
    session: Name | None = None
    state: Text | None = None  # a saved state, see `share`
    second: Text | None = None  # of the second run
    kept_lesson: Name | None = None  # that was open with this state
    speed: Speed = SPEED
    lesson: Name | None = None  # to begin
    language: Language = "en"


class SetLanguage(Message):
    kind: Literal["language"] = "language"
    language: Language


class Change(Message):
    """All settings of a run, as they shall be."""

    kind: Literal["settings"] = "settings"
    run: RunIndex = 0
    settings: Settings


class Undo(Message):
    """Undo the newest change of a setting, a point, a weight or a table, or redo it."""

    kind: Literal["undo", "redo"]


class Play(Message):
    kind: Literal["play"] = "play"
    playing: bool
    speed: Speed = None


class Step(Message):
    """Move by whole units of the run; negative: back. A sample is shown alone, see `Ask`; it moves no weight."""

    kind: Literal["step"] = "step"
    unit: Literal["batch", "epoch"]
    count: Annotated[int, Field(ge=-1000, le=1000)] = 1


class GoTo(Message):
    """To a moment of the run, exactly."""

    kind: Literal["go"] = "go"
    step: Index


class Reset(Message):
    """To step 0, with the same initial weights, or with those of another seed."""

    kind: Literal["reset"] = "reset"
    run: RunIndex = 0
    seed: Seed | None = None


class EditPoint(Message):
    """Add, move or remove a sample."""

    kind: Literal["point"] = "point"
    run: RunIndex = 0
    action: Literal["add", "move", "remove", "restore"]  # restore: the points of the settings again
    index: Index | None = None  # of the sample to move or remove
    x: Annotated[float, Field(ge=-100, le=100)] = 0.0
    y: Annotated[float, Field(ge=-100, le=100)] = 0.0
    target: Annotated[float, Field(ge=-1e6, le=1e6)] = 0.0
    test: bool = False


class SetWeight(Message):
    """Set one number of theta by hand."""

    kind: Literal["weight"] = "weight"
    run: RunIndex = 0
    index: Index  # in theta
    value: Annotated[float, Field(ge=-1e6, le=1e6)]


class LoadTable(Message):
    """A CSV file of one's own."""

    kind: Literal["table"] = "table"
    name: Name
    text: Text


class Fork(Message):
    """A second run, a copy of the present one; or end it and keep one of the two."""

    kind: Literal["fork"] = "fork"
    keep: RunIndex | None = None  # None: fork


class Frame(Message):
    """The page is ready for the next frame. The server sends it when there is something new."""

    kind: Literal["frame"] = "frame"
    large: Annotated[str, Field(max_length=20)] | None = None  # "layer.unit" of the unit that is shown large


class Ask(Message):
    """The numbers of one pass, for a sample of the present batch, a sample of the data, or a place in the plane."""

    kind: Literal["ask"] = "ask"
    run: RunIndex = 0
    sample: Index | None = None  # index among the points
    in_batch: Index | None = None  # position within the batch of the next step
    x: float | None = None
    y: float | None = None
    target: float | None = None


class AskChain(Ask):
    """The chain of responsibility of one weight, for the same sample."""

    kind: Literal["chain"] = "chain"  # type: ignore[assignment]
    weight: Index  # in theta


class AskCurvature(Message):
    """The spectrum of the Hessian and 2/λ_max; or a slice of the loss along gradient and sharpest direction."""

    kind: Literal["curvature", "slice"]
    run: RunIndex = 0


class Save(Message):
    """The state as a link or JSON, code, or the history."""

    kind: Literal["save"] = "save"
    run: RunIndex = 0
    form: Literal["link", "json", "history", "deltaprop", "sklearn", "pytorch", "numpy"]


class Open(Message):
    """A saved state: JSON, or the part of a link after ``#``."""

    kind: Literal["open"] = "open"
    text: Text


class StartLesson(Message):
    kind: Literal["lesson"] = "lesson"
    name: Name


class Answer(Message):
    """An answer to the question of the present lesson."""

    kind: Literal["answer"] = "answer"
    text: Annotated[str, Field(max_length=1000)]


Request = Annotated[
    Hello
    | SetLanguage
    | Change
    | Undo
    | Play
    | Step
    | GoTo
    | Reset
    | EditPoint
    | SetWeight
    | LoadTable
    | Fork
    | Frame
    | Ask
    | AskChain
    | AskCurvature
    | Save
    | Open
    | StartLesson
    | Answer,
    Field(discriminator="kind"),
]
REQUEST: TypeAdapter[Any] = TypeAdapter(Request)


# -- what the server answers ----


class Options(Message):
    """What the page offers, the first reply to `Hello`; see `settings.options`."""

    kind: Literal["options"] = "options"
    options: dict[str, Any]


class Unit(Message):
    """One circle of the network's picture."""

    name: str
    bias: int | None  # index in theta


class Column(Message):
    """One column of the network's picture: inputs, a hidden layer, or the outputs."""

    kind: Literal["inputs", "hidden", "outputs"]
    title: str
    units: list[Unit]
    weights: int | None  # index in theta of w[0, 0]; w is (units, inputs) in C order; None for inputs


class Point(Message):
    x: float
    y: float
    target: float
    test: bool


class Event(Message):
    """A change on the time line."""

    step: int
    kind: Literal["settings", "points", "weight"]
    text: str


class RunState(Message):
    """One run, sent whenever anything but weights and steps has changed."""

    kind: Literal["run"] = "run"
    run: RunIndex
    settings: Settings
    columns: list[Column]
    points: list[Point]
    points_edited: bool
    extent: float  # the plane is [−extent, extent]²
    axes: tuple[str, str]
    classes: int  # 0: regression
    class_names: list[str]
    target_range: tuple[float, float]
    parameters: int
    steps_per_epoch: int
    events: list[Event]


class Session(Message):
    """What concerns the page as a whole, sent whenever it has changed."""

    kind: Literal["session"] = "session"
    session: str
    version: str
    runs: int
    playing: bool
    speed: float | None
    undo: bool
    redo: bool
    table: dict[str, Any] | None  # name, columns: [{name, kind}], rows
    lesson: str | None
    message: str  # why training has stopped, if it has


class Trouble(Message):
    """Something that cannot be done, in one line with the remedy; `about` is the kind of the request or the control."""

    kind: Literal["trouble"] = "trouble"
    about: str
    text: str


class LayerNumbers(Message):
    """x, z, a, f′ and delta of every unit of a layer; its weights and the gradients d_w, d_b, empty if it has none."""

    title: str
    column: int  # of the network's picture
    x: list[float]
    z: list[float]
    a: list[float]
    f_prime: list[float] | None
    delta: list[float]
    w: list[list[float]]
    b: list[float]
    d_w: list[list[float]]
    d_b: list[float]


class Numbers(Message):
    """One pass for one sample, as ``net.trace`` has it; `text` is the trace printed: the four equations filled in."""

    kind: Literal["numbers"] = "numbers"
    run: RunIndex
    step: int
    sample: int | None
    in_batch: int | None
    batch: int  # samples of the batch of the next step
    training: bool  # whether dropout and batch normalization behave as in training: for a sample of the batch
    x: float
    y: float
    target: float
    t: list[float]  # the target as the loss takes it
    prediction: list[float]
    loss: float  # of the sample
    value: float  # E: the mean over the samples of the pass, plus the penalty
    layers: list[LayerNumbers]
    text: str


class Chain(Message):
    """∂e/∂a · f′ · x of one weight for one sample; `why` says why it learns slowly, if it does."""

    kind: Literal["chain"] = "chain"
    run: RunIndex
    step: int
    weight: int
    value: float  # of the weight
    after: float  # its value after the next step
    d_a: float
    f_prime: float
    x: float
    gradient: float  # the mean over the samples of the pass, plus the penalty's part
    difference: float  # the same by central differences of E
    penalty: float
    samples: int  # of the pass
    text: str
    why: list[Literal["input", "slope", "delta"]]


class Curvature(Message):
    kind: Literal["curvature"] = "curvature"
    run: RunIndex
    step: int
    eigenvalues: list[float]  # of the Hessian over the training samples, ascending
    exact: bool  # whether all of them; else the largest and the smallest
    parameters: int
    samples: int
    largest_rate: float | None  # 2/λ_max
    rate: float


class Slice(Message):
    """E over theta + u · gradient direction + v · sharpest direction, and the path of the run projected on it."""

    kind: Literal["slice"] = "slice"
    run: RunIndex
    step: int
    u: list[float]
    v: list[float]
    loss: list[list[float | None]]  # a row for each v; None: not finite
    now: float  # at u = v = 0
    samples: int
    path: list[tuple[int, float, float]]  # step, u, v


class Saved(Message):
    kind: Literal["saved"] = "saved"
    form: str
    name: str  # of a file
    text: str


class Lesson(Message):
    """A guided page, in the language of the session."""

    kind: Literal["lesson"] = "lesson"
    name: str
    title: str
    text: list[str]  # paragraphs
    task: str
    question: str
    choices: list[str]  # empty: a number is asked for
    controls: list[str]  # ``data-control`` of the controls that the lesson speaks of
    number: int
    count: int
    previous: str | None
    next: str | None


class Verdict(Message):
    """Whether an answer is right, and why."""

    kind: Literal["verdict"] = "verdict"
    right: bool
    text: str


Reply = Annotated[
    Options | RunState | Session | Trouble | Numbers | Chain | Curvature | Slice | Saved | Lesson | Verdict,
    Field(discriminator="kind"),
]
REPLY: TypeAdapter[Any] = TypeAdapter(Reply)
