"""How is a server moved away? `python -m benchmarks.distance PORT MILLISECONDS MEGABITS` delays and shapes TCP.

It prints the port to connect to instead. Half the round trip is spent in each direction; 0 megabits are unlimited.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
from dataclasses import dataclass
from queue import SimpleQueue

HOST = "127.0.0.1"
_MEGABIT = 1_000_000 / 8
_BLOCK_BYTES = 1 << 18
_SHAPED_BLOCK_BYTES = 1 << 14  # a bigger one would arrive in jerks
_ROUTER_SECONDS = 0.05  # what waits in front of a narrow line, as in a router; then TCP holds the sender back
_LINE_BYTES = 64 << 20  # what is on its way at most: several times what one SSH channel lets out


@dataclass(frozen=True)
class Distance:
    """A round trip in seconds and a rate in bytes a second, without a limit when it is 0."""

    round_trip: float
    rate: float

    @property
    def block_bytes(self) -> int:
        """How much travels at once."""
        return _SHAPED_BLOCK_BYTES if self.rate else _BLOCK_BYTES


class _Line:
    """One direction of one connection: a thread that takes bytes in, a thread that lets them out when due."""

    def __init__(self, distance: Distance, source: socket.socket, target: socket.socket) -> None:
        self._distance = distance
        self._source, self._target = source, target
        self._under_way: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        self._taken = self._let_out = 0
        self._free_at = 0.0

    def start(self) -> None:
        """Carry until the source ends."""
        for work in (self._take, self._deliver):
            threading.Thread(target=work, daemon=True).start()

    def _take(self) -> None:
        data = b"-"
        while data:
            try:
                data = self._source.recv(self._distance.block_bytes)
            except OSError:
                data = b""
            self._taken += len(data)
            self._under_way.put((self._pass_bottleneck(len(data)) + self._distance.round_trip / 2, data))
            while self._taken - self._let_out > _LINE_BYTES:
                time.sleep(0.001)

    def _pass_bottleneck(self, size: int) -> float:
        """Return when the last byte has passed; waits while too much stands in front of the narrow part."""
        now = time.monotonic()
        if not self._distance.rate:
            return now
        self._free_at = max(now, self._free_at) + size / self._distance.rate
        time.sleep(max(0.0, self._free_at - now - _ROUTER_SECONDS))
        return self._free_at

    def _deliver(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                due, data = self._under_way.get()
                time.sleep(max(0.0, due - time.monotonic()))
                if not data:
                    self._target.shutdown(socket.SHUT_WR)
                    return
                self._target.sendall(data)
                self._let_out += len(data)
        self._let_out = sys.maxsize  # nobody listens any more: let the source run out


def main() -> None:
    """Listen until killed."""
    port, milliseconds, megabits = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    distance = Distance(milliseconds / 1000, megabits * _MEGABIT)
    with socket.create_server((HOST, 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            near, _ = listener.accept()
            threading.Thread(target=_connect, args=(distance, near, port), daemon=True).start()


def _connect(distance: Distance, near: socket.socket, port: int) -> None:
    """Carry both directions, after the round trip that TCP's own handshake takes over a distance."""
    time.sleep(distance.round_trip)
    far = socket.create_connection((HOST, port))
    for end in (near, far):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _Line(distance, near, far).start()
    _Line(distance, far, near).start()


if __name__ == "__main__":
    main()
