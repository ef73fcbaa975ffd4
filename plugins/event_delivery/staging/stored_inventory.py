"""Which deliveries lie in the object store, and which objects are theirs?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from event_delivery.destinations.destination import DESTINATION_ID
from event_delivery.object_store import Bucket, Stored
from event_delivery.staging.marker import is_delivery_key
from event_delivery.staging.store import KEPT, MANIFEST, STAGED


@dataclass(frozen=True)
class StoredDelivery:
    """The objects of a delivery, staged and kept."""

    destination: str
    key: str
    objects: tuple[Stored, ...]


def walk_stored(store: Bucket) -> Iterator[StoredDelivery]:
    """Yield every delivery of the store in order; what has not our keys is none of ours. Raises RetryableError."""
    found = [each for folder in (STAGED, KEPT) for each in store.list_objects(folder)]
    ours = sorted(((place, each) for each in found if (place := _find_place(each.key))), key=lambda pair: pair[0])
    for (destination, key), pairs in groupby(ours, lambda pair: pair[0]):
        yield StoredDelivery(destination, key, tuple(each for _, each in pairs))


def order_for_removal(keys: Iterable[str]) -> list[str]:
    """Return keys in the order in which they leave: what leads to a file before the file.

    A machine that has a copy in its scratch area would else use it, since something still leads to it.
    """
    return sorted(keys, key=lambda key: (not key.endswith((MANIFEST, ".json")), key))


def _find_place(key: str) -> tuple[str, str] | None:
    parts = key.split("/")
    if len(parts) != 4 or not DESTINATION_ID.fullmatch(parts[1]) or not is_delivery_key(parts[2]):
        return None
    return parts[1], parts[2]
