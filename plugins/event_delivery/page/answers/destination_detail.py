"""How is a destination set up, by which keys is its server known, and how have its last 90 days been?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from event_delivery.destinations import AnyDestination
from event_delivery.limits import LIMITS, RETRIES
from event_delivery.orchestration.links import link_connection, link_dag
from event_delivery.orchestration.names import dag_id_of_test_file, nightly_dag_id
from event_delivery.page.answers.cells import judge_nights
from event_delivery.page.answers.days import Calendar, choose_range
from event_delivery.page.answers.history import describe_history
from event_delivery.page.answers.latest_test_file import describe_test_file
from event_delivery.page.answers.notices import describe_row
from event_delivery.page.answers.reconciliations import describe_reconciliations
from event_delivery.page.answers.server_facts import SEES_ALL, Rights, describe_server
from event_delivery.page.answers.shapes.destination import (
    ClientFiles,
    DestinationDetail,
    DestinationLinks,
    FieldValue,
)
from event_delivery.page.sources.knowledge import gather_knowledge
from event_delivery.page.sources.setup import read_setup
from event_delivery.schedule import retry_window

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_HISTORY_DAYS = 90


def read_destination(
    session: Session, destination: AnyDestination, now: datetime, rights: Rights = SEES_ALL
) -> DestinationDetail:
    """Return a destination's configuration as read, its server, and its history.

    `rights`: what of the server the reader may see and confirm.
    """
    _, last = choose_range([destination], None, None, now)
    calendar = Calendar(last - timedelta(_HISTORY_DAYS - 1), last)
    known = gather_knowledge(session, [destination], calendar.first, calendar.last, now)
    judged, setup = judge_nights(destination, known, calendar, now), read_setup(destination)
    return {
        "id": destination.id,
        "client": destination.client,
        "quarantined": setup.problem,
        "notice": describe_row(setup, judged, known.is_paused(destination.id), known.forecasts(destination.id)),
        "configuration": _describe_configuration(destination),
        **describe_server(destination, rights),
        "test_file": describe_test_file(destination.id, known),
        "history": describe_history(judged),
        "limits": {"transfer": round(LIMITS.task), "window": retry_window(), "retries": RETRIES},
        "reconciliations": describe_reconciliations(session, destination.id),
        "links": _link(destination),
        "files": _describe_files(destination, rights),
    }


def _describe_configuration(destination: AnyDestination) -> dict[str, FieldValue]:
    """Return the fields; a destination file holds no secrets, they belong in the Connection."""
    right = read_setup(destination).destination
    return right.model_dump(mode="json") | {"deliver_at": f"{right.deliver_at:%H:%M}"} if right else {}


def _describe_files(destination: AnyDestination, rights: Rights) -> ClientFiles | None:
    right = read_setup(destination).destination
    if right is None:
        return None
    return {"events": list(right.events), "format": right.format, "may_show_values": rights.may_show_values}


def _link(destination: AnyDestination) -> DestinationLinks:
    connection = read_setup(destination).connection
    return {
        "dag": link_dag(nightly_dag_id(destination.id)),
        "test_dag": link_dag(dag_id_of_test_file(destination.id)) if connection else None,
        "connection": link_connection(connection) if connection else None,
    }
