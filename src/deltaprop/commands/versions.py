"""Versions that a run's numbers depend on besides its settings."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version

from .. import __version__

PACKAGES = ("numpy", "scipy", "scikit-learn", "pandas")


def versions() -> dict[str, str]:
    """Versions of deltaprop, Python and the packages that compute, and the kind of machine."""
    found = {"deltaprop": __version__, "python": platform.python_version()}
    return found | {name: version(name) for name in PACKAGES} | {"machine": platform.machine()}


def differences(made_with: Mapping[str, str]) -> str:
    """The versions that differ from the present ones, as text.

    Examples
    --------
    >>> differences(versions())
    ''
    """
    here = versions()
    changed = [
        f"{name} {was} (here {here[name]})" for name, was in made_with.items() if here.get(name, was) != was
    ]
    return ", ".join(changed)
