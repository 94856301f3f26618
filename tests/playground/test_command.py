"""``deltaprop playground``, as its users meet it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import webbrowser
from urllib.request import urlopen

import pytest
from websockets.sync.client import connect

from deltaprop.cli import main
from deltaprop.playground import command, server
from deltaprop.playground.run import Run
from deltaprop.playground.settings import Data, Settings
from deltaprop.playground.share import to_json, to_link


class Start:
    """What the command makes, in the place of a server that answers."""

    def __init__(self, patch):
        self.opened: list[str] = []
        patch.setattr(server, "Server", self.make)
        patch.setattr(server, "runner", lambda app: self)
        patch.setattr(command, "_open", self.opened.append)

    def make(self, token, name, first):
        self.token, self.name, self.first = token, name, first
        self.app = None
        return self

    def run(self, sockets):
        (listening,) = sockets
        self.port = listening.getsockname()[1]


@pytest.fixture
def started(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("deltaprop.playground.address.token_path", lambda: tmp_path / "token")
    return Start(monkeypatch)


def playground(*arguments) -> int:
    return main(["playground", *map(str, arguments)])


def refused(capsys, *arguments) -> str:
    """The one line with which these arguments are refused."""
    assert playground("--no-browser", *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("deltaprop: ")
    return err


class TestStart:
    def test_prints_the_address_and_opens_it(self, started, capsys):
        assert playground("--port", 0) == 0
        out, err = capsys.readouterr()
        (address,) = started.opened
        assert address == f"http://127.0.0.1:{started.port}/{started.token}/"
        assert out == f"Playground at {address} (Ctrl-C ends it)\n"
        assert err == ""
        assert started.first is None

    def test_without_a_browser(self, started):
        assert playground("--port", 0, "--no-browser") == 0
        assert started.opened == []

    def test_takes_the_next_free_port(self, started, monkeypatch):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            monkeypatch.setattr(command, "PORT", taken.getsockname()[1])
            assert playground() == 0
            assert command.PORT < started.port < command.PORT + command.TRIES

    def test_a_port_in_use_is_said_where_it_was_asked_for(self, started, capsys, monkeypatch):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            assert f"port {port} is in use, expected a free one; choose another by --port" in refused(
                capsys, "--port", port
            )
            monkeypatch.setattr(command, "PORT", port)
            monkeypatch.setattr(command, "TRIES", 1)
            assert "in use" in refused(capsys)

    @pytest.mark.parametrize("arguments", [("--host", "203.0.113.1"), ("--port", 65536)])
    def test_an_address_that_cannot_be_used(self, started, capsys, arguments):
        refused(capsys, *arguments)

    def test_others_can_reach_it_only_where_that_was_asked_for(self, started, capsys):
        assert playground("--host", "0.0.0.0", "--port", 0) == 0
        out, err = capsys.readouterr()
        assert started.name == socket.gethostname()
        assert f"http://{started.name}:" in out
        assert err.count("\n") == 1
        assert "not encrypted" in err

    def test_answers_are_not_held_back(self):
        with command.listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
            connection, _ = listening.accept()
            with connection:
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    def test_begins_with_a_lesson(self, started, capsys):
        assert playground("--port", 0, "--lesson", "xor") == 0
        assert started.opened[0].endswith(f"/{started.token}/?lesson=xor")
        capsys.readouterr()
        assert "xor-hidden" in refused(capsys, "--lesson", "xyz")
        assert "leave one out" in refused(capsys, "--lesson", "xor", "--config", "a.json")

    @pytest.mark.parametrize("form", ["file", "link"])
    def test_begins_with_a_saved_state(self, started, tmp_path, form):
        run = Run.start(Settings(data=Data(name="xor", samples=20), layers=()))
        run.advance(7)
        path = tmp_path / "state.json"
        path.write_text(to_json(run), encoding="utf-8")
        config = path if form == "file" else f"http://127.0.0.1:1/token/#{to_link(run)}"
        assert playground("--port", 0, "--config", config) == 0
        assert started.first.step == 7
        assert started.first.network.theta.tobytes() == run.network.theta.tobytes()

    def test_a_state_that_is_none(self, started, capsys, tmp_path):
        (tmp_path / "state.json").write_text("{}", encoding="utf-8")
        refused(capsys, "--config", tmp_path / "state.json")
        refused(capsys, "--config", tmp_path / "nothing.json")

    def test_missing_packages(self, started, capsys, monkeypatch):
        monkeypatch.setattr(command, "find_spec", lambda name: None if name == "uvicorn" else name)
        line = refused(capsys)
        assert "uvicorn is missing" in line
        assert "pip install 'deltaprop[playground]'" in line


class TestBrowser:
    def opened(self, monkeypatch, capsys, controller) -> str:
        def get():
            if controller is None:
                raise webbrowser.Error
            return controller

        monkeypatch.delenv("BROWSER", raising=False)
        monkeypatch.setattr(webbrowser, "get", get)
        command._open("http://address/")
        return capsys.readouterr().err

    def test_one_with_windows_is_used(self, monkeypatch, capsys):
        browser = webbrowser.BackgroundBrowser("true")
        addresses: list[str] = []
        monkeypatch.setattr(browser, "open", lambda address: addresses.append(address) or True)
        assert self.opened(monkeypatch, capsys, browser) == ""
        assert addresses == ["http://address/"]

    @pytest.mark.parametrize(
        "browser", [None, webbrowser.GenericBrowser("lynx"), webbrowser.BackgroundBrowser("/no/such")]
    )
    def test_none_is_said_with_the_address(self, monkeypatch, capsys, browser):
        line = self.opened(monkeypatch, capsys, browser)
        assert line == "deltaprop: no browser was found; open http://address/ in one.\n"


class TestProcess:
    """The command as a process of its own."""

    def start(self, folder, port=0):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deltaprop", "playground", "--no-browser", "--port", str(port)],
            env=os.environ | {"XDG_STATE_HOME": str(folder), "HOME": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return re.search(r"http://\S+", self.process.stdout.readline())[0]

    def page(self, address):
        host = address.split("/")[2]
        return connect(
            f"ws://{host}/{address.split('/')[3]}/socket", origin=f"http://{host}", open_timeout=60
        )

    def hello(self, page, **fields):
        page.send(json.dumps({"kind": "hello", **fields}))
        replies = {}
        while "run" not in replies:
            reply = json.loads(page.recv(60))
            replies[reply["kind"]] = reply
        return replies

    def end(self):
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out + err

    @pytest.mark.skipif(os.name == "nt", reason="no SIGINT for another process")
    def test_ends_quietly_and_a_page_finds_its_successor(self, tmp_path):
        address = self.start(tmp_path)
        assert urlopen(address).status == 200
        with self.page(address) as page:
            name = self.hello(page)["session"]["session"]
            page.send('{"kind": "step", "unit": "batch", "count": 3}')
            page.send('{"kind": "save", "form": "json"}')
            saved = json.loads(page.recv(60))["text"]
            page.send('{"kind": "play", "playing": true}')
            page.recv(60)
            assert self.end() == (0, "")
        again = self.start(tmp_path, address.split(":")[2].split("/")[0])
        assert again == address
        with self.page(again) as page:
            replies = self.hello(page, session=name, state=saved)
            assert replies["session"]["session"] != name
            page.send('{"kind": "save", "form": "json"}')
            assert json.loads(page.recv(60))["text"] == saved
        assert self.end() == (0, "")


def test_the_first_picture_waits_for_nothing_heavy():
    heavy = "sklearn", "matplotlib", "pandas", "scipy", "pyarrow", "jinja2"
    program = f"import sys, deltaprop.playground.sockets; print(*(m for m in {heavy} if m in sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
