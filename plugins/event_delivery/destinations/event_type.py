"""Which kinds of events can be delivered?

Each is a pair of files that a data engineer writes: a statement in include/sql, a sample in include/samples, or in
the folders of these names that `EVENT_DELIVERY_EVENT_TYPES` holds.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path

from event_delivery.destinations.pairs import SOURCE_READY, read_pairs
from event_delivery.destinations.stamp import Stamp, stamp_files

INCLUDE = Path(os.environ.get("EVENT_DELIVERY_EVENT_TYPES") or Path(__file__).parents[3] / "include").absolute()


@dataclass(frozen=True)
class EventType:
    """One kind of event: the prefix of its file names, and its statement's file, whose name the sample shares."""

    file_prefix: str
    sql: str
    include: Path = INCLUDE

    @property
    def statement(self) -> Path:
        """The file of the statement that reads the events."""
        return self.include / "sql" / self.sql

    @property
    def readiness(self) -> Path:
        """The file of the statement that tells whether the source is complete; most instances have none."""
        return self.include / "sql" / f"{SOURCE_READY}.sql"

    @property
    def sample(self) -> Path:
        """The file of the event that test files hold."""
        return (self.include / "samples" / self.sql).with_suffix(".json")


class EventTypes(MutableMapping[str, EventType]):
    """Event types by name, read again when a file of theirs has changed; code may set more of them."""

    def __init__(self, include: Path) -> None:
        self.include = include
        self._set: dict[str, EventType] = {}
        self._kept: tuple[object, dict[str, EventType], dict[str, str]] | None = None

    def __getitem__(self, name: str) -> EventType:
        return self._set[name] if name in self._set else self._read()[0][name]

    def __setitem__(self, name: str, event_type: EventType) -> None:
        if self._read()[0].get(name) == event_type:
            self._set.pop(name, None)  # as the files say: they count again
        else:
            self._set[name] = event_type

    def __delitem__(self, name: str) -> None:
        del self._set[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read()[0] | self._set)

    def __len__(self) -> int:
        return len(self._read()[0] | self._set)

    def explain(self, name: str) -> str | None:
        """Return what is wrong with the files of a name that is no event type, or None: it has no files."""
        return self._read()[1].get(name)

    def suggest(self, name: str) -> str | None:
        """Return the event type that somebody who wrote this name may have meant."""
        return next(iter(difflib.get_close_matches(name, [*self], n=1, cutoff=0.75)), None)

    def stamp(self) -> tuple[Path, Stamp, Stamp]:
        """Return what changes with the files."""
        statements = stamp_files(self.include / "sql", "*.sql")
        return self.include, statements, stamp_files(self.include / "samples", "*.json")

    def _read(self) -> tuple[dict[str, EventType], dict[str, str]]:
        stamp, kept = self.stamp(), self._kept
        if kept is None or kept[0] != stamp:
            prefixes, problems = read_pairs(self.include)
            types = {name: EventType(prefix, f"{stem}.sql", self.include) for name, stem, prefix in prefixes}
            self._kept = kept = (stamp, types, problems)
        return kept[1], kept[2]


EVENT_TYPES = EventTypes(INCLUDE)
