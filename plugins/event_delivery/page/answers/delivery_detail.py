"""What exactly was sent, when, and what went wrong before?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.destinations import EVENT_TYPES, AnyDestination, Destination
from event_delivery.ledger.reading import open_ledger_reading
from event_delivery.ledger.records import AttemptRecord, DeliveryRecord
from event_delivery.orchestration.links import link_connection, link_dag, link_log, link_run
from event_delivery.orchestration.names import dag_id_of_test_file, nightly_dag_id
from event_delivery.page.answers.night import show_instant
from event_delivery.page.answers.overview import read_overview
from event_delivery.page.answers.support import describe_for_client
from event_delivery.page.sources.knowledge import day_of_run, span_of_days
from event_delivery.page.sources.runs import read_runs_of_days

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_SECOND = timedelta(seconds=1)
_KEPT = ("file_name", "remote_path", "rows", "bytes", "sha256", "last_error", "permanent", "profile")


def read_delivery(
    session: Session,
    destination: AnyDestination,
    event: str,
    day: date,
    kind: str,
    start: datetime | None,
    now: datetime,
) -> dict[str, Any] | None:
    """Return all that is known about a delivery, or None when nothing is.

    A test file is named by `start`, the instant that its run began, else it is the latest of the day.
    """
    since, until = (start, start + _SECOND) if start else _span(destination, day)
    record, attempts = _read_records(destination.id, event, kind, since, until)
    cell = _read_cell(session, destination, event, day, now) if kind == "nightly" else _judge_test(record)
    if record is None and cell is None:
        return None
    answer = _describe(destination, event, day, kind, record, attempts)
    answer |= {"state": (cell or {}).get("s"), "cell": cell}
    answer["last_error"] = answer["last_error"] or (cell or {}).get("err")
    answer["links"] = _link(session, destination, event, day, kind, record)
    answer["support"] = describe_for_client(answer)
    return answer


def _describe(
    destination: AnyDestination,
    event: str,
    day: date,
    kind: str,
    record: DeliveryRecord | None,
    attempts: Sequence[AttemptRecord],
) -> dict[str, Any]:
    kept: dict[str, Any] = asdict(record) if record else {}
    seconds, size, delivered_at = kept.get("seconds"), kept.get("bytes"), kept.get("delivered_at")
    planned = _plan(destination, event, day, kind, kept)
    return {
        "destination": destination.id,
        "client": destination.client,
        "event": event,
        "day": str(day),
        "kind": kind,
        **{name: kept.get(name) for name in _KEPT},
        "file_name": kept.get("file_name") or (planned.file_name if planned else None),
        "seconds": seconds,
        "rate": round(size / seconds) if seconds and size else None,
        "delivered_at": show_instant(delivered_at) if delivered_at else None,
        "due": show_instant(planned.due) if planned else None,
        "attempts": [_describe_attempt(attempt) for attempt in attempts],
    }


def _describe_attempt(attempt: AttemptRecord) -> dict[str, Any]:
    started, ended = attempt.started_at, attempt.ended_at
    return {
        "attempt": attempt.attempt,
        "run_id": attempt.run_id,
        "started_at": show_instant(started),
        "ended_at": show_instant(ended) if ended else None,
        "seconds": round((ended - started).total_seconds(), 3) if ended else None,
        "bytes_sent": attempt.bytes_sent,
        "error": attempt.error,
        "permanent": attempt.permanent,
    }


def _span(destination: AnyDestination, day: date) -> tuple[datetime, datetime]:
    from event_delivery.schedule import LocalDay

    local = LocalDay(day, destination.schedule.timezone)
    return local.start, local.end


def _read_records(
    destination_id: str, event: str, kind: str, since: datetime, until: datetime
) -> tuple[DeliveryRecord | None, list[AttemptRecord]]:
    with open_ledger_reading() as ledger:
        record = ledger.find_delivery(destination_id, event, kind, since, until)
        return record, ledger.read_attempts(record) if record else []


def _read_cell(
    session: Session, destination: AnyDestination, event: str, day: date, now: datetime
) -> dict[str, Any] | None:
    [row] = read_overview(session, [destination], day, day, now)["destinations"]
    return next((cell for cell in row["cells"] if cell["e"] == event), None)


def _judge_test(record: DeliveryRecord | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {"s": {"delivered": "delivered", "failed": "failed"}.get(record.state, "running")}


def _plan(
    destination: AnyDestination, event: str, day: date, kind: str, record: dict[str, Any]
) -> Delivery | None:
    """Return the delivery as its name and due instant derive from the configuration."""
    if not isinstance(destination, Destination) or event not in EVENT_TYPES:
        return None
    if kind == "nightly":
        return nightly_delivery(destination, event, destination.day(day))
    start = record.get("interval_start")
    return delivery_of_test_file(destination, event, start) if start else None


def _link(
    session: Session,
    destination: AnyDestination,
    event: str,
    day: date,
    kind: str,
    record: DeliveryRecord | None,
) -> dict[str, str | None]:
    dag_id = nightly_dag_id(destination.id) if kind == "nightly" else dag_id_of_test_file(destination.id)
    run_id = _find_run_id(session, destination, day) if kind == "nightly" else None
    run_id = run_id or (record.run_id if record else None)
    connection = destination.connection if isinstance(destination, Destination) else None
    events = destination.events if isinstance(destination, Destination) else ()
    mapped = events.index(event) if kind == "nightly" and len(events) > 1 and event in events else -1
    return {
        "dag": link_dag(dag_id),
        "run": link_run(dag_id, run_id) if run_id else None,
        "log": link_log(dag_id, run_id, mapped) if run_id else None,
        "connection": link_connection(connection) if connection else None,
    }


def _find_run_id(session: Session, destination: AnyDestination, day: date) -> str | None:
    """Return the latest run of the day; the ledger knows only those that came to the upload."""
    schedule = destination.schedule
    runs = read_runs_of_days(session, nightly_dag_id(destination.id), *span_of_days(day, day))
    return next((run.run.run_id for run in reversed(runs) if day_of_run(run, schedule) == day), None)
