"""How is a staged file opened, and proven to be the one that was written?"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from event_delivery.errors import RetryableError
from event_delivery.staging.area import open_area, staging_root
from event_delivery.staging.fetching import fetch_staged
from event_delivery.staging.folder import Folder, NotOursError, enter_folder, open_file
from event_delivery.staging.gone import StagedGoneError, explain_gone
from event_delivery.staging.staged_file import Manifest

BLOCK_BYTES = 1 << 20


@contextmanager
def read_staged(manifest: Manifest) -> Iterator[io.BufferedReader[Any]]:
    """Open a staged file for reading it to its end, which proves that it is the one described.

    One that lies in an object store is fetched before.

    Raises:
        StagedGoneError: the file has expired, lies on another worker, is no file of ours, or has other bytes.
        RetryableError: the object store does not give it, or this machine's copy of it has other bytes.
    """
    fetch_staged(manifest)
    with (
        open_staged(Path(manifest.path)) as opened,
        _HashingReader(opened) as reader,
        io.BufferedReader(reader, BLOCK_BYTES) as file,
    ):
        yield file
        found = reader.sha256.hexdigest()
    if found != manifest.sha256:
        if manifest.stored:
            discard_staged(Path(manifest.path))
            raise RetryableError(
                f"{manifest.path}: this machine's copy of {manifest.stored} has other bytes, and was removed. The "
                "next try fetches it again."
            )
        raise StagedGoneError(f"{manifest.path} is not what was staged: sha256 {found}, wanted {manifest.sha256}.")


@contextmanager
def open_staged(path: Path) -> Iterator[io.FileIO]:
    """Open a staged file of the staging area, unbuffered; no link leads elsewhere.

    Raises:
        StagedGoneError: it is not there, or is no file of ours.
        RetryableError: it cannot be read.
    """
    try:
        with _entering(path.parent) as folder:
            file = open_file(folder, path.name)
    except FileNotFoundError:
        raise explain_gone(str(path)) from None
    except NotOursError as refusal:
        raise StagedGoneError(str(refusal)) from None
    except OSError as error:
        raise RetryableError(f"Cannot read {path}: {error.strerror}") from error
    with file:
        yield file


def discard_staged(path: Path) -> None:
    """Remove a staged file that is not what was staged, so that it is staged again."""
    with contextlib.suppress(FileNotFoundError), _entering(path.parent) as folder:
        os.unlink(path.name, dir_fd=folder.fd)


@contextmanager
def _entering(path: Path) -> Iterator[Folder]:
    """Open a folder below the staging area, step by step; a path that leads elsewhere is not there."""
    if not path.is_relative_to(staging_root()) or ".." in path.parts:
        raise FileNotFoundError(path)
    with ExitStack() as stack:
        folder = stack.enter_context(open_area(make=False))
        for name in path.relative_to(staging_root()).parts:
            folder = stack.enter_context(enter_folder(folder, name, make=False))
        yield folder


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
