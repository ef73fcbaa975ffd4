"""How does a connection come about on the faulty server, step by step, and who is let in?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncssh
from asyncssh.sftp import FXP_VERSION, SFTPServerHandler
from asyncssh.stream import SSHReader, SSHServerStreamSession, SSHWriter

from local_servers.sftp_users import LoginAttempt
from tests.faults.files import FaultyFiles, Line

if TYPE_CHECKING:
    from tests.faults.server import FaultyServer

USER = "acme"
# The server's own packets of each step, by their SSH numbers; a fault strikes instead of the packet.
STEPS = {
    20: "kexinit",
    31: "key exchange",
    21: "new keys",
    6: "service",
    51: "login refusal",
    60: "login question",
    52: "login",
    91: "channel",
    99: "subsystem",
}


class Login(asyncssh.SSHServer):
    """One connection until its SFTP session starts."""

    def __init__(self, server: FaultyServer, number: int) -> None:
        self._server = server
        self._number = number
        self._silent = False
        self._key_accepted = False

    def connection_made(self, conn: Any) -> None:
        self._conn = conn
        self.line = Line(self._number, conn)
        self._server.lines.append(self.line)
        self._send, self._succeed = conn.send_packet, conn.send_userauth_success
        conn.send_packet = self._send_packet
        conn.send_userauth_success = self._send_success

    def connection_lost(self, exc: Exception | None) -> None:
        self.line.lost.set()

    def password_auth_supported(self) -> bool:
        methods = self._server.behaviour.methods
        return "password" in methods and (self._key_accepted or "publickey" not in methods)

    def validate_password(self, username: str, password: str) -> bool:
        if self._server.behaviour.password_expired:
            self._note(username, password, False)
            raise asyncssh.PasswordChangeRequired("Your password has expired.")
        return self._check(username, password)

    def kbdint_auth_supported(self) -> bool:
        return "keyboard-interactive" in self._server.behaviour.methods

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "", "", "", [("Password:", False)]

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        return bool(responses) and self._check(username, responses[0])

    def public_key_auth_supported(self) -> bool:
        return "publickey" in self._server.behaviour.methods and not self._key_accepted

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key.public_data == self._server.behaviour.public_key.public_data

    def session_requested(self) -> Any:
        fault = self._server.script.take("channel refusal")
        if fault:
            self._server.script.tell(fault)
            return False
        return _Session(self._server, self)

    def strike(self, step: str) -> bool:
        """Say whether the step must not take place: the line is silent or cut."""
        if fault := None if self._silent else self._server.script.take(step):
            self._server.script.tell(fault)
            if fault.what != "hang":
                self.line.cut(fault.what)
            self._silent = True
        return self._silent

    def _send_packet(self, pkttype: int, *args: bytes, **keywords: Any) -> None:
        if self._silent or (pkttype in STEPS and self.strike(STEPS[pkttype])):
            return
        self._send(pkttype, *args, **keywords)

    async def _send_success(self) -> None:
        if self.public_key_auth_supported():
            self._key_accepted = True
            if "password" in self._server.behaviour.methods:
                self._conn.send_userauth_failure(True)
                return
        await self._succeed()

    def _check(self, username: str, password: str) -> bool:
        accepted = (username, password) == (USER, self._server.behaviour.password)
        self._note(username, password, accepted)
        return accepted

    def _note(self, username: str, password: str, accepted: bool) -> None:
        self._server.logins.append((self._number, LoginAttempt(username, password, accepted)))


class _Session(SSHServerStreamSession):
    """Starts a handler of our own, for which AsyncSSH has no public way: hence its private names here."""

    def __init__(self, server: FaultyServer, login: Login) -> None:
        super().__init__(None, lambda channel: FaultyFiles(channel, server, login.line))
        self._server = server
        self._login = login

    def subsystem_requested(self, subsystem: str) -> bool:
        fault = self._server.script.take("subsystem refusal")
        if fault:
            self._server.script.tell(fault)
        return subsystem == "sftp" and not fault

    def session_started(self) -> None:
        files = self._init_sftp_server()
        reader, writer = SSHReader(self, self._chan), SSHWriter(self, self._chan)
        handler = _Handler(files, reader, writer, self._login, self._server)
        self._conn.create_task(handler.run(), reader.logger)


class _Handler(SFTPServerHandler):
    """Leaves extensions out and strikes; what a server offers is private to AsyncSSH's handler."""

    def __init__(self, files: Any, reader: Any, writer: Any, login: Login, server: FaultyServer) -> None:
        super().__init__(files, reader, writer, 3)
        self._login = login
        kind = server.behaviour
        missing = set(kind.extensions)
        missing |= set() if kind.posix_rename else {b"posix-rename@openssh.com"}
        missing |= set() if kind.fsync else {b"fsync@openssh.com"}
        missing |= set() if kind.limits else {b"limits@openssh.com"}
        self._extensions = [pair for pair in SFTPServerHandler._extensions if pair[0] not in missing]

    def send_packet(self, pkttype: int, pktid: int | None, *args: bytes) -> None:
        if pkttype != FXP_VERSION or not self._login.strike("sftp version"):
            super().send_packet(pkttype, pktid, *args)

    async def _cleanup(self, exc: Exception | None) -> None:
        self._server.leaving = True
        await super()._cleanup(exc)
