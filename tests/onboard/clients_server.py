"""A client's server as its e-mailed URL names it."""

from __future__ import annotations

from urllib.parse import quote

from event_delivery.sftp.host_key import fingerprint

SECRET = "hunter2-p@ss/word"


def url_of(server, password=SECRET, path="/"):
    return f"sftp://acme:{quote(password, safe='')}@127.0.0.1:{server.port}{path}"


def key_of(server):
    return fingerprint(server.host_key())


def files_of(server):
    return [path for path in server.user_folder("acme").rglob("*") if path.is_file()]
