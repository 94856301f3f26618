"""The templates of programs, filled in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from . import arrays
from .subject import Subject

TEMPLATES = Path(__file__).with_name("templates")


def render(form: str, subject: Subject, **parts: Any) -> str:
    """The program of that form."""
    text = _environment().get_template(f"{form}.py.j2").render(s=subject, **parts)
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip("\n") + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"array": arrays.array, "table": arrays.table}
    return environment
