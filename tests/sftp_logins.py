"""With which password does a test log in to a client's server, and how is it written in a URL?"""

from __future__ import annotations

from urllib.parse import quote

PASSWORD = " p@ss:w/rd?#[%] "
CHARACTERS = """][?/<~#\\`!@$%^&*()+=}|:";',>{ """  # what clients' passwords are promised to survive


def sftp_uri(user: str, password: str, port: int, path: str = "") -> str:
    """Return a client's URL."""
    return f"sftp://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{port}{path}"
