"""``deltaprop trace``: one sample through the network and back, with every number."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError
from . import console
from .predict import read, rows
from .prepare import split_data


def run(path: Path, sample: int, data: str | None, data_dir: Path | None) -> int:
    """Print the four equations for one sample; the exit status."""
    network, preprocessing, settings, header = read(path)
    if data is None:
        settings = settings.given(data_dir=data_dir and str(data_dir))
        _, _, parts = split_data(settings)
        name = next(name for name in ("test", "validation", "train") if name in parts)
        x, t, where = parts[name].x, parts[name].t, f"the {name} part of {settings.data}"
    else:
        x, t = rows(data, preprocessing, settings, data_dir, header)
        where = data
    names = ", ".join(preprocessing.target.names)
    if t is None:
        raise InputError(f"trace: DATA is {data} without {names}, expected data with the target; add it.")
    if not 0 <= sample < len(t):
        raise InputError(f"trace: --sample is {sample}, expected 0 to {len(t) - 1} in {where}; correct it.")
    one = slice(sample, sample + 1)
    row = x.iloc[one] if hasattr(x, "iloc") else x[one]
    traced = network.trace(preprocessing.transform(row, name=where), preprocessing.encode_target(t[one]))
    out = console.console()
    out.print(console.plain(f"sample {sample} of {where}; {names}: {t[sample]}\n"))
    out.print(str(traced), markup=False, soft_wrap=True)
    return 0
