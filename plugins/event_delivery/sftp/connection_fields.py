"""Is what an Airflow Connection says fit for a login, a command line, a log and a page?"""

from __future__ import annotations

import re
from typing import Any

from event_delivery.destinations import check_remote_folder
from event_delivery.errors import PermanentError
from event_delivery.plain_text import is_plain

TYPES = ("sftp", "ssh")
HIGHEST_PORT = 65_535
# A letter, digit, ':' or '[' first: an argument of the proxy command that starts with '-' is an option (CWE-88).
_HOST = re.compile(r"[\w:\[][\w.:%\[\]-]{0,252}")


def check_fields(connection: Any) -> None:
    """Check type, host, port and user of a Connection, of a client's server or of a jump host.

    Raises:
        PermanentError: names the field and what is wanted; never its value, which may be a piece of the password.
    """
    name = connection.conn_id
    if connection.conn_type not in TYPES:
        raise PermanentError(
            f"Connection {name!r}: found the type {connection.conn_type!r}, wanted {' or '.join(TYPES)}. A login "
            f"to anything else, such as a database, is offered to no server."
        )
    for what, value in (("host", connection.host), ("user", connection.login)):
        if not value:
            raise PermanentError(f"Connection {name!r} names no {what}; give sftp://user:password@host:port/path.")
    if not is_host(connection.host):
        raise PermanentError(
            f"Connection {name!r}: its host is no host name (not shown: it may hold a piece of the password). In "
            f"the URL each special character of user and password is percent-encoded, '@' as %40, '#' as %23."
        )
    if not is_plain(connection.login):
        raise PermanentError(f"Connection {name!r}: its user holds characters that do not show. Correct it.")
    if connection.port and not 0 < connection.port <= HIGHEST_PORT:
        raise PermanentError(f"Connection {name!r}: found port {connection.port}, wanted 1 to {HIGHEST_PORT}.")


def is_host(host: str) -> bool:
    """Tell whether a text is the name or address of a host, as far as its characters go."""
    return _HOST.fullmatch(host) is not None


def read_folder(connection: Any) -> str:
    """Return the path of a Connection's URL: Airflow keeps it in `schema`, without its leading slash.

    Raises:
        PermanentError: it is none that a destination's YAML may hold.
    """
    if not connection.schema:
        return ""
    try:
        return check_remote_folder(f"/{connection.schema.lstrip('/')}")
    except ValueError as wanted:
        raise PermanentError(
            f"Connection {connection.conn_id!r}: the path of its URL (not shown: it may hold a piece of the "
            f"password): {wanted}."
        ) from None
