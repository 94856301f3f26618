"""A run as text that brings back this very state: JSON, or the part of a link after ``#``; to the last bit.

It holds settings, samples edited by hand, a table that is in use, weights, running statistics, the state of the
optimizer, and how far training is; not the past. Reading constructs numbers and text only, of bounded size.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from math import prod
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from . import table
from .complaints import Complaint
from .data import Points
from .invalid import Invalid
from .messages import MAX_TEXT
from .run import Run
from .settings import MAX_SAMPLES, Settings

FORMAT: Literal["deltaprop playground"] = "deltaprop playground"
VERSION: Literal[1] = 1
LONGEST_LINK = 32_000  # characters; mail programs and chats cut longer ones off

POSITION = ("step", "epoch", "position")  # how far training is

Count = Annotated[int, Field(ge=0, lt=2**53)]
Text = Annotated[str, Field(max_length=MAX_TEXT)]
Dtype = Literal["float32", "float64", "bool"]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class Array(Part):
    """Numbers in C order, little-endian, in base64."""

    dtype: Dtype
    shape: Annotated[list[Count], Field(max_length=2)]
    data: Text

    @classmethod
    def of(cls, values: np.ndarray) -> Array:
        data = np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()
        return cls(
            dtype=values.dtype.name,  # type: ignore[arg-type]
            shape=list(values.shape),
            data=base64.b64encode(data).decode(),
        )

    def values(self) -> np.ndarray:
        """The array; refused where the data are of another size."""
        dtype = np.dtype(self.dtype).newbyteorder("<")
        try:
            data = base64.b64decode(self.data, validate=True)
        except (binascii.Error, ValueError):
            raise Complaint("state_damaged") from None
        if prod(self.shape) * dtype.itemsize != len(data):
            raise Complaint("state_damaged")
        if dtype.kind == "b" and not set(data) <= {0, 1}:
            raise Complaint("state_damaged")
        return np.frombuffer(data, dtype).reshape(self.shape).astype(self.dtype)


class EditedPoints(Part):
    x: Array
    t: Array
    test: Array


class SavedTable(Part):
    name: Annotated[str, Field(max_length=200)]
    text: Text


class State(Part):
    """What is saved of a run."""

    format: Literal["deltaprop playground"]
    version: Literal[1]
    settings: Annotated[Settings, Field(strict=False)]
    points: EditedPoints | None
    table: SavedTable | None
    step: Count
    epoch: Count
    position: Count
    arrays: Annotated[dict[Annotated[str, Field(max_length=100)], Array], Field(max_length=20)]


class Header(BaseModel):
    """What tells a saved state from other JSON."""

    format: Literal["deltaprop playground"]
    version: int | float | str


# -- writing ----


def to_json(run: Run) -> str:
    """The state of a run as JSON.

    >>> run = Run.start(Settings())
    >>> read(to_json(run)).network.theta.tobytes() == run.network.theta.tobytes()
    True
    """
    text = _state(run).model_dump_json(indent=1)
    if len(text) > MAX_TEXT:
        raise Complaint("state_long", got=len(text), most=MAX_TEXT)
    return text


def to_link(run: Run) -> str:
    """The state of a run as the part of a link after ``#``: compressed, in characters that need no escape."""
    packed = zlib.compress(_state(run).model_dump_json().encode(), 9)
    text = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    if len(text) > LONGEST_LINK:
        raise Complaint("link_long", got=len(text), most=LONGEST_LINK)
    return text


def _state(run: Run) -> State:
    state = run.state()
    points = state.pop("points")
    used = None if run.settings.data.table is None else run.table
    return State(
        format=FORMAT,
        version=VERSION,
        settings=run.settings,
        points=None
        if points is None
        else EditedPoints(**{name: Array.of(values) for name, values in vars(points).items()}),
        table=None if used is None else SavedTable(name=used.name, text=used.text),
        arrays={name: Array.of(values) for name, values in state["arrays"].items()},
        **{name: state[name] for name in POSITION},
    )


# -- reading ----


def read(text: str) -> Run:
    """The run of a saved state: JSON, a link, or the part of one after ``#``.

    Raises
    ------
    Complaint
        If it is none, of another version, damaged, or more than the page holds.
    """
    text = text.strip()
    if not text.startswith("{"):
        text = _unpack(text.rpartition("#")[2])
    if len(text) > MAX_TEXT:
        raise Complaint("state_long", got=len(text), most=MAX_TEXT)
    try:
        version = Header.model_validate_json(text).version
    except ValidationError:
        raise Complaint("state_unreadable") from None
    if version != VERSION:
        raise Complaint("state_version", got=str(version)[:20], expected=VERSION)
    try:
        state = State.model_validate_json(text)
    except ValidationError as error:
        raise Invalid(error, "state") from None
    return _run(state)


def _unpack(text: str) -> str:
    """The JSON in the part of a link after ``#``."""
    if len(text) > LONGEST_LINK:
        raise Complaint("state_unreadable")
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(packed, MAX_TEXT)  # not all that it may grow to
        if not unpacking.eof:
            raise Complaint("state_unreadable")
        return data.decode()
    except (binascii.Error, zlib.error, ValueError):
        raise Complaint("state_unreadable") from None


def _run(state: State) -> Run:
    fields: dict[str, Any] = {name: getattr(state, name) for name in POSITION}
    fields["settings"] = state.settings.model_dump(mode="json")
    fields["points"] = None if state.points is None else _points(state.points)
    fields["arrays"] = {name: array.values() for name, array in state.arrays.items()}
    saved = state.table
    return Run.from_state(fields, None if saved is None else table.read(saved.name, saved.text))


def _points(saved: EditedPoints) -> Points:
    """Samples edited by hand; refused where they are not so many places, targets and marks."""
    points = Points(saved.x.values(), saved.t.values(), saved.test.values())
    n = len(points.t) if points.t.ndim == 1 else 0
    kinds = [array.dtype.name for array in vars(points).values()]
    shapes = points.x.shape == (n, 2) and points.test.shape == (n,)
    if not (1 <= n <= MAX_SAMPLES and shapes and kinds == ["float64", "float64", "bool"]):
        raise Complaint("state_damaged")
    if not (np.abs(points.x) <= 100).all() or not (np.abs(points.t) <= 1e6).all():
        raise Complaint("state_damaged")
    return points
