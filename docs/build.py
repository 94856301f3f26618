"""Build the site into build/site: ``python docs/build.py``.

Runs the experiments whose results are missing in docs/_results (a few minutes for all), then Sphinx, where a warning is
an error. Where the data of an experiment are not at hand, the page says that it was not run. Arguments are passed on to
Sphinx, for example ``-D plot_gallery=0``.
"""

import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import main as build

from deltaprop.cli import main as deltaprop
from deltaprop.experiments.course import EXPERIMENTS

DOCS = Path(__file__).parent
RESULTS = DOCS / "_results"


def main(arguments: list[str]) -> int:
    """Sphinx's exit status."""
    missing = [name for name in EXPERIMENTS if not (RESULTS / f"{name}.json").exists()]
    if missing:
        deltaprop(["experiment", "run", *missing, "--out", str(RESULTS)])
    for made in ("reference/generated", "gallery"):  # names and scripts may have gone since the last time
        shutil.rmtree(DOCS / made, ignore_errors=True)
    site = DOCS.parent / "build" / "site"
    return build(["-W", "--keep-going", *arguments, str(DOCS), str(site)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
