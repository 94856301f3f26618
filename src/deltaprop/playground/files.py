"""The files of the page: all of them in memory, since a page loads more than a hundred at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "page"
MEDIA_TYPES = {".html": b"text/html", ".css": b"text/css", ".js": b"text/javascript"}


def read_files() -> dict[str, str]:
    """The text of the page's files by their paths."""
    paths = sorted(path for path in PAGE.rglob("*") if path.suffix in MEDIA_TYPES)
    return {path.relative_to(PAGE).as_posix(): path.read_text(encoding="utf-8") for path in paths}


class Files:
    """An ASGI application that answers GET and HEAD with the files; the empty path is ``index.html``."""

    def __init__(self):
        self._files = {path: text.encode() for path, text in read_files().items()}

    async def __call__(self, scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/") or "index.html"
        body, status, kind = self._files.get(path), 200, MEDIA_TYPES.get(Path(path).suffix, b"text/plain")
        if body is None:
            body, status, kind = b"Not Found", 404, b"text/plain"
        if scope["method"] not in ("GET", "HEAD"):
            body, status, kind = b"Method Not Allowed", 405, b"text/plain"
        headers = [(b"content-type", kind + b"; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
