"""Is the last night whole, and would anybody notice if not?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from event_delivery.destinations import AnyDestination
from event_delivery.errors import DeliveryError
from event_delivery.limits import HEARTBEAT_SILENT, WATCH_SILENT
from event_delivery.orchestration.names import WATCH_DAG
from event_delivery.page.answers.days import choose_range
from event_delivery.page.answers.instants import show_instant
from event_delivery.page.answers.last_night import list_last_night
from event_delivery.page.answers.overview import read_overview
from event_delivery.page.answers.shapes.health import Beat, Health, LastNightHealth, UndeliveredNight
from event_delivery.page.answers.states import WORST_FIRST, State
from event_delivery.page.sources.heartbeats import Heartbeats, read_heartbeats

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SCHEMA = 1
_UNDELIVERED: tuple[State, ...] = ("quarantined", "failed", "unconfirmed", "held", "missing")
_UNDER_WAY: tuple[State, ...] = ("retrying", "running", "due")
_DAYS = timedelta(2)  # before the last: where a zone is behind, or its night is merely due


@dataclass(frozen=True)
class HealthFacts:
    """What is known of the last night, None: the ledger cannot be read, for `ledger_error`; and who lives."""

    nights: tuple[UndeliveredNight, ...] | None
    ledger_error: str | None
    seen: Heartbeats
    now: datetime


def read_health(session: Session, destinations: Sequence[AnyDestination], now: datetime) -> HealthFacts:
    """Return what is known: what Airflow's own database says, also where the ledger says nothing."""
    seen = read_heartbeats(session)
    try:
        return HealthFacts(tuple(_list_nights(session, destinations, now)), None, seen, now)
    except DeliveryError as error:
        return HealthFacts(None, str(error), seen, now)


def describe_health(facts: HealthFacts, readable: frozenset[str] | None) -> Health:
    """Return the answer; `readable`: whose names the asker may see, None: nobody is logged in."""
    night = _describe_night(facts.nights)
    scheduler, processor = (_beat(at, facts.now, HEARTBEAT_SILENT) for at in facts.seen[:2])
    watch = _beat(facts.seen.watch, facts.now, WATCH_SILENT)
    reasons = _list_reasons(night, scheduler, processor, watch)
    answer: Health = {
        "schema": SCHEMA,
        "healthy": not reasons,
        "checked_at": show_instant(facts.now),
        "reasons": reasons,
        "last_night": night,
        "scheduler": scheduler,
        "dag_processor": processor,
        "watch": watch,
    }
    if readable is None:
        return answer
    open_nights = [night for night in facts.nights or () if night["state"] in _UNDELIVERED]
    named = [night for night in open_nights if night["destination"] in readable]
    return {**answer, "undelivered": named, "ledger_error": facts.ledger_error}


def _list_nights(
    session: Session, destinations: Sequence[AnyDestination], now: datetime
) -> list[UndeliveredNight]:
    _, last = choose_range(destinations, None, None, now)
    overview = read_overview(session, destinations, last - _DAYS, last, now)
    return [
        {"destination": row["id"], "event": cell["event"], "day": cell["day"], "state": cell["state"]}
        for row, cell in list_last_night(overview["destinations"], str(last))
    ]


def _describe_night(nights: Sequence[UndeliveredNight] | None) -> LastNightHealth:
    states = Counter(night["state"] for night in nights or ())
    undelivered = sum(states[state] for state in _UNDELIVERED)
    return {
        "whole": None if nights is None else not undelivered,
        "under_way": sum(states[state] for state in _UNDER_WAY),
        "undelivered": undelivered,
        "states": {state: states[state] for state in WORST_FIRST if states[state]},
    }


def _beat(at: datetime | None, now: datetime, silent: timedelta) -> Beat:
    return {"alive": at is not None and now - at <= silent, "seen_at": show_instant(at) if at else None}


def _list_reasons(night: LastNightHealth, scheduler: Beat, processor: Beat, watch: Beat) -> list[str]:
    reasons = []
    if night["whole"] is None:
        reasons.append("The ledger cannot be read: whether the last night is whole, nobody can tell.")
    if night["undelivered"]:
        found = ", ".join(f"{night['states'][s]} {s}" for s in _UNDELIVERED if s in night["states"])
        reasons.append(f"The last night is not whole: {found}.")
    if not scheduler["alive"]:
        reasons.append(f"Airflow's scheduler was last seen {_when(scheduler)}: no run starts without it.")
    if not processor["alive"]:
        reasons.append(f"Airflow's dag processor was last seen {_when(processor)}: no edit takes effect.")
    if not watch["alive"]:
        reasons.append(f"{WATCH_DAG} last ended well {_when(watch)}: nobody is told of what is wrong.")
    return reasons


def _when(beat: Beat) -> str:
    return f"at {beat['seen_at']}" if beat["seen_at"] else "never"
