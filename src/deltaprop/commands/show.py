"""``deltaprop show``: what a run folder holds."""

from __future__ import annotations

from pathlib import Path

from ..data import Preprocessing
from . import console
from .folder import RunFolder
from .settings import Settings


def run(path: Path) -> int:
    """Print scores, network, configuration and files; the exit status."""
    folder = RunFolder.open(path)
    settings, versions = Settings.from_toml(folder.config)
    out = console.console()
    out.print(console.plain(f"{folder.path}/  {settings.data}"), style="bold")
    if folder.model.is_file():
        network, header = folder.read_model()
        out.print(console.plain(f"{header.message}\n"))
        console.show_table(
            out,
            header.score_name,
            header.scores,
            header.comparisons,
            header.remarks,
            console.smoothing(network),
        )
        out.print()
        console.show_network(out, network)
        preprocessing = Preprocessing.from_spec(header.preprocessing)
        out.print(console.plain("\n".join(["\nInputs and target", *preprocessing.describe()])))
    else:
        out.print(console.plain(f"Not finished; continue with: {folder.resume}"))
    configuration = console.table("\nConfiguration", "option", "value")
    for section, options in {**settings.sections(), "versions": versions}.items():
        for name, value in options.items():
            value = ", ".join(map(str, value)) if isinstance(value, list) else value
            configuration.add_row(console.plain(f"{section}.{name}"), console.plain(str(value)))
    out.print(configuration)
    files = console.table("\nFiles", "file", "bytes")
    for file in sorted(folder.path.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            files.add_row(console.plain(file.name), f"{file.stat().st_size:,}")
    out.print(files)
    return 0
