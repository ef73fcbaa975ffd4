"""Which host keys count for a server, and what becomes of one that nobody knows?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from event_delivery.sftp.server import Server


@dataclass(frozen=True)
class KnownKeys:
    """The host keys that count for a server, and what becomes of one that nobody knows.

    Args:
        trusted: public keys or fingerprints; where there are any, every other key is refused.
        first_contact: without any, whether to log in to the key that the server shows.
        policy: the destination's `host_key_policy`, for the message.
    """

    trusted: tuple[str, ...] = ()
    first_contact: bool = False
    policy: str = "first_contact"


@dataclass(frozen=True)
class ShownKey:
    """The host key that a server showed, as an OpenSSH public key."""

    server: Server
    public_key: str


async def _note_nowhere(*_: object) -> None:
    pass


@dataclass(frozen=True)
class Notes:
    """Who keeps record of what comes up on the way to a session.

    Args:
        unknown_key: told of a host key that nobody knows, before anything is offered to its owner.
        refused_login: told of a server that refused what it was offered.
    """

    unknown_key: Callable[[ShownKey], Awaitable[None]] = _note_nowhere
    refused_login: Callable[[Server], Awaitable[None]] = _note_nowhere


NO_NOTES = Notes()
