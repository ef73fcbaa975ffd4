"""Which events does a destination want at all?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from event_delivery.extract.rendering import render_text
from event_delivery.extract.written_columns import find_column

if TYPE_CHECKING:
    from psycopg import sql

    from event_delivery.delivery import Delivery
    from event_delivery.staging import Column


def filter_events(delivery: Delivery, statement: sql.Composed, columns: list[Column]) -> sql.Composed:
    """Return the statement, in parentheses, of those events that the field `only` lets out.

    Values are compared with each column's text, as a CSV file of the default dialect has it; null is a value, too.

    Raises:
        PermanentError: the statement returns no column of that name.
    """
    from psycopg import sql

    by_name, conditions = {column.name: column for column in columns}, []
    for name, values in delivery.destination.filter_of(delivery.event).items():
        text = render_text(find_column(delivery, "only", name, by_name))
        listed = [value.replace("%", "%%") for value in values if value is not None]
        condition = sql.SQL("{} = any({}::text[])").format(text, sql.Literal(listed))
        if None in values:
            condition = sql.SQL("({} or {} is null)").format(condition, text)
        conditions.append(condition)
    if not conditions:
        return statement
    return sql.SQL("(select * from {} as event where {})").format(statement, sql.SQL(" and ").join(conditions))
