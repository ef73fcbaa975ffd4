"""What does a store tell of an object that lies there?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_MODIFIED = ("LastModified", "last_modified", "updated", "mtime", "created")  # S3, Azure, Google, a folder


@dataclass(frozen=True)
class Stored:
    """An object of ours: its key below the prefix, its bytes, and when it was put (seconds since the epoch)."""

    key: str
    bytes: int
    modified: float


def describe_stored(entry: Mapping[str, Any], root: str) -> Stored:
    """Return an entry of an fsspec listing as an object below a root."""
    modified = next(entry[name] for name in _MODIFIED if entry.get(name) is not None)
    if isinstance(modified, str):
        modified = datetime.fromisoformat(modified)
    seconds = modified.timestamp() if isinstance(modified, datetime) else float(modified)
    return Stored(entry["name"].removeprefix(f"{root}/"), int(entry["size"]), seconds)
