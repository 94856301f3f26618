"""``deltaprop sweep``: from a TOML file to a folder with the table of trials, the ranking and the figure."""

from __future__ import annotations

import io
import shlex
from pathlib import Path

from rich.text import Text

from ..commands import console
from ..commands.lock import NAME as LOCK
from ..commands.lock import FolderLock, is_used
from ..commands.notes import note
from ..errors import InputError
from ..files import cannot_write, write
from .result import Sweep
from .spec import SweepSpec

FAILED = 1  # exit status


def run(path: Path, out: Path | None = None, jobs: int = -1, resume: bool = False) -> int:
    """Sweep and write the folder; the exit status."""
    spec = SweepSpec.read(path)
    plan = spec.plan()
    folder = _folder(Path("sweeps") / path.stem if out is None else out, resume)
    log = folder / "trials.jsonl"
    with FolderLock("sweep", folder):
        if not resume:
            _refuse_used(folder)
        plan.open(log).read()  # refuses that of another sweep
        write(folder / "spec.toml", path.read_bytes())
        try:
            found = plan.run(jobs, log, progress=True)
        except KeyboardInterrupt:
            again = f"deltaprop sweep {shlex.quote(str(path))} --out {shlex.quote(str(folder))} --resume"
            note(f"the sweep is interrupted, finished trials are kept; to continue: {again}")
            raise
        save(found, folder, spec.results)
    console.console().print(Text(f"{found}\n\n{folder}/"))
    return 0 if any(trial.counts for trial in found.trials) else FAILED


def save(found: Sweep, folder: Path, results: str = "csv") -> None:
    """Write the table of trials, the ranking, and the figure; they depend on the trials alone."""
    table = found.table()
    content = table.to_csv(index=False).encode() if results == "csv" else table.to_parquet(index=False)
    write(folder / f"results.{results}", content)
    write(folder / "ranking.csv", found.ranking().to_csv(index=False))
    picture = io.BytesIO()
    found.figure().savefig(picture, format="png", dpi=150)
    write(folder / "curves.png", picture.getvalue())


def _folder(path: Path, resume: bool) -> Path:
    """That folder, which is created; refused if it holds a sweep that is not to be resumed."""
    if not resume and path.is_dir() and not (path / LOCK).exists():
        _refuse_used(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def _refuse_used(path: Path) -> None:
    if is_used(path):
        found = f"--out {path} exists and is not empty"
        raise InputError(f"sweep: {found}, expected a new folder; choose another, or continue with --resume.")
