"""How long does the ledger keep what may be personal?

A delivery's record stays for ever: file name, counts, checksum and state prove it, and keep a day from being sent
twice. Its profile holds titles, and an error may quote what a server or a database said. Of the attempts stay the
first, the last of each run and the ones that delivered: what the page says of a night rests on these.
"""

from __future__ import annotations

import math
import os
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.database import EVENTS_DB, LEDGER_DB, connect
from event_delivery.errors import PermanentError
from event_delivery.ledger.opening import set_time_limit
from event_delivery.ledger.preparing import prepare
from event_delivery.ledger.statements import read_one, run_statement
from event_delivery.limits import FEWEST_LEDGER_DAYS, LEDGER_DAYS, LIMITS, MOST_LEDGER_DAYS, PURGED_AT_ONCE

if TYPE_CHECKING:
    from psycopg import Connection

DAYS = "EVENT_DELIVERY_LEDGER_DAYS"
FORGOTTEN = "The reason is no longer kept."


@dataclass(frozen=True)
class Purged:
    """How many profiles, attempts, reports and incidents were removed; how many reasons forgotten."""

    profiles: int = 0
    attempts: int = 0
    reasons: int = 0
    reports: int = 0
    incidents: int = 0

    def __add__(self, other: Purged) -> Purged:
        """Return both together."""
        return Purged(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))

    def __str__(self) -> str:
        """Return the counts in words."""
        removed = f"{self.profiles} profiles, {self.attempts} attempts, {self.reports} reports"
        return f"{removed}, {self.incidents} incidents and the reasons of {self.reasons} failures"


def purge_ledger(dry_run: bool = False, batch: int = PURGED_AT_ONCE) -> Purged:
    """Forget what may be personal of deliveries that nothing has touched for `EVENT_DELIVERY_LEDGER_DAYS` (400).

    Those that are under way or unconfirmed keep everything. Where there is no ledger yet, nothing is done.

    Args:
        dry_run: only count; a ledger of an older release is then refused, not upgraded.
        batch: how many deliveries are looked at in one transaction.

    Raises:
        PermanentError: the days are no number that counts, the ledger is another instance's, or the database
            refuses; nothing is removed.
        RetryableError: the database cannot be reached or takes too long; what was removed stays so.
    """
    days = read_ledger_days()
    with connect(LEDGER_DB, EVENTS_DB) as connection:
        connection.autocommit = True
        set_time_limit(connection, LIMITS.ledger)
        if not prepare(connection, upgrades=not dry_run):
            return Purged()
        [last] = read_one(connection, "read_last_id.sql", {})
        ranges = (
            {"days": days, "forgotten": FORGOTTEN, "after": after, "last": after + batch}
            for after in range(0, last, batch)
        )
        once = _purge_reports(connection, days, dry_run) + _purge_incidents(connection, days, dry_run)
        return sum((_purge(connection, values, dry_run) for values in ranges), once)


def read_ledger_days() -> float:
    """Return for how many days the ledger keeps what may be personal.

    Raises:
        PermanentError: `EVENT_DELIVERY_LEDGER_DAYS` is no number, or out of bounds.
    """
    text = os.environ.get(DAYS) or str(LEDGER_DAYS)
    try:
        days = float(text)
    except ValueError:
        days = math.nan
    if not FEWEST_LEDGER_DAYS <= days <= MOST_LEDGER_DAYS:
        wanted = f"a number of days from {FEWEST_LEDGER_DAYS} to {MOST_LEDGER_DAYS}"
        raise PermanentError(f"{DAYS}: found {text[:40]!r}, wanted {wanted}. Nothing was removed.")
    return days


def _purge(connection: Connection[Any], values: dict[str, Any], dry_run: bool) -> Purged:
    found = {key: Purged(*counts) for key, *counts in run_statement(connection, "find_outdated.sql", values)}
    if found and not dry_run:
        found = {key: found[key] for key in _forget(connection, {**values, "ids": list(found)})}
    return sum(found.values(), Purged())


def _purge_reports(connection: Connection[Any], days: float, dry_run: bool) -> Purged:
    """Remove the reports that are too old, but never a destination's latest."""
    if dry_run:
        return Purged(reports=read_one(connection, "count_outdated_reconciliations.sql", {"days": days})[0])
    return Purged(reports=run_statement(connection, "forget_reconciliations.sql", {"days": days}).rowcount)


def _purge_incidents(connection: Connection[Any], days: float, dry_run: bool) -> Purged:
    """Remove the incidents that were over before, with their messages: a cause may quote what a server said."""
    if dry_run:
        return Purged(incidents=read_one(connection, "count_outdated_incidents.sql", {"days": days})[0])
    return Purged(incidents=run_statement(connection, "forget_incidents.sql", {"days": days}).rowcount)


def _forget(connection: Connection[Any], values: dict[str, Any]) -> list[int]:
    """Forget what these deliveries hold; returns the ids of those that no attempt has taken up meanwhile."""
    with connection.transaction():
        ids = [key for (key,) in run_statement(connection, "forget_profiles.sql", values)]
        run_statement(connection, "delete_attempts.sql", {**values, "ids": ids})
        run_statement(connection, "forget_errors.sql", {**values, "ids": ids})
    return ids
