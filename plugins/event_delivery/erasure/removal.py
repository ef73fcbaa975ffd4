"""How do the files that hold a text leave the staging area?"""

from __future__ import annotations

import os

from event_delivery.erasure.search import Search
from event_delivery.erasure.stored import remove_stored
from event_delivery.staging import walk_deliveries
from event_delivery.staging.folder import list_names
from event_delivery.staging.kept_name import parse_kept_name
from event_delivery.staging.removal import delete_files
from event_delivery.staging.store import open_store


def remove_found(search: Search) -> list[str]:
    """Delete the files that a search has found, whole, with what is written down beside them.

    Returns:
        The paths of those that are still there.
    """
    left: list[str] = []
    if store := open_store():
        left += [path for found in search.found if found.stored for path in remove_stored(store, found)]
    wanted = {(found.destination, found.key): found.names for found in search.found if not found.stored}

    def skip(path: str, why: str) -> None:
        left.append(f"{path}: {why}")

    for delivery in walk_deliveries(skip):
        names = wanted.get((delivery.destination, delivery.key), ())
        if not names:
            continue
        folder = delivery.folder
        there = [name for name in list_names(folder) if name in names or _belongs(name, names)]
        delete_files(folder, there, os.fstat(folder.fd).st_mtime_ns)
        left += [str(folder.path / name) for name in list_names(folder) if name in names]
    return left


def _belongs(name: str, names: tuple[str, ...]) -> bool:
    """Tell whether a file describes one of these."""
    kept = parse_kept_name(name)
    return str(kept[0]) in names if kept else name.removesuffix(".manifest.json") in names
