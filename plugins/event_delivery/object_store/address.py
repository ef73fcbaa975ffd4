"""What does the URL of an object store say: protocol, Connection, bucket and prefix?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from event_delivery.errors import PermanentError

PROTOCOLS = ("s3", "gs", "abfs", "abfss", "file")
_URL = re.compile(r"(?P<protocol>[a-z0-9]+)://(?:(?P<connection>[^/]*)@)?(?P<bucket>[^/@]*)(?P<prefix>/.*)?")
_CONNECTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,249}")  # as Airflow takes them
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,221}")  # the longest are Google's
_PART = re.compile(r"[A-Za-z0-9._=-]{1,250}")  # none that a file system takes for a pattern
_WANTED = "wanted s3://connection_id@bucket/prefix, or the same with gs, abfs or abfss, or file:///folder"


@dataclass(frozen=True)
class StoreAddress:
    """Where an object store keeps what is ours; as text it names protocol, Connection, bucket and prefix.

    `connection_id`: None: the credentials of the machine. `root`: bucket and prefix as fsspec spells them.
    """

    protocol: str
    connection_id: str | None
    root: str

    def __str__(self) -> str:
        """Return the URL; no secret stands in it."""
        return f"{self.protocol}://{f'{self.connection_id}@' if self.connection_id else ''}{self.root}"

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of this machine, and no object store."""
        return self.protocol == "file"


def is_url(text: str) -> bool:
    """Tell whether a setting names an object store, and no folder."""
    return "://" in text


def parse_address(url: str, setting: str) -> StoreAddress:
    """Return what a URL says, in Airflow's own spelling of an ObjectStoragePath.

    Raises:
        PermanentError: it is none; what may be a password in it is not repeated.
    """
    match = _URL.fullmatch(url.strip())
    if not match or match["protocol"] not in PROTOCOLS:
        raise PermanentError(f"{setting}: found another kind of URL, {_WANTED}.")
    if match["connection"] is not None and not _CONNECTION.fullmatch(match["connection"]):
        raise PermanentError(
            f"{setting}: what stands before the @ is no Connection's id, {_WANTED}. Keys and passwords belong "
            "into the Airflow Connection."
        )
    if (match["protocol"] == "file") == bool(match["bucket"]) or (match["bucket"] and not _is_bucket(match)):
        raise PermanentError(f"{setting}: found no bucket's name, {_WANTED}.")
    parts = [part for part in (match["prefix"] or "").split("/") if part]
    if not all(_PART.fullmatch(part) and part.strip(".") for part in parts) or not (match["bucket"] or parts):
        raise PermanentError(f"{setting}: its prefix may hold letters, digits and ._=- alone, {_WANTED}.")
    return StoreAddress(match["protocol"], match["connection"], "/".join([match["bucket"], *parts]))


def _is_bucket(match: re.Match[str]) -> bool:
    return _BUCKET.fullmatch(match["bucket"]) is not None
