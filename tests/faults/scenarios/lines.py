"""Lost connections: before a request arrives, in the middle of it, and after it, so that only the reply is lost."""

from __future__ import annotations

import contextlib
import random
import socket
import socketserver
import struct
import threading
import time

from tests.faults.ledger import Ledger, balance
from tests.faults.robots import Line, crowd
from tests.faults.stage import Scenario, Stage, Trial, describe_strange

FATES = ("before", "inside", "after", "whole")
WEIGHTS = (10, 10, 20, 60)
"""Kind of loss → number of affected requests in a hundred."""


class CuttingProxy(socketserver.ThreadingTCPServer):
    """Proxy between robots and a server, with one request per connection, that breaks random connections."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, target: int) -> None:
        super().__init__(("127.0.0.1", 0), Cut)
        self.target, self.chance = target, random.Random(target)
        self.cuts = dict.fromkeys(FATES, 0)
        self._turn = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def choose(self) -> str:
        with self._turn:
            fate = self.chance.choices(FATES, WEIGHTS)[0]
            self.cuts[fate] += 1
        return fate

    def __exit__(self, *failure: object) -> None:
        self.shutdown()
        super().__exit__(*failure)


class Cut(socketserver.BaseRequestHandler):
    server: CuttingProxy

    def handle(self) -> None:
        request = read_request(self.request)
        fate = self.server.choose()
        if fate == "before":
            return reset(self.request)
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.server.target), 30) as server:
            if fate == "inside":
                server.sendall(request[: len(request) * 2 // 3])
                reset(server)
                return reset(self.request)
            server.sendall(request)
            if fate == "after":  # at once, so that the next try may overtake this one, or when the reply is there
                if self.server.chance.random() < 0.5:
                    server.recv(65536)
                return reset(self.request)
            pass_on(server, self.request)
        return None


def read_request(line: socket.socket) -> bytes:
    """Read one whole request, by its Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(65536) or b"\r\n\r\n"
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [int(row.split(b":")[1]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-length:")]
    while len(body) < sum(lengths):
        body += line.recv(65536)
    return head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + b"\r\n\r\n" + body


def pass_on(server: socket.socket, robot: socket.socket) -> None:
    while data := server.recv(65536):
        robot.sendall(data)


def reset(line: socket.socket) -> None:
    """Reset the connection: the other side gets an error, not the end of the stream."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def cut_lines(stage: Stage, engine: str, *, trusting: bool = False) -> Trial:
    wanted = stage.size(80, 4000)
    with stage.ground(engine) as ground:
        seats, ledger = ground.seat(stage.size(300, 4000)), Ledger()
        app = ground.start()
        with CuttingProxy(app.port) as proxy:
            with crowd(Line((proxy.port,), ledger, trusting=trusting), seats):
                while ledger.pages < wanted and not ledger.events["out of seats"]:
                    time.sleep(0.05)
            cuts = ", ".join(f"{proxy.cuts[fate]} {fate}" for fate in FATES[:3])
        time.sleep(1)  # what was sent before a line was cut may still be on its way
        found = balance(ground, ledger)
    strange = describe_strange(ledger.events)
    return Trial(f"{ledger.pages} pages; cut: {cuts}: {found.figures}{strange}", found.even and not strange)


LINES = [
    Scenario(
        f"lines cut, {engine}",
        "10 % cut before, 10 % inside, 20 % after: 0 lost, 0 twice",
        lambda stage, engine=engine: cut_lines(stage, engine),  # type: ignore[misc]
        "robots that take a cut line for an acknowledgement and start from the open link",
        lambda stage, engine=engine: cut_lines(stage, engine, trusting=True),  # type: ignore[misc]
        short=engine == "postgresql",
    )
    for engine in ("sqlite", "postgresql")
]
