"""The hub, to which these tests speak by plain sockets, byte for byte."""

import asyncio
import json
import socket
import struct
import threading

import pytest

from deltaprop.distributed.hub import Hub


class Client:
    """A process, or one that says so."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)

    def send(self, kind, body=b""):
        self.socket.sendall(kind + struct.pack("!I", len(body)) + body)
        return self

    def hello(self, process, processes=2, greeting="deltaprop 1"):
        hello = {"greeting": greeting, "process": process, "processes": processes, "host": f"host{process}"}
        return self.send(b"H", json.dumps(hello).encode())

    def receive(self):
        """The next frame that is no sign of life; nothing at the end of the connection."""
        while head := self._exactly(5):
            kind, length = struct.unpack("!cI", head)
            body = self._exactly(length)
            if kind != b"B":
                return kind, body
        return None

    def _exactly(self, n):
        data = b""
        while len(data) < n and (more := self.socket.recv(n - len(data))):
            data += more
        return data


@pytest.fixture
def hub():
    """Starts hubs; its clients are closed at the end."""
    loops, clients = [], []

    def begin(processes=2, silence=60.0, timeout=10.0):
        listener = socket.create_server(("127.0.0.1", 0))
        loop = asyncio.new_event_loop()
        task = loop.create_task(Hub(processes, silence, {"port": 1}).run(listener, timeout))
        thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait([task])))
        thread.start()
        loops.append((loop, task, thread))

        def client():
            clients.append(Client(listener.getsockname()[1]))
            return clients[-1]

        return client

    yield begin
    for client in clients:
        client.socket.close()
    for loop, task, thread in loops:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        loop.run_until_complete(asyncio.sleep(0.1))  # its connections see their end
        loop.close()


def pair(client):
    """Two processes that have come."""
    both = client().hello(0), client().hello(1)
    for one in both:
        kind, body = one.receive()
        assert (kind, json.loads(body)) == (b"W", {"port": 1, "hosts": ["host0", "host1"]})
    return both


def test_what_all_offer_goes_to_all_in_their_order(hub):
    zero, one = pair(hub())
    for data in (b"", b"x" * (2**20 - 1)):
        one.send(b"O", b"g1" + data)
        zero.send(b"O", b"g0")
        parts = struct.pack("!I", 2) + b"g0" + struct.pack("!I", 2 + len(data)) + b"g1" + data
        assert zero.receive() == one.receive() == (b"X", parts)


def test_strangers_and_processes_of_another_start_are_sent_away(hub, caplog):
    client = hub()
    zero = client().hello(0)
    for stranger in (
        client().send(b"G", b"ET / HTTP/1.1"),
        client().send(b"H", b"[]"),
        client().send(b"H", b"{"),
        client().send(b"H", b"x" * 2**15),
        client().send(b"H", b"[" * 16_000),
        client().hello(float("inf")),
        client().hello(1, greeting="deltaprop 0"),
    ):
        assert stranger.receive() is None
    assert not caplog.records  # asyncio would log an exception
    assert (
        client()
        .hello(1, processes=3)
        .receive()[1]
        .startswith(b"start: processes is 3 at process 1 (host1), expected 2")
    )
    assert b"process_id is 0 at host0, expected one that is not taken" in client().hello(0).receive()[1]
    client().hello(1)
    assert zero.receive()[0] == b"W"


def test_a_process_that_does_not_come_is_named_to_those_that_came(hub):
    client = hub(processes=4, timeout=0.5)
    came = client().hello(2, processes=4)
    gone = client().hello(1, processes=4)
    gone.socket.close()
    kind, line = came.receive()
    assert kind == b"R"
    assert line.startswith(b"start: of 4 processes 3 did not come within 0.5 s (number 0, 1, 3)")


def test_a_connection_that_ends_without_goodbye_ends_all(hub):
    zero, one = pair(hub())
    one.socket.close()
    assert zero.receive() == (b"V", b"process 1 (host1) died: its connection ended.")


def test_a_frame_that_is_too_long_ends_all(hub):
    zero, one = pair(hub())
    one.socket.sendall(b"O" + struct.pack("!I", 2**31))
    assert zero.receive()[1].startswith(b"process 1 (host1) died")


def test_a_process_without_signs_of_life_ends_all(hub):
    zero, one = pair(hub(silence=0.6))
    ended = threading.Event()

    def live():
        while not ended.wait(0.05):
            zero.send(b"B")

    beating = threading.Thread(target=live)
    beating.start()
    assert zero.receive() == (b"V", b"process 1 (host1) does not answer: no sign of life for 0.6 s.")
    ended.set()
    beating.join()
    one.socket.close()


def test_an_error_of_one_process_goes_to_the_others(hub):
    zero, one = pair(hub())
    one.send(b"F", b"InputError: no such file")
    assert zero.receive() == (b"V", b"process 1 (host1) ended: InputError: no such file")
    zero.socket.close()
    assert one.receive() == (b"G", b"")


def test_processes_that_fail_together_keep_their_own_errors(hub):
    zero, one = pair(hub())
    for process in (zero, one):
        process.send(b"F", b"InputError: the same")
    assert zero.receive() == one.receive() == (b"G", b"")


def test_processes_that_part_ways_end(hub):
    zero, one = pair(hub())
    zero.send(b"O", b"g")
    one.send(b"O", b"s")
    line = b"process 0 (host0) is at a gather, but process 1 (host1) is at its end"
    assert one.receive()[1].startswith(line)
    one.socket.close()
    assert zero.receive()[1].startswith(line)


def test_goodbye_comes_when_all_have_said_it(hub):
    zero, one = pair(hub())
    one.send(b"G")
    zero.send(b"O", b"g")
    zero.send(b"G")
    assert zero.receive() == one.receive() == (b"G", b"")
