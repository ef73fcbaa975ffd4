"""Which delivered files does the object store keep, byte for byte, for as long as a destination's `keep_days`?

A kept file is the store's own copy of the staged one, which passes no machine.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from dataclasses import replace

from event_delivery.delivery import Delivery
from event_delivery.limits import STORE_BLOCK_BYTES
from event_delivery.object_store import Bucket
from event_delivery.staging.area import staging_root
from event_delivery.staging.gone import explain_removed
from event_delivery.staging.kept_file import IDS_ENDING, MANIFEST_ENDING, KeptFile, describe_kept
from event_delivery.staging.kept_name import KeptName, parse_kept_name
from event_delivery.staging.store import IDS_NAME, folder_of_kept, key_of_staged
from event_delivery.staging.stored_manifests import parse_manifest


def keep_stored(store: Bucket, delivery: Delivery, kept: KeptFile) -> None:
    """Keep a staged file of the store; one of the same bytes, kept before, is called so from now on.

    Not in a rehearsal, where a client has it: that would be forgotten.

    Raises:
        StagedGoneError: what was sent has been removed from the store meanwhile.
        RetryableError: the store refuses.
    """
    folder = folder_of_kept(delivery.destination.id, delivery.key)
    before = _list_names(store, folder)
    same = [name for name in before if name.sha256 == kept.manifest.sha256]
    if kept.rehearsal and any((found := _read(store, folder, name)) and not found.rehearsal for name in same):
        return
    source = f"{folder}/{same[0]}" if same else kept.manifest.stored
    if kept.name not in before:
        try:
            store.copy(source, kept.manifest.bytes, f"{folder}/{kept.name}")
        except FileNotFoundError:
            raise explain_removed(f"{store.address}/{source}") from None
    if kept.manifest.ids_bytes and kept.name not in before:
        staged = key_of_staged(delivery, IDS_NAME, kept.manifest.ids_sha256)
        ids = f"{source}{IDS_ENDING}" if same else staged
        with contextlib.suppress(FileNotFoundError):  # whoever wants them is told that they are gone
            store.copy(ids, kept.manifest.ids_bytes, f"{folder}/{kept.name}{IDS_ENDING}")
    store.write(f"{folder}/{kept.name}{MANIFEST_ENDING}", describe_kept(kept))
    store.delete(key for name in same if name != kept.name for key in list_keys(f"{folder}/{name}"))


def list_stored_kept(store: Bucket, destination: str, key: str) -> list[KeptFile]:
    """Return the kept files of a delivery, the last delivered first; raises RetryableError."""
    folder = folder_of_kept(destination, key)
    names = sorted(_list_names(store, folder), reverse=True)
    return [kept for kept in (_read(store, folder, name) for name in names) if kept]


def list_keys(key: str) -> tuple[str, str, str]:
    """Return the keys of a kept file, what is known of it first: nothing shall lead to what is gone."""
    return f"{key}{MANIFEST_ENDING}", f"{key}{IDS_ENDING}", key


def _list_names(store: Bucket, folder: str) -> list[KeptName]:
    return [name for name, ending in _parse(each.key for each in store.list_objects(folder)) if not ending]


def _parse(keys: Iterable[str]) -> Iterable[tuple[KeptName, str]]:
    return filter(None, (parse_kept_name(key.rpartition("/")[2]) for key in keys))


def _read(store: Bucket, folder: str, name: KeptName) -> KeptFile | None:
    """Return what is known of a kept file; None where its manifest is gone, or another release's."""
    stored = f"{folder}/{name}"
    _, destination, key = folder.split("/")
    try:
        fields = json.loads(store.read_block(f"{stored}{MANIFEST_ENDING}", 0, STORE_BLOCK_BYTES))
        manifest = parse_manifest(fields.pop("manifest") | {"sha256": name.sha256})
        path = str(staging_root() / destination / key / name.sha256)
        manifest = replace(manifest, path=path, stored=stored)
        return KeptFile(**fields | {"manifest": manifest, "delivered_at": name.delivered_at})
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return None
