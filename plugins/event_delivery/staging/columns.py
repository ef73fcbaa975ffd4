"""Which columns had an event type's events when the source was last asked?

They never expire: a test file needs them when the source cannot be reached.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from event_delivery.errors import RetryableError
from event_delivery.staging.area import staging_root

_FOLDER = ".columns"


@dataclass(frozen=True)
class Column:
    """A column of a statement: its name, its type's name in pg_catalog (else empty), and as a cast spells it."""

    name: str
    kind: str
    type: str


def keep_columns(event: str, columns: Sequence[Column]) -> None:
    """Keep the columns of an event type (0600), unless they are kept already.

    Raises:
        RetryableError: the staging area cannot be written.
    """
    if read_kept_columns(event) == list(columns):
        return
    path = _path(event)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        for level in (staging_root(), path.parent):
            level.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(partial, "w", encoding="utf-8", opener=_open_private) as file:
            json.dump([asdict(column) for column in columns], file)
        partial.rename(path)
    except OSError as error:
        raise RetryableError(f"Cannot write {path}: {error.strerror}") from error


def read_kept_columns(event: str) -> list[Column]:
    """Return the columns that were last kept; none when there never were any."""
    try:
        return [Column(**fields) for fields in json.loads(_path(event).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def _path(event: str) -> Path:
    return staging_root() / _FOLDER / f"{event}.json"


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
