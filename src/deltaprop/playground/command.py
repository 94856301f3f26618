"""``deltaprop playground``: starts the server and opens the page."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
import webbrowser
from contextlib import suppress
from importlib.util import find_spec
from urllib.parse import quote

from ..errors import InputError

PORT = 8765
TRIES = 20  # ports, from the first on, where none was asked for
EVERYWHERE = ("0.0.0.0", "::")
PACKAGES = ("starlette", "uvicorn", "websockets", "platformdirs")


def run(port: int | None, host: str, browser: bool, lesson: str | None, config: str | None) -> int:
    """Serve the page until Ctrl-C; it is opened first, since a browser takes as long to start as the server."""
    if missing := [name for name in PACKAGES if find_spec(name) is None]:
        raise InputError(
            f"playground: {', '.join(missing)} is missing, expected what the playground needs; "
            "pip install 'deltaprop[playground]'."
        )
    if config is not None and lesson is not None:
        raise InputError(
            "playground: --config and --lesson are both given, expected one of them; leave one out."
        )
    first = None
    if config is not None:
        from .loading import open_run

        first = open_run(config)
    if lesson is not None:
        from . import lessons

        lessons.describe(lesson)  # refuses a name that is none
    from .address import LOOPBACK, read_token, token_path

    with _listen(host, port) as listening:
        token = read_token(token_path())
        name = socket.gethostname() if host in EVERYWHERE else host
        at = f"[{name}]" if ":" in name else name
        address = f"http://{at}:{listening.getsockname()[1]}/{token}/"
        address += "" if lesson is None else f"?lesson={quote(lesson)}"
        print(f"Playground at {address} (Ctrl-C ends it)", flush=True)
        if host not in LOOPBACK:
            _say(f"whoever reaches {name} and knows this address can use the page; it is not encrypted.")
        if browser:
            threading.Thread(target=_open, args=(address,), daemon=True).start()
        with suppress(KeyboardInterrupt):  # how it ends
            from . import server

            server.runner(server.Server(token, name, first).app).run(sockets=[listening])
    return 0


def _listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens at that port, or at the first free one."""
    if not host.strip():
        raise InputError(
            "playground: --host is empty, expected an address of this machine; leave it out for this machine alone."
        )
    ports = range(PORT, PORT + TRIES) if port is None else [port]
    for number in ports:
        try:
            return listen(host, number)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                got = f"{host} port {number} cannot be used ({_reason(error)})"
                raise InputError(
                    f"playground: {got}, expected an address of this machine; change --host or --port."
                ) from error
    used = f"port {ports[0]} is in use" if len(ports) == 1 else f"ports {ports[0]} to {ports[-1]} are in use"
    raise InputError(f"playground: {used}, expected a free one; choose another by --port.")


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens, and whose connections send at once: otherwise each answer waits 40 ms for the browser."""
    listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
    return listening


def _reason(error: OSError) -> str:
    """The system's words, without those that Python adds to them."""
    return (error.strerror or str(error)).partition(" (while")[0]


def _open(address: str) -> None:
    """Open the page in a browser with windows; say so where there is none."""
    try:
        controller = webbrowser.get()
    except webbrowser.Error:
        controller = None
    in_terminal = type(controller) is webbrowser.GenericBrowser and "BROWSER" not in os.environ
    if controller is None or in_terminal or not controller.open(address):
        _say(f"no browser was found; open {address} in one.")


def _say(line: str) -> None:
    print(f"deltaprop: {line}", file=sys.stderr, flush=True)
