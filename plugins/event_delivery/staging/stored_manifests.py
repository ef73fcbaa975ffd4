"""What does one task tell the next of a file that it has put into the object store?"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.errors import RetryableError
from event_delivery.limits import STORE_BLOCK_BYTES
from event_delivery.object_store import Bucket
from event_delivery.staging.gone import StagedGoneError, explain_gone, explain_removed
from event_delivery.staging.staged_file import Manifest, describe_file, path_of_staged
from event_delivery.staging.store import key_of_manifest, key_of_staged

_SHA256 = re.compile(r"[0-9a-f]{64}")


def write_stored_manifest(store: Bucket, delivery: Delivery, name: str, manifest: Manifest) -> Manifest:
    """Put a staged file into the store, and its manifest after it, so that none leads to what is not whole.

    Killed between the two, the file is staged and put again: under the same key if it has the same bytes.

    Raises:
        RetryableError: the store does not take it, or the file has gone from the scratch area.
    """
    key = key_of_staged(delivery, name, manifest.sha256)
    try:
        if manifest.stored != key:
            store.put(Path(manifest.path), key)
    except FileNotFoundError:
        raise RetryableError(f"{explain_gone(manifest.path)} It is tried again.") from None
    store.write(key_of_manifest(delivery, name), json.dumps(describe_file(manifest)).encode())
    return replace(manifest, stored=key)


def copy_stored(store: Bucket, delivery: Delivery, name: str, manifest: Manifest) -> Manifest:
    """Copy a staged file within the store under a second name of its delivery: no byte comes to this machine.

    Raises:
        StagedGoneError: it has expired or was removed.
        RetryableError: the store does not do it.
    """
    key = key_of_staged(delivery, name, manifest.sha256)
    try:
        store.copy(manifest.stored, manifest.bytes, key)
    except FileNotFoundError:
        raise explain_removed(f"{store.address}/{manifest.stored}") from None
    return replace(manifest, stored=key)


def read_stored_manifest(store: Bucket, delivery: Delivery, name: str) -> Manifest:
    """Return what the store has recorded of a staged file; `path` is where this machine's copy is to lie.

    Raises:
        StagedGoneError: nothing is recorded: not staged yet, expired or removed; or it is no manifest of ours.
        RetryableError: the store does not say.
    """
    key = key_of_manifest(delivery, name)
    try:
        manifest = parse_manifest(json.loads(store.read_block(key, 0, STORE_BLOCK_BYTES)))
    except FileNotFoundError:
        raise explain_removed(f"{store.address}/{key}") from None
    except (ValueError, TypeError):
        raise StagedGoneError(f"{store.address}/{key} is no manifest that this release wrote.") from None
    path = str(path_of_staged(delivery, manifest.sha256))
    return replace(manifest, path=path, stored=key_of_staged(delivery, name, manifest.sha256))


def parse_manifest(fields: Any) -> Manifest:
    """Return a manifest as the store has it. Raises ValueError, TypeError: it is none of ours.

    Its sha256 becomes a file's name here, and its bytes how much is asked for; others may write to a bucket, too.
    """
    manifest = Manifest(**fields)
    if not (_SHA256.fullmatch(manifest.sha256) and type(manifest.bytes) is int and manifest.bytes >= 0):
        raise ValueError("no sha256, or no number of bytes")
    return manifest
