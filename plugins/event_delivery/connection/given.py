"""What Connection does a text describe that a person or a program hands over?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from event_delivery.connection.url import find_misspelled, strip_url
from event_delivery.connection_names import DATABASES
from event_delivery.errors import PermanentError
from event_delivery.regular_file import read_regular_file
from event_delivery.sftp.connection_fields import read_folder
from event_delivery.sftp.login import read_client_keys
from event_delivery.sftp.server import describe_jump_host, offer_next

_MOST_KEY_KIB = 64
_POSTGRES = "postgres"
_CLIENTS = ("sftp://", "ssh://")


def parse_connection(connection_id: str, text: str) -> Any:
    """Return the Airflow Connection that a URL, or JSON as Airflow writes it, describes.

    Raises:
        PermanentError: it is neither; what was given is not repeated, it may be a piece of a password.
    """
    from airflow.models.connection import Connection

    text = strip_url(text)
    if text.lower().startswith(_CLIENTS) and (mistakes := find_misspelled(text)):
        raise PermanentError(
            f"Connection {connection_id!r}: its URL cannot be read as meant: {'; '.join(mistakes)}."
        )
    try:
        if text.startswith("{"):
            found = Connection.from_json(text, conn_id=connection_id)
            json.loads(found.extra or "{}")
            return found
        if "://" in text:
            return Connection(conn_id=connection_id, uri=text)
    except Exception:  # whatever Airflow makes of it: its words may quote the password
        wanted = "what was given cannot be read (not shown: it may hold a secret)"
    else:
        wanted = "nothing was given" if not text else "what was given is neither (not shown: it may hold a secret)"
    raise PermanentError(
        f"Connection {connection_id!r}: {wanted}; wanted a URL such as sftp://user:password@host:port/path, each "
        'special character percent-encoded, or JSON such as {"conn_type": "sftp", "host": "...", "login": "...", '
        '"password": "...", "extra": {...}}.'
    )


def add_private_key(connection: Any, file: Path, passphrase: str) -> None:
    """Put the text of a private key's file into a Connection's extra, with its passphrase if it has one.

    Raises:
        PermanentError: the file cannot be read.
    """
    try:
        key = read_regular_file(file, _MOST_KEY_KIB)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise PermanentError(f"The private key {file} cannot be read: {reason}.") from None
    given = {"private_key": key} | ({"private_key_passphrase": passphrase} if passphrase else {})
    connection.set_extra(json.dumps({**connection.extra_dejson, **given}))


def check_given(connection: Any) -> None:
    """Check a Connection as `upload` does: type, host, user, path, options, and whether its keys can be read.

    Raises:
        PermanentError: names the field and what is wanted, never its value.
    """
    if connection.conn_id in DATABASES:
        _check_database(connection)
        return
    server = describe_jump_host(connection)
    read_folder(connection)
    read_client_keys(server)
    read_client_keys(offer_next(server))


def _check_database(connection: Any) -> None:
    if connection.conn_type != _POSTGRES or not connection.host:
        raise PermanentError(
            f"Connection {connection.conn_id!r}: found the type {connection.conn_type!r}, wanted a database's URL "
            f"such as postgresql://user:password@host:5432/database."
        )
