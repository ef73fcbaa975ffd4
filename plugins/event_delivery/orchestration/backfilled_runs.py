"""Does a run that nobody cleared deliver again what was delivered: one of a backfill, or a night made twice?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from event_delivery.orchestration.names import LEAVE_DELIVERED, LEAVE_DELIVERED_SINCE


def leave_delivered(dag_run: Any) -> None:
    """Have a new run of a backfill leave its day alone if that is delivered, unless completed days were asked for.

    Airflow knows a day's run by its logical date, which a manual run has not, nor one that was deleted: it makes a
    new one, and the client would get the day again. `dag_run` is in the scheduler's session.
    """
    from airflow.models.backfill import Backfill
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None or dag_run.clear_number:
        return
    backfill = session.get(Backfill, dag_run.backfill_id)
    if backfill is not None and str(backfill.reprocess_behavior) != "completed":
        dag_run.conf = {**(dag_run.conf or {}), LEAVE_DELIVERED: True}


def leaves_delivered(dag_run: Any) -> bool:
    """Tell whether a run leaves a delivered day alone: once it is cleared, it delivers again."""
    return bool((dag_run.conf or {}).get(LEAVE_DELIVERED)) and not getattr(dag_run, "clear_number", 0)


def leaves_delivered_since(dag_run: Any) -> datetime | None:
    """Return since when a delivery that came is left alone by a run: it was to bring that, and another one did."""
    since = (dag_run.conf or {}).get(LEAVE_DELIVERED_SINCE)
    if getattr(dag_run, "clear_number", 0) or not isinstance(since, str):
        return None
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def is_uncleared_night(dag_run: Any) -> bool:
    """Tell whether a run is of the schedule, and nobody has cleared it.

    Where Airflow's metadata were restored to an older state, the scheduler makes such runs again, by the same ids,
    of nights that were delivered since.
    """
    run_type = str(getattr(dag_run.run_type, "value", dag_run.run_type))
    return run_type == "scheduled" and not getattr(dag_run, "clear_number", 0)
