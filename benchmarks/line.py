"""Is the emulated distance what it says? Its real round trip and rate are measured before it counts."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from benchmarks import ROOT
from benchmarks.distance import HOST

_BLOCK = bytes(1 << 20)
_ECHOES = 5
_SECONDS_OF_DATA = 2
_MEGABYTES_WITHOUT_LIMIT = 1000


@dataclass(frozen=True)
class Line:
    """A way to the server: round trip in milliseconds, and megabits a second (0: no limit)."""

    milliseconds: int
    megabits: int

    @property
    def name(self) -> str:
        """What it is called in reports."""
        if not self.milliseconds:
            return "loopback"
        return f"{self.milliseconds} ms" + (f", {self.megabits} Mbit/s" if self.megabits else "")

    @property
    def destination_id(self) -> str:
        """A destination of its own, as the ledger remembers how fast each one is."""
        return f"bench_{self.milliseconds}ms_{self.megabits}mbit"


@dataclass(frozen=True)
class Gauge:
    """What a line does: round trip in milliseconds, megabytes a second."""

    milliseconds: float
    rate: float


@contextmanager
def open_line(line: Line, port: int) -> Iterator[int]:
    """Yield the port at which a port of this machine is so far away."""
    if not line.milliseconds:
        yield port
        return
    arguments = [str(value) for value in (port, line.milliseconds, line.megabits)]
    command = [sys.executable, "-m", "benchmarks.distance", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def gauge_line(line: Line) -> Gauge:
    """Send single bytes there and back, then many one way, and take the time."""
    with socket.create_server((HOST, 0)) as listener:
        threading.Thread(target=_serve, args=(listener,), daemon=True).start()
        with open_line(line, listener.getsockname()[1]) as port:
            round_trip = _round_trip(port)
            return Gauge(1000 * round_trip, _rate(port, line, round_trip))


def _round_trip(port: int) -> float:
    with _connect(port) as near:
        _send(near, 0)
        return median(_time_of(near, 1) for _ in range(_ECHOES))


def _rate(port: int, line: Line, round_trip: float) -> float:
    """Return megabytes a second, the way of the answer not counted."""
    megabytes = line.megabits // 8 * _SECONDS_OF_DATA or _MEGABYTES_WITHOUT_LIMIT
    with _connect(port) as near:
        _send(near, 0)
        return megabytes / (_time_of(near, megabytes * 1_000_000) - round_trip)


def _time_of(near: socket.socket, size: int) -> float:
    started = time.perf_counter()
    _send(near, size)
    return time.perf_counter() - started


def _send(near: socket.socket, size: int) -> None:
    """Announce and send so many bytes, and wait for the answer."""
    near.sendall(size.to_bytes(8, "big"))
    while size > 0:
        size -= near.send(_BLOCK[:size])
    near.recv(1)


def _connect(port: int) -> socket.socket:
    near = socket.create_connection((HOST, port))
    near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return near


def _serve(listener: socket.socket) -> None:
    """Answer each announced number of bytes with one; ends with its listener."""
    while True:
        try:
            far, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(far,), daemon=True).start()


def _answer(far: socket.socket) -> None:
    with far:
        while head := far.recv(8, socket.MSG_WAITALL):
            missing = int.from_bytes(head, "big")
            while missing > 0:
                missing -= len(far.recv(min(missing, len(_BLOCK)))) or missing
            far.sendall(b"k")
