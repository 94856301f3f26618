"""Build the site into build/site: ``python docs/build.py``.

Runs the experiments whose results are missing in docs/_results (a few minutes for all), then Sphinx, where a warning is
an error. Arguments are passed on to Sphinx, for example ``-D plot_gallery=0``.
"""

import sys
from pathlib import Path

from sphinx.cmd.build import main as build

from deltaprop.cli import main as deltaprop
from deltaprop.experiments.course import EXPERIMENTS

DOCS = Path(__file__).parent
RESULTS = DOCS / "_results"


def main(arguments: list[str]) -> int:
    """The exit status of the first step that fails, or 0."""
    missing = [name for name in EXPERIMENTS if not (RESULTS / f"{name}.json").exists()]
    status = deltaprop(["experiment", "run", *missing, "--out", str(RESULTS)]) if missing else 0
    site = DOCS.parent / "build" / "site"
    return status or build(["-W", "--keep-going", *arguments, str(DOCS), str(site)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
