"""A server in a thread, and the page's end of its sockets."""

import asyncio
import contextlib
import json
import threading
import time
from http.client import HTTPConnection

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from deltaprop.playground.command import listen
from deltaprop.playground.server import Server, runner

TOKEN = "t" * 32


class Live:
    """A server at a free port of loopback; options as those of `Server`."""

    def __init__(self, **options):
        self.listening = listen("127.0.0.1", 0)
        self.port = self.listening.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.server = Server(TOKEN, **options)
        self.runner = runner(self.server.app)
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self.thread.start()
        while self.server.sockets is None:  # it answers for files before
            time.sleep(0.01)

    async def _serve(self):
        self.loop = asyncio.get_running_loop()
        await self.runner.serve(sockets=[self.listening])

    def stop(self):
        self.runner.should_exit = True
        self.thread.join(30)
        assert not self.thread.is_alive()

    @property
    def pages(self):
        return self.server.sockets.pages

    def sweep(self):
        asyncio.run_coroutine_threadsafe(self.pages.sweep(), self.loop).result(30)

    def get(self, path, **headers):
        """Status, headers and text of a page."""
        connection = HTTPConnection("127.0.0.1", self.port)
        with contextlib.closing(connection):
            connection.putrequest("GET", path, skip_host="host" in headers)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read().decode()

    @contextlib.contextmanager
    def open(self, path=f"/{TOKEN}/socket", **options):
        """A socket, as the page of this server opens it."""
        options = {"origin": f"http://{self.host}", "max_size": None, "open_timeout": 30} | options
        with connect(f"ws://{self.host}{path}", **options) as connection:
            yield Page(connection)


class Page:
    """The page's end of a socket."""

    def __init__(self, connection):
        self.connection = connection

    def send(self, kind, **fields):
        self.connection.send(json.dumps({"kind": kind, **fields}))

    def receive(self):
        """The next reply; a frame as bytes."""
        message = self.connection.recv(timeout=30)
        return json.loads(message) if isinstance(message, str) else message

    def hello(self, **fields):
        """The replies to hello, by their kinds."""
        self.send("hello", **fields)
        replies = [self.receive()]
        while replies[-1]["kind"] != "run":
            replies.append(self.receive())
        return {reply["kind"]: reply for reply in replies}

    def closed(self):
        """Code and reason with which the server closes the socket, sooner or later."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                self.receive()
        return self.connection.close_code, self.connection.close_reason
