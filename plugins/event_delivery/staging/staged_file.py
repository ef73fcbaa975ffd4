"""How is a staged file written whole or not at all, and proven to be the one that was written?"""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.limits import ABANDONED_AFTER
from event_delivery.staging.area import staging_folder

BLOCK_BYTES = 1 << 20


class StagedGoneError(PermanentError):
    """What was staged is not there, or is not what was staged: it must be staged again."""


@dataclass(frozen=True)
class Manifest:
    """What one staged file holds, of which company: counts and a checksum, never rows."""

    path: str
    rows: int
    bytes: int
    sha256: str
    profile: dict[str, Any] = field(default_factory=dict)
    columns: Sequence[str] = ()
    company_id: str = ""


class StagedFile:
    """A file being staged: counts and hashes what is written, in bytes."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        self._sha256 = hashlib.sha256()
        self.bytes = 0

    def write(self, block: bytes | bytearray | memoryview) -> None:
        """Append a block of bytes."""
        self._file.write(block)
        self._sha256.update(block)
        self.bytes += len(block)

    def manifest(self, rows: int, **details: Any) -> Manifest:
        """Describe what was written."""
        return Manifest(str(self._path), rows, self.bytes, self._sha256.hexdigest(), **details)


@contextmanager
def stage_file(delivery: Delivery, name: str) -> Iterator[StagedFile]:
    """Write a staged file (0600) under a temporary name, and give it its own name when it is whole."""
    path = staging_folder(delivery) / name
    partial = path.with_name(f".{name}.{os.getpid()}.part")
    try:
        _remove_abandoned(path)
        with open(partial, "wb", opener=_open_private) as file:
            yield StagedFile(file, path)
        partial.rename(path)
    except OSError as error:
        raise RetryableError(f"Cannot write {path}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def read_staged(manifest: Manifest) -> Iterator[IO[bytes]]:
    """Open a staged file for reading it to its end, which proves that it is the one described.

    Raises:
        StagedGoneError: the file has expired, lies on another worker, or has other bytes.
    """
    try:
        reader = _HashingReader(open(manifest.path, "rb", buffering=0))  # noqa: PTH123, SIM115
    except FileNotFoundError:
        raise explain_gone(manifest.path) from None
    with reader, io.BufferedReader(reader, BLOCK_BYTES) as file:
        yield file
        found = reader.sha256.hexdigest()
    if found != manifest.sha256:
        raise StagedGoneError(f"{manifest.path} is not what was staged: sha256 {found}, wanted {manifest.sha256}.")


def explain_gone(path: str) -> StagedGoneError:
    """Return why a staged file is missing."""
    return StagedGoneError(f"{path} is not there: it has expired or lies on another worker.")


def _remove_abandoned(path: Path) -> None:
    """Remove what killed tasks left half written, unless another run may be writing it now."""
    for partial in path.parent.glob(f".{path.name}.*.part"):
        if time.time() - partial.stat().st_mtime > ABANDONED_AFTER:
            partial.unlink(missing_ok=True)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class _HashingReader(io.RawIOBase):
    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = self._file.readinto(buffer)
        self.sha256.update(memoryview(buffer)[:size])
        return size

    def close(self) -> None:
        self._file.close()
        super().close()
