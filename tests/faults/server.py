"""How does an SFTP server run in a thread that fails just as a test asks, and remembers what was asked of it?"""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import asyncssh

from tests.faults.behaviour import OLD_ALGORITHMS, Behaviour
from tests.faults.fault import Fault, Script
from tests.faults.files import Line, Operation
from tests.faults.login import USER, Login
from tests.sftp_logins import PASSWORD

BUSY = b"Exceeded MaxStartups\r\n"
HTTP = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"


class FaultyServer:
    """An SFTP server on a free port, as a context manager; `folder` is what its only user sees as `/`."""

    user = USER

    def __init__(self, place: Path) -> None:
        self.folder = place / "files"
        self.taken = place / "taken"
        self.script = Script()
        self.patience = 1.0
        self.visiting = 0  # requests under way
        self.observe: Callable[[], None] = lambda: None  # called after every request, before its answer
        self._keys = {"new": asyncssh.generate_private_key("ssh-ed25519")}
        self.reset()

    def reset(self, behaviour: Behaviour | None = None, *faults: Fault) -> None:
        """Become a fresh, empty server of another kind that remembers nothing."""
        self.behaviour = behaviour or Behaviour()
        self.script.set(*faults)
        self.connections = 0
        self.overstayed = 0
        self.lines: list[Line] = []
        self.logins: list[tuple[int, Any]] = []
        self.operations: list[Operation] = []
        self.closed_at: dict[bytes, float] = {}
        for folder in (self.folder, self.taken):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    def change_host_key(self) -> None:
        """Show another host key from now on."""
        self._keys["new"] = asyncssh.generate_private_key("ssh-ed25519")

    def host_key(self) -> str:
        """Return the public key that it shows now."""
        return self.host_keys()[-1 if self.behaviour.old_algorithms else 0]

    def host_keys(self) -> list[str]:
        """Return the public keys that it shows as it behaves now, and as a friendly server."""
        if self.behaviour.old_algorithms:
            self._old_key()
        return [" ".join(key.export_public_key().decode().split()[:2]) for key in self._keys.values()]

    def settle(self) -> None:
        """Wait until the server has noticed that its clients have gone, and finished what they asked for.

        After `patience` seconds it cuts off whoever is still there, and counts that.
        """
        started, patience = time.monotonic(), self.patience
        while self.visiting or not all(line.lost.is_set() for line in self.lines):
            if time.monotonic() - started > patience:
                self.overstayed += 1
                self.cut_all()
                patience += 5.0
            if time.monotonic() - started > 10.0:
                raise TimeoutError(f"{self.visiting} requests never ended, of {len(self.lines)} lines")
            time.sleep(0.001)

    def used_bytes(self) -> int:
        """Return how many bytes lie on this server."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def files(self) -> dict[str, bytes]:
        """Return what lies on this server, by path."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in found}

    def taken_names(self) -> list[str]:
        """Return under which names the robot took what it took, in order."""
        return [path.name.split("-", 1)[1] for path in sorted(self.taken.iterdir())]

    def copies(self) -> list[bytes]:
        """Return what the robot took, in order."""
        return [path.read_bytes() for path in sorted(self.taken.iterdir())]

    def start(self) -> Self:
        """Listen."""
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True, name="faulty-server")
        self._thread.start()
        return self

    def stop(self) -> None:
        """Cut every connection off and stop listening."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._socket.close()

    def cut_all(self, how: str = "reset") -> None:
        """Cut the connections off that are open now."""
        for line in self.lines:
            self._loop.call_soon_threadsafe(line.cut, how)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        accepting = self._loop.create_task(self._accept())
        self._loop.run_forever()
        accepting.cancel()
        for line in self.lines:
            line.cut("reset")
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _accept(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        while True:
            client, _ = await self._loop.sock_accept(self._socket)
            self.connections += 1
            task = self._loop.create_task(self._greet(client, self.connections))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _greet(self, client: socket.socket, number: int) -> None:
        client.setblocking(False)
        if fault := self.script.take("accept"):
            self.script.tell(fault)
            await self._greet_badly(client, fault.what)
            return
        try:
            await asyncssh.run_server(client, server_factory=lambda: Login(self, number), **self._options())
        except (asyncssh.Error, OSError):
            client.close()

    async def _greet_badly(self, client: socket.socket, what: str) -> None:
        if what == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        if what in ("busy", "http"):
            await self._loop.sock_sendall(client, BUSY if what == "busy" else HTTP)
        if what == "silent":
            while await self._loop.sock_recv(client, 4096):
                pass
        client.close()

    def _options(self) -> dict[str, Any]:
        options = {"allow_scp": False, "login_timeout": 0, "keepalive_interval": 0}
        if not self.behaviour.old_algorithms:
            return options | {"server_host_keys": [self._keys["new"]]}
        return options | {"server_host_keys": [self._old_key()], **OLD_ALGORITHMS}

    def _old_key(self) -> Any:
        """Return an RSA key that signs with SHA-1 alone."""
        if "old" not in self._keys:
            self._keys["old"] = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
        pair = asyncssh.load_keypairs([self._keys["old"]])[0]
        pair.host_key_algorithms = (b"ssh-rsa",)
        return pair


__all__ = ["PASSWORD", "USER", "Behaviour", "Fault", "FaultyServer"]
