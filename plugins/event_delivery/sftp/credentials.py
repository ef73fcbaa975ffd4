"""With what do we log in after the client has changed over?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Offer = Literal["current", "next"]


@dataclass(frozen=True)
class Credentials:
    """What counts when the client has changed over; its repr shows none of it."""

    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)


def read_next_credentials(extras: Mapping[str, Any], current: Credentials) -> Credentials | None:
    """Return what a Connection's extra keeps ready, None if nothing: what it does not give stays as it is."""
    password, key = extras.get("next_password"), extras.get("next_private_key")
    if not (password or key):
        return None
    passphrase = extras.get("next_private_key_passphrase") if key else current.passphrase
    return Credentials(password or current.password, key or current.private_key, passphrase or None)
