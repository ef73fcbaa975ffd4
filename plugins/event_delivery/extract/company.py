"""Does the source take a destination's company_id for what the statement compares it with?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError

if TYPE_CHECKING:
    from psycopg import Cursor, Error, sql

_TYPE = re.compile(r"(?:type|enum) (.+?)(?:: |$)")


def ask_for_company(
    cursor: Cursor[Any], question: sql.Composed, parameters: Mapping[str, Any], delivery: Delivery
) -> None:
    """Run a question that reads no row.

    Raises:
        PermanentError: PostgreSQL cannot make of the company_id what it is compared with, or the statement has a
            parameter without a name.
        psycopg.Error: anything else is wrong.
    """
    import psycopg

    try:
        with cursor.connection.transaction():
            cursor.execute(question, parameters)
    except TypeError:
        raise PermanentError(_explain_nameless(delivery)) from None
    except psycopg.DataError as error:
        if _is_right_without_company(cursor, question, parameters):
            raise PermanentError(_explain(error, delivery)) from None
        raise


def _is_right_without_company(cursor: Cursor[Any], question: sql.Composed, parameters: Mapping[str, Any]) -> bool:
    import psycopg

    try:
        with cursor.connection.transaction():
            cursor.execute(question, {**parameters, "company_id": None})
    except psycopg.Error:
        return False
    return True


def _explain_nameless(delivery: Delivery) -> str:
    return (
        f"include/sql/{delivery.event_type.sql} has a parameter without a name, such as %s: wanted "
        "%(company_id)s, %(interval_start)s and %(interval_end)s; any other % is written twice."
    )


def _explain(error: Error, delivery: Delivery) -> str:
    reason = error.diag.message_primary or ""
    match = _TYPE.search(reason)
    destination = delivery.destination
    return (
        f"{destination.id}: field 'company_id': found {destination.company_id!r}, wanted "
        f"{match[1] if match else 'another type'}, which include/sql/{delivery.event_type.sql} compares it with "
        f"({reason})."
    )
