"""Frames between processes: a kind, a length, a body. Bytes and JSON only; what is longer than allowed is refused."""

from __future__ import annotations

import struct
from asyncio import IncompleteReadError, StreamReader
from collections.abc import Sequence

HELLO, WELCOME, REFUSAL, BEAT, OFFER, RESULT, FAILURE, VERDICT, BYE = (bytes([c]) for c in b"HWRBOXFVG")

#: Bytes that one process may offer to an exchange, and the longest message about a start or an end.
LARGEST, SHORT = 1 << 20, 1 << 14

_HEAD = struct.Struct("!cI")
_LENGTH = struct.Struct("!I")


class Closed(ConnectionError):
    """The other side closed the connection, or sent what is not a frame."""


def pack(kind: bytes, body: bytes = b"") -> bytes:
    """A frame."""
    return _HEAD.pack(kind, len(body)) + body


async def read(reader: StreamReader, longest: int) -> tuple[bytes, bytes]:
    """Kind and body of the next frame, at most `longest` bytes; `Closed` if there is none."""
    try:
        kind, length = _HEAD.unpack(await reader.readexactly(_HEAD.size))
        if length > longest:
            raise Closed(f"a frame of {length} bytes")
        return kind, await reader.readexactly(length)
    except (IncompleteReadError, OSError) as error:
        raise Closed(str(error)) from None


def text(body: bytes) -> str:
    """A body as a line to be shown."""
    return "".join(c if c.isprintable() else " " for c in body.decode(errors="replace"))


def join(parts: Sequence[bytes]) -> bytes:
    """Several bodies as one."""
    return b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def split(body: bytes) -> list[bytes]:
    """The bodies that `join` was given."""
    parts, at = [], 0
    while at < len(body):
        (length,) = _LENGTH.unpack_from(body, at)
        at += _LENGTH.size + length
        parts.append(body[at - length : at])
    return parts
