"""Which object store takes the staging area's place, and what lies there under which keys?

The bucket is the truth: what is not there is not staged. A machine's own folder is a scratch area then, where
files are written, hashed and read, each named by its sha256; nothing is found by looking there.

    staged/<destination>/<delivery>/<name>.<sha256>         what a task has staged
    staged/<destination>/<delivery>/<name>.manifest.json    which of these counts, put after it
    kept/<destination>/<delivery>/kept-<moment>-<sha256>    what was delivered
    kept/<destination>/<delivery>/kept-....json             what is known of it, put after it
    kept/<destination>/<delivery>/kept-....ids              its ids, where its own bytes do not tell them
    columns/<event>.json
"""

from __future__ import annotations

from event_delivery.delivery import Delivery
from event_delivery.object_store import Bucket, open_bucket, parse_address
from event_delivery.staging.area import STAGING, staging_url

STAGED, KEPT, COLUMNS = "staged", "kept", "columns"
MANIFEST, IDS_NAME = ".manifest.json", "ids.jsonl"


def open_store() -> Bucket | None:
    """Return the object store that has what is staged; None: the staging area is a folder.

    Raises:
        PermanentError: its URL is none, its Connection is missing, or the packages for it are.
        RetryableError: it cannot be opened.
    """
    url = staging_url()
    return open_bucket(parse_address(url, STAGING)) if url else None


def key_of_staged(delivery: Delivery, name: str, sha256: str) -> str:
    """Return the key of a staged file: it says which bytes these are, so that two workers never fight."""
    return f"{STAGED}/{delivery.destination.id}/{delivery.key}/{name}.{sha256}"


def key_of_manifest(delivery: Delivery, name: str) -> str:
    """Return the key of what is known of a staged file."""
    return f"{STAGED}/{delivery.destination.id}/{delivery.key}/{name}{MANIFEST}"


def folder_of_kept(destination: str, key: str) -> str:
    """Return where the kept files of a delivery lie."""
    return f"{KEPT}/{destination}/{key}"


def key_of_columns(event: str) -> str:
    """Return the key of an event type's columns."""
    return f"{COLUMNS}/{event}.json"
