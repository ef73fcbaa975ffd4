"""What is missing of the destinations that somebody asks for, and what of it does a command start?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from event_delivery.completeness.airflow_runs import NightlyDag, read_nightly_dag, start_run
from event_delivery.completeness.asked import require_destination
from event_delivery.completeness.gaps import MissingDay
from event_delivery.completeness.handling import Remedy
from event_delivery.completeness.missing_days import read_missing
from event_delivery.completeness.remedy_run import describe_run, name_occasion, refuse_start, take_days
from event_delivery.destinations import Destination, QuarantinedDestination, load_destinations
from event_delivery.errors import PermanentError
from event_delivery.limits import MISSING_AT_ONCE

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class StartedRun:
    """A run that Airflow has made, and what it brings."""

    brings: Remedy
    dag_id: str
    run_id: str


@dataclass(frozen=True)
class Answer:
    """Missing days, what was started, and sentences: why something was not, and what could not be told or done."""

    missing: Sequence[MissingDay]
    started: Sequence[StartedRun] = ()
    notes: Sequence[str] = ()
    troubles: Sequence[str] = ()


def find_asked(wanted: Sequence[str], now: datetime) -> Answer:
    """Return the missing days of the destinations of these ids, or of all; a quarantined one is a trouble.

    Raises:
        PermanentError: there is no destination of such an id, it is quarantined, or the ledger's database refuses.
        RetryableError: the ledger cannot be reached.
    """
    asked = [require_destination(each) for each in wanted] if wanted else load_destinations()
    troubles = [
        f"{each.id} is quarantined, so what it lacks cannot be told: {each.message}"
        for each in asked if isinstance(each, QuarantinedDestination)
    ]  # fmt: skip
    missing = read_missing([each for each in asked if isinstance(each, Destination)], now)
    return Answer(missing, troubles=troubles)


def start_missing(session: Session, found: Answer, everything: bool, now: datetime) -> Answer:
    """Start runs of what was found, oldest first, and return which; `everything`: all, also beside runs under way.

    Without that as many as one hourly pass would start. Never of a paused DAG, behind which a run would wait. A
    run that Airflow refuses is a trouble, and stops no other.
    """
    occasion = name_occasion(now)
    notes, started, troubles = list[str](), list[StartedRun](), list(found.troubles)
    for destination, days in groupby(found.missing, key=lambda day: day.destination):
        dag = read_nightly_dag(session, destination)
        remedies, said = _choose(destination, list(days), dag, everything)
        notes += said
        for remedy in remedies:
            run = describe_run(remedy, now, occasion)
            try:
                start_run(session, run)
            except PermanentError as error:
                troubles.append(f"{destination}: {error}")
            else:
                started.append(StartedRun(remedy, run["trigger_dag_id"], run["trigger_run_id"]))
    return Answer(found.missing, started, notes, troubles)


def _choose(
    destination: str, days: Sequence[MissingDay], dag: NightlyDag | None, everything: bool
) -> tuple[list[Remedy], list[str]]:
    """Return the days of one destination that are started, and why others are not; in sentences."""
    if dag is None:
        return [], [f"{destination}: nothing is started, for Airflow has no DAG of it (yet)."]
    if dag.is_paused:
        return [], [f"{destination}: nothing is started, for its DAG is paused: unpause it, and ask again."]
    room = MISSING_AT_ONCE - len(dag.open_runs)
    if room <= 0 and not everything:
        return [], [
            f"{destination}: nothing is started, for runs of it are under way; with --all they are not heeded."
        ]
    able = [day for day in days if day.obstacle is None and not dag.carries(day.interval.start, day.event)]
    named = [Remedy(destination, day.event, day.day, why="missing") for day in able]
    refusals = [(each, refuse_start(each, False, dag.next_start)) for each in named]
    startable = [each for each, refusal in refusals if refusal is None]
    chosen = startable if everything else take_days(startable, room)
    return chosen, [refusal for _, refusal in refusals if refusal]
