"""Is the client's server there, and which host key does it show, before anything is offered to it?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from event_delivery.errors import DeliveryError
from event_delivery.limits import LIMITS
from event_delivery.onboard.stopped import Step, StoppedError
from event_delivery.sftp import KnownKeys, Route, Server, Session, ShownKey, open_session
from event_delivery.sftp.explain import Place
from event_delivery.sftp.host_key import fingerprint
from event_delivery.sftp.known_keys import Notes
from event_delivery.sftp.login import Login
from event_delivery.sftp.name_look_up import resolve_host
from event_delivery.sftp.refusals import explain_connecting
from event_delivery.sftp.route import open_socket


@dataclass(frozen=True)
class Way:
    """How a server is reached: the instance's route, and the jump host on it, if there is one."""

    route: Route
    jump: tuple[Server, KnownKeys] | None = None
    seconds: float = LIMITS.connect

    @property
    def is_direct(self) -> bool:
        """Whether this machine itself connects to the server."""
        return not (self.route.proxy_command or self.jump)


async def resolve_server(server: Server, way: Way) -> list[str]:
    """Return the addresses of a server's host; raises StoppedError where there is none in time."""
    try:
        async with asyncio.timeout(way.seconds):
            found = await resolve_host(server.host, server.port)
    except OSError as error:
        raise StoppedError("host", _explain(error, server, way)) from None
    return list(dict.fromkeys(address[0] for *_, address in found))


async def reach_server(server: Server, way: Way) -> float:
    """Return the round trip (seconds) to a server's port; raises StoppedError where nothing answers in time."""
    try:
        async with asyncio.timeout(way.seconds):
            connection, round_trip = await open_socket(server.host, server.port, way.route.local_address)
    except OSError as error:
        raise StoppedError("connect", _explain(error, server, way)) from None
    connection.close()
    return round_trip


async def read_shown_key(server: Server, way: Way) -> str:
    """Return the host key that a server shows, as an OpenSSH public key: no user and no password is sent.

    Raises:
        StoppedError: it shows none, or none that may be used.
    """
    shown: list[str] = []

    async def note(key: ShownKey) -> None:
        if key.server == server:
            shown.append(key.public_key)

    try:
        async with open_session(
            server, KnownKeys(), route=way.route, jump=way.jump, seconds=way.seconds, notes=Notes(note)
        ):
            pass
    except DeliveryError as error:
        if not shown:
            raise StoppedError("session", str(error)) from None
    return shown[-1]


@dataclass
class _Refused:
    """Whether we refused a server's key, or the server our login; neither: no session came about."""

    key: str = ""
    login: bool = False

    def notes(self) -> Notes:
        async def note_key(shown: ShownKey) -> None:
            self.key = fingerprint(shown.public_key)

        async def note_login(_: Server) -> None:
            self.login = True

        return Notes(note_key, note_login)

    def step(self) -> Step:
        if self.key:
            return "key"
        return "login" if self.login else "session"

    def asked(self) -> tuple[str, ...]:
        return (
            (f"The server shows the fingerprint {self.key}, which is not the one that we know.",)
            if self.key
            else ()
        )


@asynccontextmanager
async def log_in(server: Server, keys: tuple[str, ...], way: Way) -> AsyncIterator[Session]:
    """Log in to a server that shows one of these host keys, public keys or fingerprints, and to no other.

    Raises:
        StoppedError: it shows another one, or refuses the login.
    """
    refused = _Refused()
    opening = open_session(
        server, KnownKeys(keys), route=way.route, jump=way.jump, seconds=way.seconds, notes=refused.notes()
    )
    try:
        session = await opening.__aenter__()
    except DeliveryError as error:
        raise StoppedError(refused.step(), str(error), refused.asked()) from None
    try:
        yield session
    finally:
        await opening.__aexit__(None, None, None)


def _explain(error: Exception, server: Server, way: Way) -> str:
    return str(explain_connecting(error, Place(server, "connecting"), Login(server, lambda _: False), way.seconds))
