"""The address of the page: names of this machine, and the token, which outlives the server.

An open page thus finds a restarted one.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from platformdirs import user_state_path

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def token_path() -> Path:
    """The file of the token, in the user's folder for the state of programs (on Linux ~/.local/state/deltaprop)."""
    return user_state_path("deltaprop", appauthor=False) / "playground-token"


def read_token(path: Path) -> str:
    """The token in the file `path`, made on first use and readable by its owner only.

    A file that others can read is replaced. Where no file can be kept, the token is of this server alone.
    """
    try:
        if os.name == "nt" or path.stat().st_mode & 0o077 == 0:
            token = path.read_text(encoding="ascii")
            if re.fullmatch(r"[\w-]{32,64}", token, re.ASCII):
                return token
        path.unlink()
    except (OSError, ValueError):
        pass
    token = secrets.token_urlsafe(24)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(token)
    except OSError:
        pass
    return token
