"""Terminal output of the commands, by Rich: results on standard output, progress on standard error."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from ..report.comparison import Comparison
from ..report.parts import counts_most, on
from ..report.score import Score, format_score
from .notes import note, printable

if TYPE_CHECKING:
    from ..network import Network
    from .evaluation import Result
    from .prepare import Prepared


#: Seconds between two lines of progress where there is no bar.
LINE_EVERY = 30.0


def console() -> Console:
    """Standard output; in a pipe without colors and without wrapping at 80 columns."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def plain(content: str) -> Text:
    """A text as it is, without markup and without control characters, which could come from a file's names."""
    return Text(printable(content))


def table(title: str, *heads: str) -> Table:
    """A table without rules; columns after the first are right-aligned."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    made.padding = (0, 2, 0, 0)
    for i, head in enumerate(heads):
        made.add_column(
            plain(head), justify="right" if i else "left", style="" if i else "bold", header_style="dim"
        )
    return made


@contextmanager
def trial_bar(title: str, total: int, done: int = 0, always: bool = False) -> Iterator[Callable[[str], None]]:
    """A bar of trials on standard error; what it yields is called after each, with a text to show.

    In place of the bar there is a line every half minute where standard error is no terminal, and only with `always`.
    """
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task, shown = bar.add_task(title, total=total, completed=done), time.monotonic()

        def advance(text: str) -> None:
            nonlocal done, shown
            done += 1
            bar.update(task, completed=done, description=f"{title}: {text}")
            if bar.disable and always and time.monotonic() - shown > LINE_EVERY:
                shown = time.monotonic()
                note(f"{title}: {done} of {total} trials, {text}")

        yield advance


def show_start(out: Console, prepared: Prepared) -> None:
    """The data, the parts, the network, the training."""
    s = prepared.settings
    names = {"train": f"in {s.folds} folds"} if s.folds else {}
    parts = ", ".join(f"{len(part.t):,} {names.get(name, name)}" for name, part in prepared.parts.items())
    out.print(plain(prepared.dataset.summary()))
    out.print(plain(f"samples: {parts}; inputs: {prepared.preprocessing.width}\n"))
    show_network(out, prepared.network)
    how = f"{s.optimizer} on all samples"
    growth = (
        f" (× {s.batch_growth:g} every {s.batch_growth_every} epochs)" if (s.batch_growth or 1) > 1 else ""
    )
    if s.learning_rate is not None:
        how = f"{s.optimizer}, learning rate {s.learning_rate:g} ({s.schedule}), batches of {s.batch_size}{growth}"
    out.print(plain(f"\ntraining: {how}, {s.epochs} epochs, seed {s.seed}\n"))


def show_scores(out: Console, result: Result) -> None:
    """How the training ended, and the scores."""
    out.print(plain(f"{result.message}\n"))
    label = result.prepared.scoring.label
    network = result.prepared.network
    show_table(out, label, result.scores, result.comparisons, result.remarks, smoothing(network))


def show_files(out: Console, result: Result, saved: Iterable[Path]) -> None:
    """The folder, then its files, each at once when it is `saved`."""
    folder = result.folder
    content = {
        folder.model: "weights, architecture, preprocessing",
        folder.history: f"{len(result.history)} epochs",
        folder.config: f"to repeat: deltaprop train --config {shlex.quote(str(folder.config))}",
        folder.report: "open it in a browser",
    }
    out.print(plain(f"\n{folder.path}/"), style="bold")
    for path in saved:
        out.print(plain(f"  {path.name:<20} {content[path]}"))
    if result.history.status == "interrupted":
        out.print(plain(f"To continue: {folder.resume}"), style="bold")


def show_network(out: Console, network: Network) -> None:
    """The layers with their outputs and numbers of parameters."""
    out.print(plain("Network"), style="bold")
    out.print(plain(network.summary()))


def show_table(
    out: Console,
    name: str,
    scores: Mapping[str, Score],
    comparisons: Sequence[Comparison],
    remarks: Sequence[str],
    smoothed: float = 0.0,
) -> None:
    """The table of scores, and the sentences on them."""
    out.print(score_table(name, scores, comparisons, smoothed))
    held_out = counts_most(scores)
    if any(map(_of_one_target, scores[held_out].measures)):
        out.print(target_table(held_out, comparisons))
    if remarks:
        out.print(plain("\n" + "\n".join(remarks)), style="bold")


def smoothing(network: Network) -> float:
    """The label smoothing of its loss."""
    return getattr(network.loss, "label_smoothing", 0.0)


def score_table(
    name: str, scores: Mapping[str, Score], comparisons: Sequence[Comparison] = (), smoothed: float = 0.0
) -> Table:
    """The measures of each part, but for the errors of one target of several; below, simpler answers."""
    shown = {part: {name: score.score} | dict(score.measures) for part, score in scores.items()}
    held_out = counts_most(scores)
    labels = [label for label in shown[held_out] if not _of_one_target(label)]
    made = table("Scores", "", *map(_head, labels), "loss", "samples")

    def cells(measures: Mapping[str, float]) -> list[str]:
        return [format_score(label, measures[label]) for label in labels]

    for part, score in scores.items():
        made.add_row(part, *cells(shown[part]), f"{score.loss:.4f}", f"{score.samples:,}")
        if score.spread:
            made.add_row("± of the folds", *cells(score.spread), style="dim")
    for other in comparisons[1:]:
        made.add_row(plain(other.name), *cells(other.scores[held_out]), style="dim")
    said = []
    if any(score.spread for score in scores.values()):
        said.append("±: the standard deviation over the folds, with n − 1")
    if names := ", ".join(other.name for other in comparisons[1:]):
        said.append(f"{names}: {on(held_out)}{' (MAE: the median)' * ('MAE' in labels)}")
    if smoothed:  # it would otherwise be read as the log loss of the probabilities
        said.append(f"loss: as in training, with label smoothing {smoothed:g}")
    if said:
        made.caption, made.caption_justify = plain("\n".join(said)), "left"
    return made


def target_table(part: str, comparisons: Sequence[Comparison]) -> Table:
    """The errors of each of several targets in one part, beside those of simpler answers."""
    errors = [label.split(" of ", 1) for label in comparisons[0].scores[part] if _of_one_target(label)]
    kinds, targets = (list(dict.fromkeys(names)) for names in zip(*errors, strict=True))
    made = table(f"\nErrors {on(part)}", "", "", *kinds)
    for target in targets:
        for i, other in enumerate(comparisons):
            cells = [format_score(kind, other.scores[part][f"{kind} of {target}"]) for kind in kinds]
            made.add_row(plain("" if i else target), plain(other.name), *cells, style="dim" if i else "")
    made.columns[1].justify = "left"
    return made


def _of_one_target(label: str) -> bool:
    return label.startswith(("MAE of ", "RMSE of "))


def _head(label: str) -> str:
    """A label in two lines, so that the columns fit beside one another."""
    return (
        f"recall of\n{rest}"
        if (rest := label.removeprefix("recall of ")) != label
        else label.replace(" ", "\n", 1)
    )
