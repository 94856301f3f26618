"""``deltaprop show``: what a run folder holds."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from . import console
from .folder import RunFolder
from .settings import Settings


def run(path: Path) -> int:
    """Print scores, network, configuration and files; the exit status."""
    folder = RunFolder.open(path)
    settings, versions = Settings.from_toml(folder.config)
    out = console.console()
    out.print(Text(f"{folder.path}/  {settings.data}"), style="bold")
    if folder.model.is_file():
        network, facts = folder.read_model()
        out.print(Text(facts.get("message", "")))
        out.print()
        out.print(console.score_table(facts.get("score_name", "score"), facts["scores"]))
        out.print()
        out.print(console.layer_table(network))
    else:
        out.print(Text(f"Not finished; go on with: deltaprop train --resume {folder.path}"))
    out.print()
    configuration = console.table("Configuration", "option", "value")
    for section, options in {**settings.sections(), "versions": versions}.items():
        for name, value in options.items():
            value = ", ".join(map(str, value)) if isinstance(value, list) else value
            configuration.add_row(Text(f"{section}.{name}"), Text(str(value)))
    out.print(configuration)
    out.print()
    held = console.table("Files", "file", "bytes")
    for file in sorted(folder.path.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            held.add_row(Text(file.name), f"{file.stat().st_size:,}")
    out.print(held)
    return 0
