"""How does the line between a client and any server break, stall or crawl after so many bytes?"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from dataclasses import dataclass
from typing import Any, Self

_BLOCK = 65_536


@dataclass(frozen=True)
class Hitch:
    """What happens to the line once `byte` bytes have gone `up` (to the server) or `down`.

    `what`: `reset` or `end` it, `freeze` both directions or `stall` this one, `trickle` a byte every `seconds`,
    `throttle` to 4 KiB every `seconds`, `flip` one bit of the next byte.
    """

    what: str
    byte: int = 0
    direction: str = "up"
    seconds: float = 0.05
    times: int = 1  # on so many connections, then the line is good


class Proxy:
    """A TCP proxy on a free port in a thread, as a context manager; tests change its hitches at any time."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._hitches: list[Hitch] = []
        self._silent = False
        self._listener: asyncio.Server | None = None
        self._reserved: socket.socket | None = None
        self.port = 0
        self.connections = 0
        self.bytes = {"up": 0, "down": 0}

    def set(self, *hitches: Hitch, silent: bool = False, refuse: bool = False) -> None:
        """Replace the hitches, one a connection, in order; `silent` accepts and says nothing."""
        self._run(self._stop_listening() if refuse else self._listen())
        self._silent = silent
        self._hitches = [hitch for hitch in hitches for _ in range(hitch.times)]
        self.bytes = {"up": 0, "down": 0}
        self.connections = 0

    def start(self) -> Self:
        """Listen."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="proxy")
        self._thread.start()
        self._run(self._listen())
        return self

    def stop(self) -> None:
        """End every connection."""
        self._run(self._stop_listening())
        self._run(self._cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        if self._reserved:
            self._reserved.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        if self._listener is None:
            if self._reserved:
                self._reserved.close()
                self._reserved = None
            self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._listener.sockets[0].getsockname()[1]

    async def _stop_listening(self) -> None:
        """Refuse connections, yet keep the port: a bound socket that does not listen."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
            self._reserved = socket.socket()
            self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._reserved.bind(("127.0.0.1", self.port))

    async def _cancel_all(self) -> None:
        for task in asyncio.all_tasks(self._loop) - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.01)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        hitch = self._hitches.pop(0) if self._hitches else None
        if self._silent:
            await reader.read()
            return
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._target)
        line = _Line(self, hitch, [writer, server_writer])
        with contextlib.suppress(asyncio.CancelledError):  # asyncio's server would log it
            await asyncio.gather(line.pump("up", reader, server_writer), line.pump("down", server_reader, writer))


class _Line:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy, hitch: Hitch | None, ends: list[asyncio.StreamWriter]) -> None:
        self._proxy = proxy
        self._hitch = hitch
        self._ends = ends
        self._passed = {"up": 0, "down": 0}
        self._alive = asyncio.Event()
        self._alive.set()
        self._flipped = False

    async def pump(self, direction: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry bytes one way until an end closes, or the hitch strikes."""
        hitch = self._hitch if self._hitch and self._hitch.direction == direction else None
        try:
            while block := await reader.read(_BLOCK):
                if hitch:
                    left = max(0, hitch.byte - self._passed[direction])
                    await self._carry(direction, writer, block[:left])
                    block = block[left:]
                    if self._passed[direction] >= hitch.byte:
                        await self._strike(hitch, direction, reader, writer, block)
                        continue
                await self._alive.wait()
                await self._carry(direction, writer, block)
        except OSError:
            pass
        self._close()

    async def _carry(self, direction: str, writer: asyncio.StreamWriter, block: bytes) -> None:
        if block:
            writer.write(block)
            self._passed[direction] += len(block)
            self._proxy.bytes[direction] += len(block)
            await writer.drain()

    async def _strike(
        self,
        hitch: Hitch,
        direction: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        block: bytes,
    ) -> None:
        if hitch.what == "trickle":
            for at in range(len(block)):
                await asyncio.sleep(hitch.seconds)
                await self._carry(direction, writer, block[at : at + 1])
        elif hitch.what == "throttle":
            for at in range(0, len(block), 4096):
                await asyncio.sleep(hitch.seconds)
                await self._carry(direction, writer, block[at : at + 4096])
        elif hitch.what == "flip":
            flipped = bytes([block[0] ^ 1]) + block[1:] if block and not self._flipped else block
            self._flipped = self._flipped or bool(block)
            await self._carry(direction, writer, flipped)
        elif hitch.what in ("freeze", "stall"):
            if hitch.what == "freeze":
                self._alive.clear()
            await _wait_for_end(reader, self._ends)
            raise ConnectionResetError
        else:
            self._close(reset=hitch.what == "reset")
            raise ConnectionResetError

    def _close(self, reset: bool = False) -> None:
        self._alive.set()
        for end in self._ends:
            if reset:
                sock = end.get_extra_info("socket")
                if sock.fileno() >= 0:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                end.transport.abort()
            else:
                end.close()


async def _wait_for_end(reader: asyncio.StreamReader, ends: list[asyncio.StreamWriter]) -> None:
    while not reader.at_eof() and not any(
        end.is_closing() or end.transport.get_extra_info("socket").fileno() < 0 for end in ends
    ):
        await asyncio.sleep(0.02)
