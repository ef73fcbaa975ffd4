"""How does a file of the object store come to this machine, and is it the one wanted?"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import IO

from event_delivery.errors import RetryableError
from event_delivery.limits import STORE_BLOCK_BYTES
from event_delivery.object_store import Bucket
from event_delivery.staging.area import open_area
from event_delivery.staging.folder import Folder, enter_folder, is_our_file
from event_delivery.staging.gone import StagedGoneError, explain_removed
from event_delivery.staging.private_file import write_private
from event_delivery.staging.space import allot_space, is_full
from event_delivery.staging.staged_file import Manifest
from event_delivery.staging.store import open_store


def fetch_staged(manifest: Manifest) -> None:
    """Have a file of the object store in the scratch area, where `manifest.path` says: proven on its way.

    What lies there already is proven by whoever reads it.

    Raises:
        StagedGoneError: it has expired or was removed, or has other bytes.
        RetryableError: the store does not give it, or the scratch area has too little space.
    """
    if not manifest.stored or not (store := open_store()):
        return
    _, destination, key, _ = manifest.stored.split("/")
    try:
        with (
            open_area() as area,
            enter_folder(area, destination) as parent,
            enter_folder(parent, key) as folder,
        ):
            if not _has(folder, manifest):
                _fetch(store, folder, manifest)
    except OSError as error:
        why = "the disk is full" if is_full(error) else error.strerror
        raise RetryableError(f"Cannot write {manifest.path}: {why}") from error


def read_blocks(store: Bucket, key: str, size: int) -> Iterator[bytes]:
    """Yield the first so many bytes of an object, fewer where it is shorter; raises FileNotFoundError."""
    for start in range(0, size, STORE_BLOCK_BYTES):
        wanted = min(size, start + STORE_BLOCK_BYTES)
        yield (block := store.read_block(key, start, wanted))
        if len(block) < wanted - start:
            return


def _has(folder: Folder, manifest: Manifest) -> bool:
    try:
        found = os.stat(manifest.sha256, dir_fd=folder.fd, follow_symlinks=False)
        return found.st_size == manifest.bytes and is_our_file(folder, manifest.sha256)
    except FileNotFoundError:
        return False


def _fetch(store: Bucket, folder: Folder, manifest: Manifest) -> None:
    where = f"{store.address}/{manifest.stored}"
    allot_space(where, folder.fd, doubles=False).look(manifest.bytes)
    try:
        with write_private(folder, manifest.sha256) as file:
            found = _write(file, read_blocks(store, manifest.stored, manifest.bytes))
            if found != manifest.sha256:
                raise StagedGoneError(f"{where} is not what was staged: sha256 {found}, wanted {manifest.sha256}.")
    except FileNotFoundError:
        raise explain_removed(where) from None


def _write(file: IO[bytes], blocks: Iterator[bytes]) -> str:
    sha256 = hashlib.sha256()
    for block in blocks:
        file.write(block)
        sha256.update(block)
    return sha256.hexdigest()
