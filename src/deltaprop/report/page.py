"""HTML pages in one file each, from the templates of a folder; the style is the same for all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .charts import elide_all
from .pixels import png

HERE = Path(__file__).with_name("templates")


def page(folder: Path, template: str, **context: Any) -> str:
    """The template of that folder, as HTML without references to other files.

    It may include ``style.css`` and ``charts.css``, and use the filters ``elided``, ``plain`` and ``png``.
    """
    environment = Environment(
        loader=FileSystemLoader([folder, HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"elided": elide_all, "plain": _plain, "png": png}
    return environment.get_template(template).render(**context)


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
