"""Which delivered files are kept that the ledger does not know, as after its restore to an older state?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from event_delivery.completeness.forgotten import ForgottenFile, choose_forgotten, describe_cure
from event_delivery.delivery import parse_key, read_supplement
from event_delivery.destinations import Destination, find_destination
from event_delivery.errors import RetryableError
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.instance import is_rehearsal
from event_delivery.ledger.traces import Trace, read_traces
from event_delivery.staging import KeptFile, walk_kept

_Night = tuple[str, str, datetime]  # destination, event type, start of the interval


def find_all_forgotten() -> list[tuple[str, ForgottenFile]]:
    """Return the forgotten files of every destination that has kept files, and the destination, in order.

    Raises:
        PermanentError: the staging area is not ours, or the ledger cannot be read.
        RetryableError: one of the two cannot be opened; a folder of the staging area cannot be read.
    """
    nights = _walk_kept()
    destinations = sorted({destination for destination, _, _ in nights})
    with open_ledger_reading() as ledger:
        known = {
            each: _sort_traces(read_traces(ledger.connection, each, *_find_bounds(each, nights)))
            for each in destinations
        }
    return [
        (destination, replace(forgotten, moved=_is_moved(destination, start, forgotten.kept.day)))
        for (destination, event, start), kept in sorted(nights.items(), key=lambda item: item[0])
        for forgotten in choose_forgotten(kept, known[destination].get((event, start), {}), is_rehearsal())
    ]


def write_restored(found: Sequence[tuple[str, ForgottenFile]], as_json: bool = False) -> str:
    """Return them as text or JSON, each with what a person does about it."""
    if as_json:
        return json.dumps([_describe(*each) for each in found], indent=2)
    lines = [
        f"{destination}, {each.kept.event}, {each.kept.day}: {each}: {describe_cure(each)}"
        for destination, each in found
    ]
    return "\n".join(lines) or "The ledger knows of every delivered file that is kept."


def _walk_kept() -> dict[_Night, dict[int, list[KeptFile]]]:
    nights: dict[_Night, dict[int, list[KeptFile]]] = {}
    unread: list[str] = []
    skip = lambda path, why: unread.append(why if path in why else f"{path}: {why}")  # noqa: E731
    for destination, name, kept in walk_kept(skip):
        if key := parse_key(name):
            nights.setdefault((destination, key.event, key.start), {})[read_supplement(key.kind)] = kept
    if unread:
        raise RetryableError("What is kept cannot be told: " + "; ".join(unread))
    return nights


def _is_moved(destination: str, start: datetime, day: str) -> bool:
    """Tell whether a day starts otherwise by today's YAML: then a run of it carries another interval."""
    found = find_destination(destination)
    return isinstance(found, Destination) and found.day(date.fromisoformat(day)).start != start


def _find_bounds(destination: str, nights: Mapping[_Night, object]) -> tuple[datetime, datetime]:
    starts = [start for other, _, start in nights if other == destination]
    return min(starts), max(starts)


def _sort_traces(traces: Sequence[Trace]) -> dict[tuple[str, datetime], dict[str, Trace]]:
    """Return them by event type and start of the interval, whose end no folder's name tells."""
    found: dict[tuple[str, datetime], dict[str, Trace]] = {}
    for each in traces:
        found.setdefault((each.event, each.interval.start), {})[each.kind] = each
    return found


def _describe(destination: str, forgotten: ForgottenFile) -> dict[str, str | int | None]:
    kept = forgotten.kept
    return {
        "destination": destination,
        "event": kept.event,
        "day": kept.day,
        "supplement": forgotten.number,
        "file_name": kept.file_name,
        "remote_path": kept.remote_path,
        "rows": kept.manifest.rows,
        "sha256": kept.manifest.sha256,
        "delivered_at": kept.delivered_at.isoformat(),
        "state": forgotten.state,
        "do": describe_cure(forgotten),
    }
