"""Where and with what it was measured."""

from __future__ import annotations

import os
import platform
from importlib import metadata

from deltaprop.engines import instruction_set

PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "jax", "onnxruntime", "torch-levenberg-marquardt")


def machine(threads: int | None = None) -> dict[str, object]:
    """The machine, the instruction set that the core uses, the versions of the packages."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "machine": platform.machine(),
        "cores": _cores(),
        "threads": threads,
        "instruction_set": instruction_set(),
        "versions": versions,
    }


def _cores() -> int | None:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def instruction_sets() -> list[str]:
    """All that this processor has and the core was compiled for."""
    if instruction_set() is None:
        return []
    from deltaprop.engines import _core

    return _core.instruction_sets()


def head(about: dict) -> str:
    """The first line of a benchmark's output."""
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    core = about["instruction_set"] or "not installed"
    threads = "" if about["threads"] is None else f"{about['threads']} threads on "
    return f"compiled core: {core}; {threads}{about['cores']} cores, {about['machine']}; {versions}"
