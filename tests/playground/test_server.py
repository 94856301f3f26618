"""The server: who gets in, what a page may send, and what becomes of its session."""

import asyncio
import contextlib
import re
import time

import pytest
from playground.live import TOKEN, Live
from websockets.exceptions import ConnectionClosed, InvalidStatus

from deltaprop.playground import handlers, pages, server, sockets
from deltaprop.playground.address import read_token
from deltaprop.playground.complaints import Complaint
from deltaprop.playground.messages import Hello
from deltaprop.playground.run import Run
from deltaprop.playground.settings import Data, HiddenLayer, Settings
from deltaprop.playground.sockets import REFUSED, TAKEN

SMALL = Settings(data=Data(name="moons", samples=40), layers=(HiddenLayer(units=3),))


def until(condition):
    """Wait for a condition, for at most a minute."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture(scope="module")
def live():
    running = Live(first=Run.start(SMALL))
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _no_page_is_left(live):
    yield
    live.pages._pages.clear()


class TestWhoGetsIn:
    @pytest.mark.parametrize(
        ("path", "status"),
        [("", 200), ("index.html", 200), ("main.js", 200), ("style/theme.css", 200), ("nothing", 404)],
    )
    def test_the_page_with_its_headers(self, live, path, status):
        got, headers, _ = live.get(f"/{TOKEN}/{path}")
        assert got == status
        policy = headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers
        assert not path.endswith(".js") or headers["content-type"].startswith("text/javascript")

    def test_the_page_has_nothing_inline_and_nothing_from_elsewhere(self, live):
        _, _, page = live.get(f"/{TOKEN}/")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=|https?://", page)

    def test_the_address_without_its_last_slash(self, live):
        status, headers, _ = live.get(f"/{TOKEN}")
        assert status == 307
        assert headers["location"].endswith(f"/{TOKEN}/")

    @pytest.mark.parametrize(
        "path", ["/main.js", "/x/main.js", f"/{TOKEN[:-1]}/", f"/{TOKEN}x/", "/%C3%BC/", "//", "/%00"]
    )
    def test_nobody_without_the_token(self, live, path):
        status, headers, text = live.get(path)
        assert status == 403
        assert text.count("\n") == 1
        assert TOKEN not in text
        assert "content-security-policy" in headers

    @pytest.mark.parametrize("path", ["/", "/entrance.js"])
    def test_a_shared_link_leads_to_an_entrance_that_knows_nothing(self, live, path):
        status, headers, text = live.get(path)
        assert status == 200
        assert TOKEN not in text
        assert "content-security-policy" in headers
        assert live.get(path, host="evil.example")[0] == 403

    @pytest.mark.parametrize(
        "path", ["../server.py", "%2e%2e/server.py", "..%2fserver.py", "..%5cserver.py", "%00"]
    )
    def test_nothing_but_the_page(self, live, path):
        assert live.get(f"/{TOKEN}/{path}")[0] in (403, 404)

    @pytest.mark.parametrize(
        ("host", "status"),
        [
            ("127.0.0.1:8765", 200),
            ("127.0.0.1", 200),
            ("localhost:9999", 200),
            ("[::1]:80", 200),
            ("evil.example", 403),
            ("evil.example:8765", 403),
            ("127.0.0.1.evil.example", 403),
            ("localhost@evil.example", 403),
            ("192.168.0.7:8765", 403),
            ("", 403),
        ],
    )
    def test_under_a_name_of_this_machine(self, live, host, status):
        assert live.get(f"/{TOKEN}/", host=host)[0] == status

    def test_beyond_loopback_under_its_name_or_an_address(self):
        running = Live(host="machine")
        for host, status in [("machine:80", 200), ("192.168.0.7:80", 200), ("evil.example", 403)]:
            assert running.get(f"/{TOKEN}/", host=host)[0] == status
        running.stop()

    @pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
    def test_a_socket_from_a_page_of_this_server_only(self, live, origin):
        with pytest.raises(InvalidStatus) as refused, live.open(origin=origin):
            pass
        assert refused.value.response.status_code == 403

    @pytest.mark.parametrize("path", ["/socket", f"/{TOKEN}x/socket"])
    def test_no_socket_without_the_token(self, live, path):
        with pytest.raises(InvalidStatus) as refused, live.open(path):
            pass
        assert refused.value.response.status_code == 403


class TestToken:
    def test_outlives_the_server_and_is_private(self, tmp_path):
        path = tmp_path / "state" / "token"
        token = read_token(path)
        assert len(token) == 32
        assert read_token(path) == token
        assert path.stat().st_mode & 0o777 == 0o600
        path.chmod(0o644)
        assert read_token(path) != token
        assert path.stat().st_mode & 0o777 == 0o600
        for damaged in ("short", "x" * 31 + "/", "ü" * 40):
            path.write_text(damaged, encoding="utf-8")
            assert re.fullmatch(r"[\w-]{32}", read_token(path))

    def test_is_of_one_server_where_it_cannot_be_kept(self, tmp_path):
        (tmp_path / "file").touch()
        path = tmp_path / "file" / "token"
        assert read_token(path) != read_token(path)


class TestMessages:
    @pytest.mark.parametrize(
        "first", ['{"kind": "play", "playing": true}', "{", '{"kind": "hello", "x": 1}', ""]
    )
    def test_the_first_is_hello(self, live, first):
        with live.open() as page:
            page.connection.send(first)
            code, reason = page.closed()
        assert code == REFUSED
        assert "hello" in reason
        assert len(live.pages) == 0

    def test_the_first_comes_soon(self, live, monkeypatch):
        monkeypatch.setattr(sockets, "PATIENCE", 0.01)
        with live.open() as page:
            assert page.closed()[0] == REFUSED

    def test_are_text(self, live):
        with live.open() as page:
            page.hello()
            page.connection.send(b"x")
            assert page.closed()[0] == REFUSED

    def test_have_a_bounded_length(self, live):
        with live.open() as page:
            page.hello()
            with contextlib.suppress(ConnectionClosed):
                page.connection.send("x" * (server.MAX_BYTES + 1))
            assert page.closed()[0] in (1009, 1006)  # the latter where it was still being sent
        with live.open() as page:
            assert page.hello()

    @pytest.mark.parametrize(("language", "said"), [("en", "too many messages"), ("zh", "发送消息过快")])
    def test_come_at_a_bounded_rate(self, live, monkeypatch, language, said):
        monkeypatch.setattr(sockets, "BURST", 20.0)
        monkeypatch.setattr(sockets, "RATE", 0.0)
        with live.open() as page:
            page.hello(language=language)
            for _ in range(21):
                page.send("frame")
            code, reason = page.closed()
        assert code == REFUSED
        assert said in reason

    @pytest.mark.parametrize("key", ["too_fast", "too_many_pages", "idle", "taken", "no_hello", "no_text"])
    @pytest.mark.parametrize("language", ["en", "zh"])
    def test_why_they_are_refused_fits_into_a_close_frame(self, key, language):
        assert len(Complaint(key, most=16).text(language).encode()) <= 123

    def test_a_failure_shows_no_traceback(self, live, monkeypatch, caplog):
        def broken(session, request):
            raise RuntimeError("secret")

        monkeypatch.setitem(handlers.HANDLERS, "go", broken)
        with live.open() as page:
            page.hello()
            page.send("go", step=1)
            reply = page.receive()
        assert (reply["kind"], reply["about"]) == ("trouble", "go")
        assert "secret" not in reply["text"]
        assert "RuntimeError: secret" in caplog.text

    def test_a_page_that_reads_nothing_slows_nothing(self, live):
        with live.open(max_queue=1, close_timeout=0.1) as page:
            page.hello()
            page.send("play", playing=True)
            for _ in range(300):
                page.send("frame")
            (held,) = live.pages._pages.values()
            until(lambda: held.session.runs[0].step >= 2_000)
            assert len(held._conversation._outbox) <= 2


class TestSessions:
    def test_a_page_that_is_loaded_again_goes_on(self, live):
        with live.open() as page:
            name = page.hello()["session"]["session"]
            page.send("weight", index=0, value=0.125)
            page.send("play", playing=True)
            page.receive()
        (held,) = live.pages._pages.values()
        until(lambda: held.is_away)
        step = held.session.runs[0].step
        time.sleep(0.05)
        assert held.session.runs[0].step == step  # it rests meanwhile
        with live.open() as page:
            session = page.hello(session=name)["session"]
            assert (session["session"], session["playing"], session["undo"]) == (name, True, True)
            page.send("frame")
            assert page.receive()

    def test_each_page_has_its_own(self, live):
        with live.open() as first, live.open() as second:
            assert first.hello()["session"]["session"] != second.hello()["session"]["session"]
            first.send("weight", index=0, value=0.5)
            first.receive()
            one, other = (page.session.runs[0].network.theta for page in live.pages._pages.values())
            assert one[0] == 0.5 != other[0]

    def test_the_newest_connection_takes_it(self, live):
        with live.open() as old:
            name = old.hello()["session"]["session"]
            with live.open() as new:
                assert new.hello(session=name)["session"]["session"] == name
                assert old.closed()[0] == TAKEN
                new.send("play", playing=True)
                assert new.receive()["playing"]
        assert len(live.pages) == 1

    def test_an_unknown_one_begins_anew(self, live):
        with live.open() as page:
            assert page.hello(session="unknown")["session"]["session"] != "unknown"

    def test_are_bounded_in_number_and_who_has_left_makes_room(self, live, monkeypatch):
        monkeypatch.setattr(pages, "MAX_PAGES", 2)
        with live.open() as first, live.open() as second:
            name = first.hello()["session"]["session"]
            second.hello()
            with live.open() as third:
                third.send("hello", language="zh")
                code, reason = third.closed()
            assert code == REFUSED
            assert "已打开 2 个页面" in reason
            first.connection.close()
            until(lambda: live.pages._pages[name].is_away)
            with live.open() as fourth:
                fourth.hello()
                assert len(live.pages) == 2
                assert name not in live.pages._pages

    def test_are_bounded_in_number_when_they_come_together(self, live, monkeypatch):
        monkeypatch.setattr(pages, "MAX_PAGES", 3)
        with contextlib.ExitStack() as stack:
            opened = [stack.enter_context(live.open()) for _ in range(8)]
            for page in opened:
                page.send("hello")
            refused = 0
            for page in opened:
                with contextlib.suppress(ConnectionClosed):
                    page.receive()
                    continue
                refused += 1
            assert (len(live.pages), refused) == (3, 5)

    def test_that_come_back_are_there(self, live, monkeypatch):
        with live.open() as old:
            name = old.hello()["session"]["session"]
            with live.open() as new:
                new.hello(session=name)
                old.closed()
                (held,) = live.pages._pages.values()
                assert not held.is_away
                monkeypatch.setattr(pages, "AWAY", -1.0)
                live.sweep()
                assert len(live.pages) == 1

    def test_whose_connection_never_comes_end_too(self, live, monkeypatch):
        opened = live.pages.open(Hello())
        asyncio.run_coroutine_threadsafe(opened, live.loop).result(30)
        live.sweep()
        assert len(live.pages) == 1
        monkeypatch.setattr(pages, "AWAY", -1.0)
        live.sweep()
        assert len(live.pages) == 0

    def test_end_when_their_page_stays_away(self, live, monkeypatch):
        monkeypatch.setattr(pages, "AWAY", -1.0)
        with live.open() as page:
            page.hello()
            live.sweep()
            assert len(live.pages) == 1  # it is there
        (held,) = live.pages._pages.values()
        until(lambda: held.is_away)
        live.sweep()
        assert len(live.pages) == 0

    def test_an_idle_page_is_let_go(self, live, monkeypatch):
        with live.open() as page:
            page.hello()
            live.sweep()
            monkeypatch.setattr(pages, "IDLE", -1.0)
            live.sweep()
            code, reason = page.closed()
        assert code == REFUSED
        assert "reload" in reason
