"""What does a failure mean, in one plain sentence: where, while doing what, why, and what to do?"""

from __future__ import annotations

import os
from dataclasses import dataclass

import asyncssh

from event_delivery.errors import DeliveryError, PermanentError, RetryableError
from event_delivery.sftp.replies import BAD_NAME, DENIED, MISSING, is_connection_lost
from event_delivery.sftp.server import Server

_LONGEST_QUOTE = 200


@dataclass(frozen=True)
class Place:
    """Where a failure happened: at which server, while doing what, and which DAG can prove it mended."""

    server: Server
    activity: str
    test_file_dag: str = ""

    def __str__(self) -> str:
        return f"{self.server.address}, {self.activity}"


def explain_foreign(error: Exception, place: Place) -> DeliveryError:
    """Return a failure that no library declares: bytes that were changed on their way, or a server's nonsense."""
    return RetryableError(
        f"{place}: the server's answer makes no sense ({type(error).__name__}). Something on the way may change "
        f"bytes; if it stays so, check host and port, and ask the client what its server logged."
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
    words = quote_error(error, place.server)
    if is_connection_lost(error):
        return RetryableError(
            f"{place}: {words}. It usually passes: the next attempt finds out what became of it."
        )
    return RetryableError(f"{place}: {words}. If it stays so, ask the client what its server logged.")


def quote_error(error: Exception, server: Server, longest: int = _LONGEST_QUOTE) -> str:
    """Return the system's or the server's own words in one short line; a server may say even a secret."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    words = str(getattr(error, "reason", "") or getattr(error, "strerror", "") or "")
    for secret in filter(None, (server.password, server.passphrase, server.private_key)):
        words = words.replace(secret, "***")
    line = "".join(character if character.isprintable() else " " for character in words).strip().rstrip(".")
    return line[:longest] or type(error).__name__
