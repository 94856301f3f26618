"""``deltaprop trace``: one sample through the network and back, with every number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..errors import InputError
from . import console
from .predict import opened, rows
from .prepare import prepare


def run(path: Path, sample: int, data: str | None, data_dir: Path | None) -> int:
    """Print the four equations for one sample; the exit status."""
    network, preprocessing, settings, _ = opened(path)
    if data_dir is not None:
        settings = replace(settings, data_dir=str(data_dir))
    if data is None:
        parts = prepare(settings).parts
        part = next(name for name in ("test", "validation", "train") if name in parts)
        x, t, where = parts[part].x, parts[part].t, f"the {part} part of {settings.data}"
    else:
        x, t = rows(data, preprocessing, settings, data_dir)
        where = data
    if t is None:
        remedy = "give data with the target, as an error needs the truth"
        raise InputError(
            f"trace: DATA is {data} without {', '.join(preprocessing.target.names)}, expected its target; "
            f"{remedy}."
        )
    if not 0 <= sample < len(t):
        raise InputError(
            f"trace: --sample is {sample}, expected 0 to {len(t) - 1}, as {where} has; choose one of them."
        )
    one = slice(sample, sample + 1)
    row = x.iloc[one] if hasattr(x, "iloc") else x[one]
    truth = t[one]
    traced = network.trace(preprocessing.transform(row, name=where), preprocessing.encode_target(truth))
    out = console.console()
    out.print(
        f"sample {sample} of {where}; {', '.join(preprocessing.target.names)}: {truth[0]}", markup=False
    )
    out.print()
    out.print(str(traced), markup=False, soft_wrap=True)
    return 0
