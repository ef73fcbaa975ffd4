"""How is a Connection of Airflow's own database found and changed, so that the audit log says who did it?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def find_kept(session: Session, connection_id: str, to_change: bool = False) -> Any:
    """Return the Connection of this id, None where there is none.

    `to_change`: as it is now, held until the session ends, so that no other change is undone.
    """
    from airflow.models.connection import Connection
    from sqlalchemy import select

    query = select(Connection).where(Connection.conn_id == connection_id)
    if to_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def set_option(connection: Any, name: str, value: str) -> None:
    """Set one option of a Connection's extra; the others stay as they are."""
    connection.set_extra(json.dumps({**connection.extra_dejson, name: value}))


def record_in_audit_log(session: Session, event: str, user: str, **details: object) -> None:
    """Record what was done, by whom; `details` hold no secret."""
    from airflow.models.log import Log

    session.add(Log(event=event, owner=user, extra=json.dumps(details)))
