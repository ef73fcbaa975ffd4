"""Which deliveries lie in the object store, and which objects are theirs?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

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
    """Yield every delivery of the store in order; what has not our keys is none of ours.

    Each destination is listed when it is its turn: neither memory nor the time for an answer grows with them.

    Raises:
        RetryableError: the store cannot be listed.
    """
    folders = {folder: store.list_folders(folder) for folder in (STAGED, KEPT)}
    for destination in sorted(filter(DESTINATION_ID.fullmatch, set().union(*folders.values()))):
        places = [f"{folder}/{destination}" for folder, names in folders.items() if destination in names]
        found = [each for place in places for each in store.list_objects(place)]
        ours = [(key, each) for each in found if (key := _find_key(each.key))]
        for key, pairs in groupby(sorted(ours, key=itemgetter(0)), itemgetter(0)):
            yield StoredDelivery(destination, key, tuple(each for _, each in pairs))


def order_for_removal(keys: Iterable[str]) -> list[str]:
    """Return keys in the order in which they leave: what leads to a file before the file.

    A machine that has a copy in its scratch area would else use it, since something still leads to it.
    """
    return sorted(keys, key=lambda key: (not key.endswith((MANIFEST, ".json")), key))


def _find_key(key: str) -> str | None:
    """Return the delivery to which an object belongs, or None: it is none of ours."""
    match key.split("/"):
        case [_, _, delivery, _] if is_delivery_key(delivery):
            return delivery
    return None
