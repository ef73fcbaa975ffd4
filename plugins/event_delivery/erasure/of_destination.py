"""Which kept and staged files are one destination's, whatever they hold?"""

from __future__ import annotations

from collections.abc import Iterator

from event_delivery.erasure.found import Found
from event_delivery.erasure.search import Search
from event_delivery.staging import walk_deliveries
from event_delivery.staging.folder import list_names
from event_delivery.staging.store import open_store
from event_delivery.staging.stored_inventory import walk_stored


def find_files_of(destination_id: str) -> Search:
    """Return every kept and staged file of a destination, here and in the object store, as a search finds them.

    Raises:
        PermanentError: the staging area is not ours.
        RetryableError: it cannot be opened.
    """
    unread: list[str] = []

    def skip(path: str, why: str) -> None:
        unread.append(why if path in why else f"{path}: {why}")

    here = (
        Found(each.destination, each.key, str(each.folder.path), tuple(names), ())
        for each in walk_deliveries(skip)
        if each.destination == destination_id and (names := list_names(each.folder))
    )
    found = (*_find_stored(destination_id), *here)
    return Search(found, sum(len(each.names) for each in found), tuple(unread))


def _find_stored(destination_id: str) -> Iterator[Found]:
    if not (store := open_store()):
        return
    for each in walk_stored(store):
        if each.destination == destination_id:
            keys = tuple(stored.key for stored in each.objects)
            yield Found(each.destination, each.key, str(store.address), keys, (), stored=True)
