"""Python calls inside the package during one small fit: how many, in how many files, how often from file to file.

    python -m benchmarks.fit_calls [--list]

`MLPClassifier.fit` on 500 samples of 8 inputs, 3 epochs, after a first fit that pays for imports. Counted with
`sys.setprofile`: every Python frame whose code lies in the package is a call; a switch is a call whose file differs
from that of the call before it (the first counts as one).
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

import deltaprop
from deltaprop import MLPClassifier

from .options import Parser, command

PACKAGE = str(Path(deltaprop.__file__).parent)


def calls() -> list[tuple[str, str]]:
    """The file and the qualified name of each call, in order."""
    x = np.random.default_rng(0).standard_normal((500, 8))
    t = (x[:, 0] > 0).astype(int)
    found: list[tuple[str, str]] = []

    def record(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PACKAGE):
            found.append((code.co_filename[len(PACKAGE) + 1 :], code.co_qualname))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        MLPClassifier(max_iter=3, random_state=0).fit(x, t)
        model = MLPClassifier(max_iter=3, random_state=0)
        sys.setprofile(record)
        try:
            model.fit(x, t)
        finally:
            sys.setprofile(None)
    return found


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, count, print."""
    parser = Parser("benchmarks.fit_calls", __doc__)
    parser.add_argument("--list", action="store_true", help="print the calls, a line for each stay in a file")
    options = parser.parse_args(arguments)
    found = calls()
    stays = [(file, [name for _, name in group]) for file, group in groupby(found, key=lambda call: call[0])]
    if options.list:
        for file, names in stays:
            print(f"{file:<28} {', '.join(names)}")
    print(f"{len(found)} calls, {len({file for file, _ in found})} files, {len(stays)} switches")


if __name__ == "__main__":
    main()
