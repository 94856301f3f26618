"""What the commands say in the terminal, by Rich. Numbers go to standard output, warnings to standard error."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..report.score import Score, score_name, shown
from .describe import layer_rows

if TYPE_CHECKING:
    from ..network import Network
    from ..training import History
    from .folder import RunFolder
    from .prepare import Prepared


def console() -> Console:
    """Standard output; in a pipe without colours and never broken to 80 columns."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def warn(message: str) -> None:
    """One line on standard error."""
    print(f"deltaprop: {message}", file=sys.stderr)


def table(title: str, *heads: str) -> Table:
    """A plain table; columns after the first are set flush right."""
    made = Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for i, head in enumerate(heads):
        made.add_column(head, justify="right" if i else "left", style="" if i else "bold", header_style="dim")
    return made


def show_start(out: Console, prepared: Prepared) -> None:
    """What was recognised, the parts, the network, the training."""
    for line in prepared.dataset.summary().splitlines():
        out.print(Text(line))
    parts = ", ".join(f"{len(part):,} {name}" for name, part in prepared.parts.items())
    out.print(Text(f"samples: {parts}; inputs: {prepared.preprocessing.width}"))
    out.print()
    out.print(layer_table(prepared.network))
    s = prepared.settings
    rate = f"learning rate {s.learning_rate:g} ({s.schedule})"
    out.print()
    out.print(
        Text(f"training: {s.optimizer}, {rate}, batches of {s.batch_size}, {s.epochs} epochs, seed {s.seed}")
    )
    out.print()


def show_end(
    out: Console,
    prepared: Prepared,
    folder: RunFolder,
    history: History,
    results: Mapping[str, Score],
    message: str,
) -> None:
    """How it ended, the scores, and where everything went."""
    out.print(Text(message))
    out.print()
    out.print(score_table(score_name(prepared.dataset.task), results))
    out.print()
    out.print(Text(f"{folder.path}/"), style="bold")
    for path, what in (
        (folder.model, "weights, architecture, preprocessing"),
        (folder.history, f"{len(history)} epochs"),
        (folder.config, f"again: deltaprop train --config {shlex.quote(str(folder.config))}"),
        (folder.report, "open it in a browser"),
    ):
        out.print(Text(f"  {path.name:<20} {what}"))
    if history.status == "interrupted":
        out.print(Text(f"Go on with: deltaprop train --resume {shlex.quote(str(folder.path))}"), style="bold")


def layer_table(network: Network) -> Table:
    """The layers, and how many numbers each learns."""
    made = table("Network", "layer", "outputs", "parameters")
    for _, name, outputs, parameters in layer_rows(network):
        made.add_row(Text(name), f"{outputs:,}", f"{parameters:,}" if parameters else "")
    made.add_row(Text(str(network.loss)), "", f"{network.theta.size:,}")
    return made


def score_table(name: str, results: Mapping[str, Score]) -> Table:
    """Score and loss of each part."""
    made = table("Scores", "", name, "loss", "samples")
    for part, score in results.items():
        made.add_row(part, shown(name, score.score), f"{score.loss:.4f}", f"{score.samples:,}")
    return made
