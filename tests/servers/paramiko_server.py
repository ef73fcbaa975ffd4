"""How does Paramiko serve a folder? Run as `python -m tests.servers.paramiko_server PORT HOST_KEY FOLDER`."""

from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path
from typing import IO, Any

import paramiko

from tests.servers.server import USER
from tests.sftp_logins import PASSWORD


class _Login(paramiko.ServerInterface):
    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        known = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _File(paramiko.SFTPHandle):
    """An open file; reading, writing and closing are Paramiko's own."""

    def __init__(self, flags: int, file: IO[bytes]) -> None:
        super().__init__(flags)
        self.readfile = self.writefile = file

    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Files(paramiko.SFTPServerInterface):
    """A folder as `/`, with the operating system's own answers."""

    def __init__(self, server: paramiko.ServerInterface, root: Path) -> None:
        super().__init__(server)
        self._root = root

    def _local(self, path: str) -> str:
        return str(self._root) + self.canonicalize(path)

    def _answer(self, call: Any, *arguments: Any) -> Any:
        try:
            result = call(*arguments)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        return paramiko.SFTP_OK if result is None else result

    def list_folder(self, path: str) -> Any:
        def entries(folder: str) -> list[paramiko.SFTPAttributes]:
            found = os.scandir(folder)
            return [paramiko.SFTPAttributes.from_stat(one.stat(), one.name) for one in found]

        return self._answer(entries, self._local(path))

    def stat(self, path: str) -> Any:
        return self._answer(lambda local: paramiko.SFTPAttributes.from_stat(Path(local).stat()), self._local(path))

    lstat = stat

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> Any:
        def opened(local: str) -> paramiko.SFTPHandle:
            file = os.fdopen(os.open(local, flags, 0o644), "rb" if not flags & 3 else "wb" if flags & 1 else "r+b")
            return _File(flags, file)

        return self._answer(opened, self._local(path))

    def remove(self, path: str) -> int:
        return self._answer(os.remove, self._local(path))

    def rename(self, oldpath: str, newpath: str) -> int:
        return self._answer(os.rename, self._local(oldpath), self._local(newpath))

    posix_rename = rename

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        return self._answer(os.mkdir, self._local(path))


def serve_connection(line: socket.socket, host_key: paramiko.PKey, root: Path) -> None:
    """Serve one connection in Paramiko's own threads, to its end."""
    transport = paramiko.Transport(line)
    transport.add_server_key(host_key)
    transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, root)
    try:
        transport.start_server(server=_Login())
    except (paramiko.SSHException, EOFError):
        return
    transport.join()


def main(port: int, host_key: Path, root: Path) -> None:
    """Serve until the process is ended."""
    key = paramiko.PKey.from_path(host_key)
    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            line, _ = listener.accept()
            threading.Thread(target=serve_connection, args=[line, key, root], daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
