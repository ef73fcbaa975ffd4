"""Which columns had an event type's events when the source was last asked?

They never expire: a test file needs them when the source cannot be reached.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from event_delivery.errors import DeliveryError, RetryableError
from event_delivery.limits import STORE_BLOCK_BYTES
from event_delivery.staging.area import open_area, staging_root
from event_delivery.staging.folder import enter_folder, open_file
from event_delivery.staging.marker import COLUMNS
from event_delivery.staging.private_file import write_private
from event_delivery.staging.store import key_of_columns, open_store

# By types' names in pg_catalog. Any other is text to whoever reads a file.
_WORDS = {
    "timestamptz": "instant", "uuid": "UUID", "bool": "boolean", "int2": "integer", "int4": "integer",
    "int8": "integer", "float4": "number", "float8": "number", "numeric": "number", "date": "date",
    "json": "JSON", "jsonb": "JSON",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of a statement: its name, its type's name in pg_catalog (else empty), and as a cast spells it."""

    name: str
    kind: str
    type: str

    @property
    def word(self) -> str:
        """What its type is called towards clients."""
        return _WORDS.get(self.kind, "text")


def keep_columns(event: str, columns: Sequence[Column]) -> None:
    """Keep the columns of an event type (0600), unless they are kept already.

    Raises:
        PermanentError: the staging area is not ours.
        RetryableError: the staging area cannot be written.
    """
    if read_kept_columns(event) == list(columns):
        return
    text = json.dumps([asdict(column) for column in columns])
    if store := open_store():
        store.write(key_of_columns(event), text.encode())
        return
    try:
        with (
            open_area() as area,
            enter_folder(area, COLUMNS) as folder,
            write_private(folder, _name(event)) as file,
        ):
            file.write(text.encode())
    except OSError as error:
        path = staging_root() / COLUMNS / _name(event)
        raise RetryableError(f"Cannot write {path}: {error.strerror}") from error


def read_kept_columns(event: str) -> list[Column]:
    """Return the columns that were last kept; none when there never were any."""
    try:
        return [Column(**fields) for fields in json.loads(_read(event))]
    except (OSError, ValueError, TypeError, DeliveryError):
        return []


def _read(event: str) -> bytes:
    if store := open_store():
        return store.read_block(key_of_columns(event), 0, STORE_BLOCK_BYTES)
    with (
        open_area(make=False) as area,
        enter_folder(area, COLUMNS, make=False) as folder,
        open_file(folder, _name(event)) as file,
    ):
        return file.read()


def _name(event: str) -> str:
    return f"{event}.json"
