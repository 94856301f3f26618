"""Results in a file of JSON lines, so that a run that was cut off goes on where it was and nothing is run twice."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

import numpy as np

from .methods import PACKAGES
from .trial import Trial

SOURCES = Path(__file__).parents[2] / "src" / "deltaprop"


def append(path: Path, trial: Trial, result: dict) -> None:
    """Add a line."""
    packed = {k: _pack(v) if isinstance(v, np.ndarray) else v for k, v in result.items()}
    with path.open("a") as file:
        file.write(json.dumps(asdict(trial) | packed) + "\n")


def read(path: Path) -> list[dict]:
    """All results; of two of one trial, the later."""
    if not path.exists():
        return []
    found = {}
    for line in path.read_text().splitlines():
        result = json.loads(line)
        found[key(result)] = result | ({"losses": _unpack(result["losses"])} if "losses" in result else {})
    return list(found.values())


def key(trial: dict) -> str:
    """What tells a trial from others."""
    return json.dumps(
        [trial[name] for name in ("method", "settings", "version", "table", "split")], sort_keys=True
    )


def version(method: str) -> str:
    """The versions of a method's packages; of deltaprop, a digest of its sources."""
    if method in PACKAGES:
        return ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES[method])
    digest = hashlib.sha256()
    for path in sorted(p for p in SOURCES.rglob("*") if p.suffix in {".py", ".cpp", ".hpp"}):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def _pack(losses: np.ndarray) -> str:
    return base64.b64encode(losses.astype(np.float32).tobytes()).decode()


def _unpack(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.float32)
