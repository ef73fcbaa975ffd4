"""How does a person say of an incident that it is seen, or that nothing is to be told of it for a while?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import HTTPException

from event_delivery.connection.kept import record_in_audit_log
from event_delivery.errors import DeliveryError, PermanentError
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.claims import record_if_ours
from event_delivery.ledger.incident_answers import acknowledge_incident, snooze_incident, unsnooze_incident
from event_delivery.ledger.incidents import IncidentRecord, find_incident
from event_delivery.limits import PAGE_WRITES, SNOOZED_AT_MOST
from event_delivery.page.answers.incidents import is_readable, may_answer
from event_delivery.page.answers.instants import show_instant
from event_delivery.page.answers.shapes.incident import Answered
from event_delivery.page.http.access import filter_readable, find_changeable
from event_delivery.page.sources.metadata import open_metadata


def acknowledge(user: Any, incident_id: int) -> Answered:
    """Record that the user has seen an open incident; raises as `snooze`."""
    name = str(user.get_name())
    audited = partial(_audit, "acknowledge_incident", name, incident_id)
    _record(user, incident_id, audited, partial(acknowledge_incident, user=name, now=datetime.now(UTC)))
    return {"id": incident_id, "said": "The page shows that you have seen it. Messages go on as they would."}


def snooze(user: Any, incident_id: int, until: datetime, reason: str) -> Answered:
    """Have nothing told of an open incident until an instant, or until it is over.

    Raises:
        HTTPException: 404 there is none that the user may read, 403 when the user may not change the DAGs of all
            of its destinations, 409 it is over or the ledger refuses, 422 the instant is past or too far, 503 the
            ledger gives no answer.
    """
    now = datetime.now(UTC)
    if not now < until <= now + SNOOZED_AT_MOST:
        raise HTTPException(422, f"Snooze until an instant of the next {SNOOZED_AT_MOST.days} days.")
    said = {"until": show_instant(until), "reason": reason}
    audited = partial(_audit, "snooze_incident", str(user.get_name()), incident_id, **said)
    _record(user, incident_id, audited, partial(snooze_incident, until=until, reason=reason))
    return {"id": incident_id, "said": f"Nothing is told of it until {show_instant(until)}, or until it is over."}


def unsnooze(user: Any, incident_id: int) -> Answered:
    """Take a snooze back: what was held goes out by the next look; raises as `snooze`."""
    audited = partial(_audit, "unsnooze_incident", str(user.get_name()), incident_id)
    _record(user, incident_id, audited, unsnooze_incident)
    return {"id": incident_id, "said": "The snooze is taken back: what was held is told by the next look."}


@contextmanager
def _audit(event: str, user: str, incident_id: int, **details: str) -> Iterator[None]:
    """Record in Airflow's audit log what is done within; what fails is not there, nor done where that fails.

    Nothing within may open Airflow's database: a thread has one session, which the inner one would commit.
    """
    with open_metadata() as session:
        record_in_audit_log(session, event, user, incident=incident_id, **details)
        session.flush()
        yield


def _record(
    user: Any, incident_id: int, audited: Callable[[], AbstractContextManager[None]], record: Callable[..., None]
) -> None:
    try:
        with BoundedLedger(PAGE_WRITES, None) as ledger:
            _require_answering(user, ledger.ask(find_incident, incident_id))
            with audited():
                ledger.ask(record_if_ours, record, incident_id)
    except DeliveryError as error:
        raise HTTPException(409 if isinstance(error, PermanentError) else 503, str(error)) from None


def _require_answering(user: Any, incident: IncidentRecord | None) -> None:
    readable = {each.id for each in filter_readable(user)}
    if incident is None or not is_readable(incident, readable):
        raise HTTPException(404, "There is no such incident.")
    if not may_answer(replace(incident, closed_at=None), readable, find_changeable(user, sorted(readable))):
        raise HTTPException(
            403, "To answer for an incident is to act on all of its destinations, and you may not do that."
        )
