"""How does a client's SFTP server look to us: password logins, each locked into a folder of its own?"""

import argparse
import asyncio
import json
import logging
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import asyncssh

from local_servers.secret_files import write_secret
from local_servers.sftp_sessions import Files, Interference, Login, let_pass
from local_servers.sftp_users import LoginAttempt, SftpUser, load_host_key

_log = logging.getLogger("sftp")


@dataclass
class SftpServer:
    """An SFTP server in a thread, as a context manager; port 0 takes a free one.

    `logins` and `forwarded` tell what clients did. `interfere` is called in the server's thread before a user's
    `write` or `rename`: an OSError that it raises is the answer, an awaitable that it returns is waited for.
    """

    folder: Path
    users: Iterable[SftpUser]
    host: str = "127.0.0.1"
    port: int = 0
    allows_forwarding: bool = False
    interfere: Interference = let_pass
    logins: list[LoginAttempt] = field(default_factory=list)
    forwarded: list[tuple[str, int]] = field(default_factory=list)

    def user_folder(self, name: str) -> Path:
        """Return the folder that a user sees as `/`.

        Raises:
            KeyError: for an unknown user.
        """
        return self.folder / "clients" / {user.name: user for user in self.users}[name].folder_name()

    def host_key(self) -> str:
        """Return the server's public key as `ssh-ed25519 AAAA...`."""
        return load_host_key(self.folder).export_public_key().decode().strip()

    def start(self) -> Self:
        """Listen; raises OSError when the port is taken."""
        started = threading.Event()
        self._failure: OSError | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, args=[started], daemon=True, name="sftp-server")
        self._thread.start()
        started.wait()
        if self._failure:
            raise self._failure
        return self

    def stop(self) -> None:
        """Cut every connection off and stop listening."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def listen(self) -> asyncssh.SSHAcceptor:
        """Listen in the running event loop, with `port` set to the port taken."""
        self.users = list(self.users)
        for user in self.users:
            self.user_folder(user.name).mkdir(parents=True, exist_ok=True)
        acceptor = await asyncssh.listen(
            self.host,
            self.port,
            server_factory=lambda: Login(self),
            server_host_keys=[load_host_key(self.folder)],
            sftp_factory=lambda channel: Files(channel, self),
            allow_scp=False,
        )
        self.port = acceptor.get_port()
        return acceptor

    def _serve(self, started: threading.Event) -> None:
        try:
            acceptor = self._loop.run_until_complete(self.listen())
        except OSError as error:
            self._failure = error
            return
        finally:
            started.set()
        self._loop.run_forever()
        acceptor.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


def write_config(path: Path, server: SftpServer) -> None:
    """Write what `python -m local_servers.sftp_server --config` reads, readable by its owner alone."""
    users = [asdict(user) for user in server.users]
    config = {"folder": str(server.folder), "host": server.host, "port": server.port, "users": users}
    write_secret(path, json.dumps(config, indent=1))


def read_config(path: Path) -> SftpServer:
    """Read what `write_config` wrote."""
    config = json.loads(path.read_text())
    users = [SftpUser(**user) for user in config.pop("users")]
    return SftpServer(**{**config, "folder": Path(config["folder"])}, users=users)


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    server = read_config(parser.parse_args().config)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(server.listen())
    _log.info("listening on %s port %d", server.host, server.port)
    loop.run_forever()


if __name__ == "__main__":
    main()
