"""How do we connect to a client's server: within the time limit, once, and to nobody else?"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncssh

from event_delivery.errors import DeliveryError, PermanentError, RetryableError
from event_delivery.server import Server

CONNECT_SECONDS = 60.0
KEEPALIVE_SECONDS = 15
SOURCE_ADDRESSES = "44.214.229.234, 44.215.13.175, 34.230.114.128, 54.243.7.71"
logging.getLogger("asyncssh").setLevel(logging.WARNING)  # its progress would bury ours in the task's log
_FAST_CIPHERS = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"


class _Client(asyncssh.SSHClient):
    """Offers the password once a connection, and only to a server whose key is accepted."""

    def __init__(self, server: Server, accept: Callable[[str], bool]) -> None:
        self._password = server.password
        self._accept = accept
        self.shown_key = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.shown_key = " ".join(key.export_public_key("openssh").decode().split()[:2])
        return self._accept(self.shown_key)

    def password_auth_requested(self) -> str | None:
        password, self._password = self._password, None
        return password

    def kbdint_auth_requested(self) -> str | None:
        return "" if self._password is not None else None

    def kbdint_challenge_received(self, name: str, instructions: str, lang: str, prompts: Any) -> Any:
        if len(prompts) > 1:
            return None
        password = self.password_auth_requested() if prompts else None
        return [password] if password is not None else ([] if not prompts else None)


@asynccontextmanager
async def open_session(
    server: Server, remembered_key: str | None, remember: Callable[[str], None]
) -> AsyncIterator[asyncssh.SFTPClient]:
    """Connect, log in once and open SFTP, 60 s in all; `remember` is called with a key seen for the first time.

    Raises:
        PermanentError: the login or the server's key is refused.
        RetryableError: the server cannot be reached, or not in time.
    """
    known = server.host_keys or ((remembered_key,) if remembered_key else ())
    client = _Client(server, lambda key: not known or any(_same_key(key, pinned) for pinned in known))
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            connection = await asyncssh.connect(**_options(server, known, client))
            sftp = await connection.start_sftp_client()
    except (OSError, asyncssh.Error, TimeoutError) as error:
        raise _explain(error, server, known, client.shown_key) from None
    try:
        if not known:
            remember(client.shown_key)
        yield sftp
    finally:
        connection.abort()


def fingerprint(public_key: str) -> str:
    """Return the SHA-256 fingerprint of an OpenSSH public key, as ssh-keygen -l prints it."""
    return asyncssh.import_public_key(public_key).get_fingerprint()


def _options(server: Server, known: tuple[str, ...], client: _Client) -> dict[str, Any]:
    """Offer nothing that was not configured: no agent, no ~/.ssh, no configuration file."""
    return {
        "host": server.host,
        "port": server.port,
        "username": server.user,
        "client_factory": lambda: client,
        "client_keys": _client_keys(server),
        "known_hosts": ([], [], []),
        "server_host_key_algs": _algorithms(known),
        "preferred_auth": "publickey,password,keyboard-interactive",
        "agent_path": None,
        "config": None,
        "gss_host": None,
        "encryption_algs": _FAST_CIPHERS,
        "compression_algs": ["none", "zlib@openssh.com"],
        "keepalive_interval": KEEPALIVE_SECONDS,
        "connect_timeout": CONNECT_SECONDS,
        "login_timeout": CONNECT_SECONDS,
        "family": socket.AF_UNSPEC,
    }


def _client_keys(server: Server) -> list[asyncssh.SSHKey] | None:
    if not server.private_key:
        return None
    try:
        return [asyncssh.import_private_key(server.private_key, server.passphrase)]
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise PermanentError(
            "The private_key in the Connection's extra cannot be read: wanted an unencrypted key, or "
            "private_key_passphrase beside it."
        ) from None


def _algorithms(known: tuple[str, ...]) -> list[str] | tuple[()]:
    """Ask for the kinds of key that are pinned, so that the server shows one of them."""
    kinds = [key.split()[0] for key in known]
    if not kinds or any(kind.startswith("SHA256:") for kind in kinds):
        return ()
    rsa = ["rsa-sha2-512", "rsa-sha2-256"]
    return [name for kind in kinds for name in (rsa if kind == "ssh-rsa" else [kind])]


def _same_key(shown: str, pinned: str) -> bool:
    if pinned.startswith("SHA256:"):
        return fingerprint(shown) == pinned
    return shown.split()[:2] == pinned.split()[:2]


def _explain(error: Exception, server: Server, known: tuple[str, ...], shown: str) -> DeliveryError:
    place = f"{server.address}, connecting"
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        pinned = ", ".join(key if key.startswith("SHA256:") else fingerprint(key) for key in known)
        found = fingerprint(shown) if shown else "no key"
        return PermanentError(
            f"{place}: the server shows another host key ({found}) than the known one ({pinned}). No password "
            f"was sent. Ask the client; if the new key is right, set host_key in the destination's YAML."
        )
    if isinstance(error, asyncssh.PermissionDenied):
        return PermanentError(
            f"{place}: the server refuses the login of user {server.user!r}. Ask the client for the "
            f"right user and password, and correct the Airflow Connection."
        )
    if isinstance(error, TimeoutError):
        return RetryableError(f"{place}: no connection within {CONNECT_SECONDS:.0f} s. {_allow()}")
    if isinstance(error, socket.gaierror):
        return RetryableError(f"{place}: the host name cannot be resolved. Check the Connection's host.")
    if isinstance(error, OSError):
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        return RetryableError(f"{place}: {reason}. {_allow()}")
    reason = str(getattr(error, "reason", "") or type(error).__name__).rstrip(".")
    return RetryableError(f"{place}: {reason}.")


def _allow() -> str:
    """Return the advice for a server that does not answer, with the addresses that the client must allow."""
    addresses = os.environ.get("EVENT_DELIVERY_SOURCE_ADDRESSES") or SOURCE_ADDRESSES
    return f"Check host and port, and that the client allows our source addresses: {addresses}."
