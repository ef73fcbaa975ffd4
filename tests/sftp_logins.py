"""With which password does a test log in to a client's server, and how is it written in a URL?"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

PASSWORD = " p@ss:w/rd?#[%] "
CHARACTERS = """][?/<~#\\`!@$%^&*()+=}|:";',>{ """  # what clients' passwords are promised to survive


class KnownServer(Protocol):
    """A server whose host key a test can look up."""

    port: int

    def host_key(self) -> str:
        """Return its public key."""


def confirmed_uri(server: KnownServer, user: str, password: str, path: str = "") -> str:
    """Return a client's URL whose server's host key was confirmed."""
    return sftp_uri(user, password, server.port, path, server.host_key())


def sftp_uri(user: str, password: str, port: int, path: str = "", host_key: str = "") -> str:
    """Return a client's URL; with `host_key`, as one whose server's key was confirmed."""
    known = f"?host_key={quote(host_key, safe='')}" if host_key else ""
    return f"sftp://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{port}{path}{known}"
