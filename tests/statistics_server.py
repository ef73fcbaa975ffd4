"""A StatsD server that keeps what it is told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class StatisticsServer:
    """Listens on UDP; `received` holds each line, such as `airflow.event_delivery.bytes:12|c`."""

    def __init__(self, listener: socket.socket) -> None:
        self.received: list[str] = []
        self.port: int = listener.getsockname()[1]
        self._listener = listener

    def listen(self) -> None:
        """Keep what comes, until the listener is closed."""
        while True:
            try:
                packet = self._listener.recv(65_535)
            except OSError:
                return
            if not packet:
                return
            self.received += packet.decode().splitlines()

    def find(self, name: str) -> list[str]:
        """Return the values that one of our names was told: `12|c`, without tags."""
        told = [line for line in self.received if line.split(":")[0].split(",")[0] == f"airflow.{name}"]
        return [line.split(":", 1)[1] for line in told]


@contextmanager
def running_statistics_server() -> Iterator[StatisticsServer]:
    """Run one for as long as the context lasts."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))
    server = StatisticsServer(listener)
    thread = threading.Thread(target=server.listen, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", server.port))
        thread.join(10)
        listener.close()
