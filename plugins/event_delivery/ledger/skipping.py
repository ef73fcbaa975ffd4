"""How is it recorded that a day without events brings no file?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import Delivery
from event_delivery.ledger.attempts import RecordedFile
from event_delivery.ledger.beginning import choose_known_file
from event_delivery.ledger.statements import key_of, read_one, run_statement

if TYPE_CHECKING:
    from psycopg import Connection


def may_have_arrived(connection: Connection[Any], delivery: Delivery) -> bool:
    """Tell whether the client has a file of a delivery, or may have one: another one must take its place then."""
    return bool(read_one(connection, "may_have_arrived.sql", key_of(delivery))[0])


def record_skipped(
    connection: Connection[Any], delivery: Delivery, file: RecordedFile, dag_id: str, run_id: str
) -> str:
    """Record that nothing is sent of a day without events, as no attempt; returns what a file would be called."""
    values = {**key_of(delivery), **asdict(file), "dag_id": dag_id, "run_id": run_id}
    values |= {"recipe": json.dumps(file.recipe), "profile": json.dumps(file.profile)}
    with connection.transaction():
        run_statement(connection, "lock_destination.sql", values)
        chosen = choose_known_file(connection, delivery, file, None, values)
        values |= {"number": chosen.number, "file_name": chosen.name}
        (delivery_id,) = read_one(connection, "skip_delivery.sql", values)
        run_statement(connection, "skip_file.sql", {**values, "delivery_id": delivery_id})
    return chosen.name
