"""Who may talk to the server: the one that knows the token, from a page of this server, under its own name."""

from __future__ import annotations

import ipaddress
import re
import secrets
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import FileResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .address import LOOPBACK

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


#: What needs no token: where links lead that are shared, which have none.
ENTRANCE = {
    path: Path(__file__).with_name("entrance") / name
    for path, name in {"/": "index.html", "/entrance.js": "entrance.js"}.items()
}


class Guard:
    """Lets through what begins with the token, under a name of this machine, and from this server's own page.

    The name (header Host) keeps out other sites' pages whose name has been made to lead here; the origin keeps out
    their WebSockets. The token is taken off the path.
    """

    def __init__(self, app: ASGIApp, token: str, host: str | None = None):
        self.app, self.token, self.host = app, token.encode(), host and host.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        token = (scope["path"] + "//").split("/")[1]
        if not self._is_ours(headers.get("host", "")):
            refusal = "This server answers under the address that it has printed only; open that one."
        elif scope["type"] == "http" and scope["path"] in ENTRANCE:
            media_type = "text/javascript" if scope["path"].endswith(".js") else "text/html"
            file = FileResponse(ENTRANCE[scope["path"]], media_type=media_type)
            await file(scope, receive, with_headers)
            return
        elif not secrets.compare_digest(token.encode(errors="replace"), self.token):
            refusal = (
                "This address is of another server; open the one that `deltaprop playground` has printed. "
                "To open a saved state: deltaprop playground --config ADDRESS."
            )
        elif scope["type"] == "websocket" and not self._is_same_origin(headers):
            refusal = "A WebSocket is opened by the page of this server only."
        else:
            prefix = scope.get("root_path", "") + "/" + token
            await self.app({**scope, "root_path": prefix}, receive, with_headers)
            return
        if scope["type"] == "websocket":  # closed before it was accepted: 403
            await with_headers({"type": "websocket.close", "reason": refusal})
        else:
            await PlainTextResponse(refusal + "\n", 403)(scope, receive, with_headers)

    def _is_ours(self, host: str) -> bool:
        """Whether the header Host names this machine; beyond loopback also by any address in numbers."""
        name = _name(host)
        if name in LOOPBACK:
            return True
        return self.host not in (None, *LOOPBACK) and (name == self.host or _is_address(name))

    def _is_same_origin(self, headers: Headers) -> bool:
        host = headers.get("host", "")
        return headers.get("origin", "") in (f"http://{host}", f"https://{host}")


def _name(host: str) -> str:
    """The host without its port: ``[::1]:80`` is ``::1``."""
    match = re.fullmatch(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:/@]+))(?::\d{1,5})?", host.lower())
    return (match[1] or match[2]) if match else ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
