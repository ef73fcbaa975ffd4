"""Which files of the staging area hold a text?"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass

from event_delivery.erasure.found import Found
from event_delivery.erasure.packed_text import is_in_packed
from event_delivery.erasure.sought_text import SoughtText
from event_delivery.erasure.stored import search_store
from event_delivery.errors import DeliveryError
from event_delivery.staging import DeliveryFolder, list_kept, walk_deliveries
from event_delivery.staging.folder import Folder, list_names, open_file
from event_delivery.staging.store import open_store

_Inode = tuple[int, int]


@dataclass(frozen=True)
class Search:
    """What was found in how many files, and what could not be searched, each with the reason."""

    found: tuple[Found, ...]
    files: int
    unread: tuple[str, ...]


def search_files(sought: SoughtText) -> Search:
    """Search every kept and staged file of every destination, those of earlier releases too; memory stays flat.

    Where an object store has them, that is searched, and this machine's scratch area besides.

    Raises:
        PermanentError: the staging area is not ours.
        RetryableError: it cannot be opened.
    """
    found, counts, unread = list[Found](), list[int](), list[str]()

    def skip(path: str, why: str) -> None:
        unread.append(why if path in why else f"{path}: {why}")

    if store := open_store():
        found += search_store(store, sought, skip, counts.append)
    for delivery in walk_deliveries(skip):
        names = list_names(delivery.folder)
        counts.append(len(names))
        if holding := _search_folder(delivery.folder, names, sought, skip):
            found.append(_describe(delivery, holding))
    return Search(tuple(found), sum(counts), tuple(unread))


def _search_folder(
    folder: Folder, names: list[str], sought: SoughtText, skip: Callable[[str, str], None]
) -> list[str]:
    """Return the names of those that hold it; a file with two names is read once."""
    known: dict[_Inode, bool] = {}
    holding = []
    for name in names:
        try:
            if _holds(folder, name, sought, known):
                holding.append(name)
        except FileNotFoundError:
            continue  # it has just expired
        except (DeliveryError, OSError) as error:
            skip(str(folder.path / name), str(error))
    return holding


def _holds(folder: Folder, name: str, sought: SoughtText, known: dict[_Inode, bool]) -> bool:
    with open_file(folder, name) as file:
        found = os.fstat(file.fileno())
        inode = (found.st_dev, found.st_ino)
        if inode not in known:
            known[inode] = is_in_packed(sought, io.BufferedReader(file))
        return known[inode]


def _describe(delivery: DeliveryFolder, names: list[str]) -> Found:
    received = tuple(kept for kept in list_kept(delivery.folder) if str(kept.name) in names)
    return Found(delivery.destination, delivery.key, str(delivery.folder.path), tuple(names), received)
