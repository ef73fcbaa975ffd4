"""What does the text say that was given as a client's URL?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from event_delivery.connection.given import check_given, parse_connection
from event_delivery.connection.url import find_mistakes, names_port, strip_url
from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError
from event_delivery.onboard.emails import Known
from event_delivery.onboard.stopped import StoppedError
from event_delivery.onboard.storing import find_connection
from event_delivery.sftp.server import DEFAULT_PORT

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def read_url(session: Session, connection_id: str, text: str) -> Any:
    """Return the Connection that a client's URL describes; without one, the one that is stored.

    Raises:
        StoppedError: the URL has mistakes, which are told without it, or there is nothing.
    """
    url = strip_url(text)
    if not url:
        if (found := find_connection(session, connection_id)) is not None:
            return found
        raise StoppedError("ours", "Nothing was given: wanted the client's URL on standard input.")
    if mistakes := find_mistakes(url):
        raise StoppedError("url", f"The URL: {'; '.join(mistakes)}", tuple(mistakes))
    try:
        connection = parse_connection(connection_id, url)
        check_given(connection)
    except PermanentError as error:
        raise StoppedError("ours", str(error)) from None
    return connection


def describe_url(text: str, connection: Any) -> str:
    """Return what is known of a URL that can be read."""
    port = "" if not strip_url(text) or names_port(strip_url(text)) else ", without a port, so 22"
    return f"The URL can be read: {connection.login!r} on {connection.host}{port}"


def describe_known(client: str, connection: Any, destination: Destination | None) -> Known:
    """Return what may be named to the client of a URL that can be read; the destination's `path` wins over its."""
    if connection is None:
        return Known(client)
    folder = f"/{connection.schema.lstrip('/')}" if connection.schema else ""
    folder = (destination.path if destination else None) or folder
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    return Known(client, f"{host}:{connection.port or DEFAULT_PORT}", connection.login or "", folder)
