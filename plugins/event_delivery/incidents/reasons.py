"""Which one cause is behind a recorded reason, if it hits whatever has to do with the same thing? Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from event_delivery.database import EVENTS_DB, REFUSED

THE_SOURCE, THE_STAGING_AREA, THE_LEDGER = "the source", "the staging area", "the ledger"
THE_DAG_PROCESSOR = "the dag processor"
_SERVER = re.compile(r"(?P<address>\S+:\d+), (?P<activity>[^:]+): ")
_ANOTHER_KEY = ("the server shows another host key", "nobody has confirmed the server's host key")
_LOGIN = (
    "the server refuses the login of user",
    "has expired: the server asks for a new one",
    "for more than a password",
    "the server takes no password of user",
)
_NO_SESSION = ("connecting", "exchanging keys", "logging in", "opening SFTP")
_SOURCE = re.compile(rf"{EVENTS_DB}[:,] ")
_ONE_STATEMENT = re.compile("canceling statement|another session holds what is needed")
_NO_SPACE = re.compile(r"free on the staging area's disk|: the staging area's disk is full")


class SharedCause(NamedTuple):
    """A cause that is one incident, whatever it keeps from being delivered."""

    kind: str
    concerns: str


def find_shared_cause(reason: str | None, connection: str, is_permanent: bool = False) -> SharedCause | None:
    """Return the cause that a failure shares with others, by the sentence that the ledger keeps of it.

    Args:
        reason: what the ledger keeps: the sentences of sftp/refusals.py, sftp/host_key_refusals.py,
            database.py and staging/space.py.
        connection: the Airflow Connection of the destination.
        is_permanent: no retry mends it: where the source did not refuse the login, one statement is to blame.
    """
    if not reason:
        return None
    if _SOURCE.match(reason) and _is_of_connection(reason, is_permanent):
        return SharedCause("source_unreachable", THE_SOURCE)
    if _NO_SPACE.search(reason):
        return SharedCause("staging_full", THE_STAGING_AREA)
    server = _SERVER.match(reason)
    return _find_server_cause(reason, server, connection) if server else None


def find_server(reason: str) -> str | None:
    """Return the server (host and port) that a sentence is about; None: about something else."""
    server = _SERVER.match(reason)
    return server["address"] if server else None


def _is_of_connection(reason: str, is_permanent: bool) -> bool:
    return bool(re.search(REFUSED, reason)) if is_permanent else not _ONE_STATEMENT.search(reason)


def _find_server_cause(reason: str, server: re.Match[str], connection: str) -> SharedCause | None:
    address = f"server {server['address']}"
    if any(words in reason for words in _ANOTHER_KEY):
        return SharedCause("host_key_changed", address)
    if server["activity"] == "logging in" and any(words in reason for words in _LOGIN):
        return SharedCause("login_refused", f"Connection {connection}")
    return SharedCause("server_unreachable", address) if server["activity"] in _NO_SESSION else None
