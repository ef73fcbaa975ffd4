"""What do we offer a server to log in, and when: nothing that was not configured, and nothing twice?"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import asyncssh

from event_delivery.errors import PermanentError
from event_delivery.sftp.host_key import SHORTEST_RSA, rsa_bits
from event_delivery.sftp.server import Server

_ONE_TIME = re.compile(r"one.?time|\b(code|otp|totp|token|passcode|2fa|mfa)\b", re.IGNORECASE)


class Login(asyncssh.SSHClient):
    """One connection's login: the password goes out once, and only to a server whose key is accepted.

    `activity` says what the connection is doing, `shown_key` which host key the server showed.
    """

    def __init__(self, server: Server, accept: Callable[[str], bool]) -> None:
        self._password = server.password
        self._accept = accept
        self.activity = "connecting"
        self.shown_key = ""
        self.password_expired = False
        self.password_offered = False
        self.asked_for_more = False  # than a password: a code, or several things
        self.weak_key = 0  # bits of a host key that is too short
        self._short_keys = server.legacy_algorithms

    def connection_made(self, connection: asyncssh.SSHClientConnection) -> None:
        """Note that TCP is through."""
        self.activity = "exchanging keys"

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Accept the pinned keys, or at the first contact any."""
        self.shown_key = " ".join(key.export_public_key("openssh").decode().split()[:2])
        bits = rsa_bits(self.shown_key)
        if bits and bits < SHORTEST_RSA and not self._short_keys:
            self.weak_key = bits
            return False
        return self._accept(self.shown_key)

    def begin_auth(self, username: str) -> None:
        """Note that the host key was accepted."""
        self.activity = "logging in"

    def auth_completed(self) -> None:
        """Note that the login was accepted."""
        self.activity = "opening SFTP"

    def password_auth_requested(self) -> str | None:
        """Offer the password once."""
        password, self._password = self._password, None
        self.password_offered = self.password_offered or password is not None
        return password

    def password_change_requested(self, prompt: str, lang: str) -> Any:
        """Never change a client's password."""
        self.password_expired = True
        return NotImplemented

    def kbdint_auth_requested(self) -> str | None:
        """Take part while there is a password to offer."""
        return "" if self._password is not None else None

    def kbdint_challenge_received(self, name: str, instructions: str, lang: str, prompts: Any) -> Any:
        """Answer one hidden question with the password; more than one, or another, asks for what we do not have.

        What would be shown while it is typed is no password (RFC 4256, 3.3), and neither is a code.
        """
        if not prompts:
            return []
        question, is_shown = prompts[0]
        if len(prompts) > 1 or is_shown or _ONE_TIME.search(question):
            self.asked_for_more = True
            return None
        password = self.password_auth_requested()
        return None if password is None else [password]


def read_client_keys(server: Server) -> list[asyncssh.SSHKey] | None:
    """Return the private key to offer, or None.

    Raises:
        PermanentError: the key cannot be read, or not with this passphrase.
    """
    if not server.private_key:
        return None
    try:
        return [asyncssh.import_private_key(server.private_key, server.passphrase)]
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise PermanentError(
            "The private_key in the Connection's extra cannot be read: wanted an unencrypted key, or "
            "private_key_passphrase beside it."
        ) from None
