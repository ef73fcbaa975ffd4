"""What becomes of a client's login and of its requests, seen by whoever started the server?"""

from __future__ import annotations

import inspect
import logging
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import asyncssh

from local_servers.sftp_users import LoginAttempt

if TYPE_CHECKING:
    from local_servers.sftp_server import SftpServer

_log = logging.getLogger("sftp")


Interference = Callable[[str, str], Awaitable[None] | None]  # called with a user and an operation


def let_pass(_user: str, _operation: str) -> None:
    """Interfere with nothing."""


class Login(asyncssh.SSHServer):
    """One connection: password logins, and the way to other hosts where the server allows it."""

    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def password_auth_supported(self) -> bool:
        """Take passwords."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Note the attempt, and accept it from a known user."""
        accepted = any(user.name == username and user.password == password for user in self._server.users)
        self._server.logins.append(LoginAttempt(username, password, accepted))
        _log.info("%s logged in" if accepted else "%s was refused: wrong user name or password", repr(username))
        return accepted

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        """Note where a client wants to be forwarded to, and forward it if that is allowed."""
        self._server.forwarded.append((dest_host, dest_port))
        return self._server.allows_forwarding


class Files(asyncssh.SFTPServer):
    """The requests of one session, locked into its user's folder."""

    def __init__(self, channel: asyncssh.SSHServerChannel, server: SftpServer) -> None:
        self._server = server
        self._user: str = channel.get_extra_info("username")
        super().__init__(channel, chroot=str(server.user_folder(self._user)).encode())

    async def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        """Write into an open file."""
        await self._ask("write")
        return super().write(file_obj, offset, data)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename as SFTP 3 does: never onto a file."""
        await self._ask("rename")
        super().rename(oldpath, newpath)
        self._log_rename(oldpath, newpath)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename as POSIX does: onto whatever is there."""
        await self._ask("rename")
        super().posix_rename(oldpath, newpath)
        self._log_rename(oldpath, newpath)

    async def _ask(self, operation: str) -> None:
        pause = self._server.interfere(self._user, operation)
        if inspect.isawaitable(pause):
            await pause

    def _log_rename(self, oldpath: bytes, newpath: bytes) -> None:
        _log.info("%r renamed %s to %s", self._user, os.fsdecode(oldpath), os.fsdecode(newpath))
