"""Which run brings a client what it lacks, and which of many come first?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from event_delivery.completeness.handling import Remedy
from event_delivery.delivery import name_kind
from event_delivery.destinations import Destination, find_destination
from event_delivery.limits import RUNS_STARTED_AT_ONCE
from event_delivery.run_names import (
    DAY_PARAM,
    EVENT_PARAM,
    LEAVE_DELIVERED,
    LEAVE_DELIVERED_SINCE,
    SUPPLEMENT_PARAM,
    nightly_dag_id,
)

_INSTANT = timedelta(microseconds=1)


def describe_run(remedy: Remedy, now: datetime, occasion: str | None = None) -> dict[str, Any]:
    """Return a remedy's run, as TriggerDagRunOperator takes it.

    At most one for each day, event type and number on an `occasion`, which is today's date (UTC) unless told
    otherwise.
    """
    conf: dict[str, Any] = {DAY_PARAM: str(remedy.day), EVENT_PARAM: remedy.event}
    if remedy.supplement:
        conf[SUPPLEMENT_PARAM] = remedy.supplement
    if remedy.why == "missing":
        conf[LEAVE_DELIVERED] = True
    else:
        since = remedy.known_until + _INSTANT if remedy.known_until else now
        conf[LEAVE_DELIVERED_SINCE] = since.isoformat()  # by the run of the date before, which waited for its turn
    number = f"__{name_kind(remedy.supplement)}" if remedy.supplement else ""
    occasion = occasion or f"{now.astimezone(UTC):%Y-%m-%d}"
    run_id = f"{remedy.why}__{remedy.event}__{remedy.day}{number}__{occasion}"
    return {"trigger_dag_id": nightly_dag_id(remedy.destination), "trigger_run_id": run_id, "conf": conf}


def name_occasion(now: datetime) -> str:
    """Return the occasion of runs that a person asks for: each time a new one."""
    return f"asked_{now.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}"


def refuse_start(remedy: Remedy, is_paused: bool, next_start: datetime | None) -> str | None:
    """Return why no run is started now, or None; the day is found again later.

    Args:
        remedy: what the run would bring.
        is_paused: whether the destination's DAG is: a run would wait behind that.
        next_start: where the interval of its next scheduled run starts; from there on catchup delivers every day.
    """
    if is_paused:
        return f"{remedy.destination}: its DAG is paused; {remedy.day} is not brought now. Unpause it."
    destination = find_destination(remedy.destination)
    if remedy.why == "late" or next_start is None or not isinstance(destination, Destination):
        return None
    if destination.day(remedy.day).start < next_start:
        return None
    return f"{remedy.destination}: {remedy.day} is still to be scheduled; it is left to the schedule."


def take_days(remedies: Sequence[Remedy], most: int) -> list[Remedy]:
    """Return the remedies of the first `most` days, whatever event types these have; in order."""
    days = list(dict.fromkeys(each.day for each in remedies))[: max(0, most)]
    return [each for each in remedies if each.day in days]


def share_out(remedies: Sequence[Remedy], most: int = RUNS_STARTED_AT_ONCE) -> list[Remedy]:
    """Return as many remedies as are started in one pass: each destination's first before anyone's second.

    So no outage of one destination holds up another. Those of each destination stay in their order.
    """
    ranks: dict[str, int] = {}
    ranked = []
    for remedy in remedies:
        rank = ranks[remedy.destination] = ranks.get(remedy.destination, -1) + 1
        ranked.append((rank, remedy))
    return [remedy for _, remedy in sorted(ranked, key=lambda each: each[0])[:most]]
