"""What is the file of a delivery called, once the ledger knows a name for it?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from event_delivery.destinations.file_name import split_ending


class KnownFile(NamedTuple):
    """One numbered file of a delivery: whether the delivery stands for it now, and whether that is unconfirmed."""

    number: int
    name: str
    is_current: bool
    is_unconfirmed: bool = False


class ChosenFile(NamedTuple):
    """The number and name that a file gets, and the number of the file that it replaces."""

    number: int
    name: str
    replaces: int | None = None


def choose_file(known: Sequence[KnownFile], proposed: str) -> ChosenFile:
    """Return how a file is numbered and called, of which today's YAML would make the name `proposed`.

    A delivery that stands in the ledger is never renamed: an edit of `transfer_id`, `deliver_at` or `timezone`
    counts for days that do not stand there yet. Another format, or way to pack it, is a further file of the same
    name but its ending, in the place of the one before, which the client keeps.
    """
    if not known:
        return ChosenFile(1, proposed)
    stem, ending = split_ending(known[0].name)[0], split_ending(proposed)[1]
    name = stem + ending
    current = next((file.number for file in known if file.is_current), known[-1].number)
    number = next((file.number for file in known if file.name == name), max(file.number for file in known) + 1)
    return ChosenFile(number, name, current if current != number else None)
