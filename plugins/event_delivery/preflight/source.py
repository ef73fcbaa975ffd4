"""Does each event type's statement return the columns that are known? No row is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from event_delivery.database import EVENTS_DB
from event_delivery.database_answer import answer_within
from event_delivery.delivery import nightly_delivery
from event_delivery.destinations import Destination
from event_delivery.errors import DeliveryError, MissingConnectionError, PermanentError, RetryableError
from event_delivery.extract.query import query_events
from event_delivery.extract.snapshot import open_snapshot
from event_delivery.ledger.preflights import Finding
from event_delivery.limits import SOURCE_LOOKED_AT
from event_delivery.preflight.findings import make_finding
from event_delivery.schedule import last_day_before
from event_delivery.staging import Column, read_kept_columns


def look_at_source(destinations: Iterable[Destination], seconds: float = SOURCE_LOOKED_AT) -> list[Finding]:
    """Ask the source for each statement's columns, and whether it takes each company_id, for `seconds` at most.

    A source that cannot be reached is one finding, and so is a statement that is wrong.
    """
    users: dict[str, list[Destination]] = defaultdict(list)
    for each in destinations:
        for event in each.events:
            users[event].append(each)
    if not users:
        return []
    try:
        return answer_within(EVENTS_DB, seconds, lambda: _look_at_all(users))
    except (MissingConnectionError, RetryableError) as error:
        return [make_finding("source", str(error))]


def _look_at_all(users: dict[str, list[Destination]]) -> list[Finding]:
    return [finding for event, destinations in users.items() for finding in _look_at(event, destinations)]


def _look_at(event: str, destinations: Sequence[Destination]) -> list[Finding]:
    """Look at one statement; raises MissingConnectionError, RetryableError: the source answers to nobody."""
    findings, columns = list[Finding](), list[Column]()
    try:
        with open_snapshot() as cursor:
            for each in destinations:
                delivery = nightly_delivery(each, event, last_day_before(datetime.now(UTC), each.timezone))
                try:
                    columns = list(query_events(cursor, delivery).columns)
                except PermanentError as error:
                    findings.append(_find_wrong(each, error))
                    if findings[-1].destination is None:
                        break
    except MissingConnectionError:
        raise
    except PermanentError as error:
        return [make_finding("source", f"{event}: {error}")]
    return findings + _compare_columns(event, columns)


def _find_wrong(destination: Destination, error: DeliveryError) -> Finding:
    """Return whose the fault is: a field's is the destination's, all else the statement's."""
    own = str(error).startswith(f"{destination.id}: field '")
    return make_finding("source", str(error), destination.id if own else None)


def _compare_columns(event: str, columns: Sequence[Column]) -> list[Finding]:
    """Compare with the columns that the source had when it was last read for a file."""
    kept = read_kept_columns(event)
    if not columns or not kept or list(columns) == kept:
        return []
    before, now = ({column.name: column.type for column in each} for each in (kept, columns))
    changes = {
        "new": [name for name in now if name not in before],
        "gone": [name for name in before if name not in now],
        "of another type": [name for name in now if before.get(name, now[name]) != now[name]],
    }
    told = "; ".join(f"{what}: {', '.join(names)}" for what, names in changes.items() if names)
    said = f"{event}: the statement returns other columns than when the last file was made: "
    return [make_finding("columns", f"{said}{told or 'in another order'}.")]
