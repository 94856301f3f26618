"""The command lines of the benchmarks: what cannot be used is refused in one line, before anything is measured."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from deltaprop.errors import InputError

from .process import ContenderError


def command(main: Callable) -> Callable:
    """A benchmark's `main` whose errors of use end in one line on standard error and exit status 2."""

    @wraps(main)
    def run(arguments: Sequence[str] | None = None) -> None:
        try:
            main(arguments)
        except (InputError, ContenderError, OSError) as error:
            _refuse("benchmarks", str(error))

    return run


class Parser(argparse.ArgumentParser):
    """A parser that refuses in one line; `module` is what ``python -m`` runs, its docstring's first line the help."""

    def __init__(self, module: str, docstring: str):
        super().__init__(prog=f"python -m {module}", description=docstring.splitlines()[0])

    def error(self, message: str) -> NoReturn:
        _refuse(self.prog, message)


def count(text: str) -> int:
    """An integer from 1."""
    if not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not an integer from 1 to 999999999")
    return int(text)


def output(text: str) -> Path:
    """A file that can be written; its folder exists."""
    path = Path(text)
    try:
        os.stat(path)
        usable = os.access(path, os.W_OK) and not path.is_dir()
    except FileNotFoundError:
        usable = os.access(path.parent, os.W_OK) and path.parent.is_dir()
    except (OSError, ValueError):  # no name of a file
        usable = False
    if not usable:
        raise argparse.ArgumentTypeError(f"{text!r} is not a file in a folder that can be written to")
    return path


def picture(text: str) -> Path:
    """A file that can be written, of a kind that matplotlib draws here."""
    path = output(text)
    if path.suffix.lower() not in (".png", ".svg"):
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .png or .svg")
    return path


def require(*packages: str) -> None:
    """Refuse to begin without these packages."""
    if missing := [name for name in packages if find_spec(name) is None]:
        raise InputError(f"{' and '.join(missing)} not found: pip install {' '.join(missing)}")


def _refuse(program: str, message: str) -> NoReturn:
    print(f"{program}: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(2)
