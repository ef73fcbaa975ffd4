"""What does a failure mean, in one plain sentence: where, while doing what, why, and what to do?"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

import asyncssh

from event_delivery.errors import DeliveryError, PermanentError, RetryableError
from event_delivery.sftp.host_key import describe_key, fingerprint
from event_delivery.sftp.login import Login
from event_delivery.sftp.replies import BAD_NAME, DENIED, MISSING
from event_delivery.sftp.server import Server

SOURCE_ADDRESSES = "44.214.229.234, 44.215.13.175, 34.230.114.128, 54.243.7.71"
_LONGEST_QUOTE = 200


@dataclass(frozen=True)
class Place:
    """Where a failure happened: at which server, while doing what, and which DAG can prove it mended."""

    server: Server
    activity: str
    test_file_dag: str = ""

    def __str__(self) -> str:
        return f"{self.server.address}, {self.activity}"


def explain_connecting(error: Exception, place: Place, login: Login, seconds: float) -> DeliveryError:
    """Return why no session came about; `seconds` is the time limit of a connection."""
    server = place.server
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return PermanentError(f"{place}: {_quote(error, server)}. {_old_algorithms(server)}")
    if isinstance(error, asyncssh.PermissionDenied):
        return PermanentError(f"{place}: {_explain_login(server, login)}")
    if isinstance(error, TimeoutError) and not error.errno:
        return RetryableError(f"{place}: no connection within {seconds:.0f} s. {_allow()}")
    if isinstance(error, socket.gaierror):
        return RetryableError(f"{place}: the host name cannot be resolved. Check the Connection's host.")
    if isinstance(error, OSError):
        return RetryableError(f"{place}: {_quote(error, server)}. {_allow()}")
    if isinstance(error, (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)):
        return RetryableError(f"{place}: the server broke off. {_advise_unclear(login)}")
    if not isinstance(error, asyncssh.Error):
        return explain_foreign(error, place)
    return RetryableError(f"{place}: {_quote(error, server)}. {_advise_unclear(login)}")


def explain_foreign(error: Exception, place: Place) -> DeliveryError:
    """Return a failure that no library declares: bytes that were changed on their way, or a server's nonsense."""
    return RetryableError(
        f"{place}: the server's answer makes no sense ({type(error).__name__}). Something on the way may change "
        f"bytes; if it stays so, check host and port, and ask the client what its server logged."
    )


def explain_host_key(place: Place, known: tuple[str, ...], shown: list[str]) -> DeliveryError:
    """Return which key was shown, which was wanted, and the one command that accepts the new one."""
    found = ", ".join(dict.fromkeys(fingerprint(key) for key in shown))
    pinned = ", ".join(describe_key(key) for key in known)
    cure = f'run: airflow dags trigger {place.test_file_dag} --conf \'{{"accept_host_key": "{found}"}}\''
    if place.server.host_keys or len(shown) != 1:
        cure = "correct host_key in the destination's YAML or the Connection."
    return PermanentError(
        f"{place}: the server shows another host key ({found}) than the known one ({pinned}). No password "
        f"was sent. Ask the client; if the new key is right, {cure}"
    )


def explain_transfer(error: Exception, place: Place) -> DeliveryError:
    """Return why something failed on the server; its place names the path too."""
    if isinstance(error, DeliveryError):
        return type(error)(f"{place}: {error}")
    if isinstance(error, MISSING):
        return PermanentError(
            f"{place}: the folder does not exist. Ask the client to create it, or set path or create_folder."
        )
    if isinstance(error, DENIED):
        return PermanentError(f"{place}: permission denied. Ask the client for the right to write there.")
    if isinstance(error, BAD_NAME):
        return PermanentError(f"{place}: the server refuses the name. Set path or temporary_name as it wants.")
    if isinstance(error, asyncssh.SFTPNoSpaceOnFilesystem):
        return RetryableError(f"{place}: the disk is full. Ask the client to make room.")
    if isinstance(error, asyncssh.SFTPQuotaExceeded):
        return RetryableError(f"{place}: the quota is used up. Ask the client to raise it.")
    if isinstance(error, asyncssh.SFTPOpUnsupported):
        return PermanentError(f"{place}: the server does not support it. See docs/servers.md.")
    if not isinstance(error, (asyncssh.Error, OSError)):
        return explain_foreign(error, place)
    return RetryableError(f"{place}: {_quote(error, place.server)}.")


def _explain_login(server: Server, login: Login) -> str:
    offered = " and ".join(
        name for name, value in (("private key", server.private_key), ("password", server.password)) if value
    )
    if login.password_expired:
        return (
            f"the password of user {server.user!r} has expired: the server asks for a new one. Ask the client "
            f"for a password that does not expire, and correct the Airflow Connection."
        )
    return (
        f"the server refuses the login of user {server.user!r} (offered: {offered}). Ask the client for the "
        f"right user and credentials, and correct the Airflow Connection."
    )


def _old_algorithms(server: Server) -> str:
    if server.legacy_algorithms:
        return "The server's algorithms are too old or too new for us: ask the client to update it"
    return (
        "Ask the client to update the server; until then legacy_algorithms: true in the destination's YAML "
        "lets the old algorithms in."
    )


def _advise_unclear(login: Login) -> str:
    if login.activity == "opening SFTP":
        return "Ask the client whether this user may use SFTP."
    return "If that stays so, check the port and ask the client what its server logged."


def _allow() -> str:
    """Return the advice for a server that does not answer, with the addresses that the client must allow."""
    addresses = os.environ.get("EVENT_DELIVERY_SOURCE_ADDRESSES") or SOURCE_ADDRESSES
    return f"Check host and port, and that the client allows our source addresses: {addresses}."


def _quote(error: Exception, server: Server) -> str:
    """Return the system's or the server's own words in one short line; a server may say even a secret."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    words = str(getattr(error, "reason", "") or getattr(error, "strerror", "") or "")
    for secret in filter(None, (server.password, server.passphrase, server.private_key)):
        words = words.replace(secret, "***")
    line = "".join(character if character.isprintable() else " " for character in words).strip().rstrip(".")
    return line[:_LONGEST_QUOTE] or type(error).__name__
