"""Where do events lie between the tasks, and who may read them for how long?

Everything that stages goes through here, so that a shared folder or an object store can take its place.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError, RetryableError

BLOCK_BYTES = 1 << 20
_SWEEP_EVERY_SECONDS = 3600
_ABANDONED_SECONDS = 600
_DAY_SECONDS = 86_400
_CLEAR = "Clear the whole run to stage it again."


@dataclass(frozen=True)
class Manifest:
    """What one staged file holds: counts and a checksum, never rows."""

    path: str
    rows: int
    bytes: int
    sha256: str
    profile: dict[str, Any] = field(default_factory=dict)


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


def staging_root() -> Path:
    """Return the staging area: `EVENT_DELIVERY_STAGING`, else `$AIRFLOW_HOME/staging`."""
    home = os.environ.get("AIRFLOW_HOME") or str(Path.home() / "airflow")
    return Path(os.environ.get("EVENT_DELIVERY_STAGING") or f"{home}/staging")


def staging_folder(delivery: Delivery) -> Path:
    """Return the folder (0700) of one delivery, made when missing."""
    folder = staging_root() / delivery.destination.id / delivery.key
    try:
        for place in (staging_root(), folder.parent, folder):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RetryableError(f"Cannot make the staging folder {folder}: {error.strerror}") from error
    return folder


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
        PermanentError: the file has expired, lies on another worker, or has other bytes.
    """
    try:
        reader = _HashingReader(open(manifest.path, "rb", buffering=0))  # noqa: PTH123, SIM115
    except FileNotFoundError:
        raise PermanentError(_gone(manifest.path)) from None
    with reader, io.BufferedReader(reader, BLOCK_BYTES) as file:
        yield file
        found = reader.sha256.hexdigest()
    if found != manifest.sha256:
        raise PermanentError(
            f"{manifest.path} is not what was staged: sha256 {found}, wanted {manifest.sha256}. {_CLEAR}"
        )


def write_manifest(delivery: Delivery, name: str, manifest: Manifest) -> Manifest:
    """Record a staged file as fit for the next task; returns the manifest."""
    with stage_file(delivery, f"{name}.manifest.json") as file:
        file.write(json.dumps(asdict(manifest)).encode())
    return manifest


def read_manifest(delivery: Delivery, name: str) -> Manifest:
    """Return what an earlier task recorded.

    Raises:
        PermanentError: nothing is recorded: not staged yet, expired, or on another worker.
    """
    path = staging_folder(delivery) / f"{name}.manifest.json"
    try:
        fields = json.loads(path.read_text())
    except FileNotFoundError:
        raise PermanentError(_gone(str(path))) from None
    return Manifest(**fields)


def expire_staged(now: float | None = None) -> None:
    """Delete the deliveries that nobody touched for `EVENT_DELIVERY_STAGING_DAYS` (7); looks once an hour."""
    now = now or time.time()
    swept = staging_root() / ".swept"
    if swept.exists() and now - swept.stat().st_mtime < _SWEEP_EVERY_SECONDS:
        return
    staging_root().mkdir(mode=0o700, parents=True, exist_ok=True)
    swept.touch(mode=0o600)
    days = float(os.environ.get("EVENT_DELIVERY_STAGING_DAYS") or 7)
    for folder in staging_root().glob("*/*"):
        if now - folder.stat().st_mtime > days * _DAY_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(path: Path) -> None:
    """Remove what killed tasks left half written, unless another run may be writing it now."""
    for partial in path.parent.glob(f".{path.name}.*.part"):
        if time.time() - partial.stat().st_mtime > _ABANDONED_SECONDS:
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


def _gone(path: str) -> str:
    return f"{path} is not there: it has expired or lies on another worker. {_CLEAR}"
