"""How is it recorded that an attempt begins, and may it?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import SEND_AGAIN, Delivery
from event_delivery.destinations.file_name import list_placeholders, split_ending
from event_delivery.errors import RefusedError
from event_delivery.ledger.attempts import Attempt, Before, RecordedFile
from event_delivery.ledger.file_names import ChosenFile, KnownFile, choose_file
from event_delivery.ledger.schema_versions import note_while_locked
from event_delivery.ledger.statements import key_of, read_one, run_statement
from event_delivery.schedule import Interval

if TYPE_CHECKING:
    from psycopg import Connection


def begin_attempt(
    connection: Connection[Any],
    delivery: Delivery,
    file: RecordedFile,
    dag_id: str,
    run_id: str,
    retrying: bool,
    decision: str | None = None,
    try_number: int = 1,
    first_try: int = 1,
    allow_overlap: bool = False,
    resumes: bool = False,
) -> Attempt:
    """Record that an attempt starts.

    `retrying`: the run has tried before since it was last cleared, from its `first_try` on. What it reached then
    counts only if the ledger knows of it: a clear delivers again, even where its first try never came this far.

    `resumes`: nobody has asked for the delivery anew, so that counts in any case.

    With the same bytes it carries on from the step that the attempt before it had reached if it is a retry, if the
    delivery is unconfirmed, or if it brings a person's decision: one that another run has heeded before is not
    heeded again. The same run, cleared later, delivers again. An unconfirmed delivery stays so, whatever happens
    to its attempts, until it is delivered or a person has it sent again.

    Raises:
        RefusedError: events of its interval were delivered before, in an interval of another time zone.
    """
    values = {**key_of(delivery), **asdict(file), "dag_id": dag_id, "run_id": run_id}
    values |= {"try_number": try_number, "first_try": first_try}
    values |= {"recipe": json.dumps(file.recipe), "profile": json.dumps(file.profile)}
    with connection.transaction():
        run_statement(connection, "lock_destination.sql", values)
        chosen = choose_known_file(connection, delivery, file, decision, values)
        values |= {"number": chosen.number, "file_name": chosen.name, "replaces": chosen.replaces}
        row = run_statement(connection, "read_delivery.sql", values).fetchone()
        before = Before(*row) if row else None
        if not (allow_overlap or (before and before.delivered_before)):
            _refuse_overlap(connection, delivery, values)
        unconfirmed = before is not None and before.state == "unconfirmed"
        sends_again = unconfirmed and decision == SEND_AGAIN
        decided_anew = decision is not None and before is not None and not before.tried_by_run
        retried = before is not None and (resumes or (retrying and before.tried_since_clear))
        carries_on = not sends_again and (retried or unconfirmed or decided_anew)
        values |= {"sends_again": sends_again, "asks_again": decision == SEND_AGAIN, "carries_on": carries_on}
        delivery_id, number = read_one(connection, "begin_delivery.sql", values)
        values |= {"delivery_id": delivery_id, "attempt": number}
        (file_id,) = read_one(connection, "begin_file.sql", values)
        (attempt_id,) = read_one(connection, "open_attempt.sql", values)
        if columns := file.recipe.get("columns"):  # what an older release staged may lack them
            note_while_locked(connection, values, columns, file.recipe.get("types", ()))
    known = (attempt_id, chosen.name, before, sends_again, carries_on)
    return Attempt(number, delivery_id, file_id, *known, tuple(filter(None, (file.unready, file.unusual))))


def choose_known_file(
    connection: Connection[Any],
    delivery: Delivery,
    file: RecordedFile,
    decision: str | None,
    values: dict[str, Any],
) -> ChosenFile:
    """Return number and name of a delivery's file, whose destination is locked.

    Raises:
        RefusedError: nobody can tell whether a file of another format arrived, and no `decision` says so.
    """
    known = [KnownFile(*row) for row in run_statement(connection, "read_file_names.sql", values)]
    chosen = choose_file(known, file.file_name)
    if not known and "suffix" not in list_placeholders(delivery.destination.file_name):
        stem = split_ending(chosen.name)[0]
        beside = run_statement(connection, "read_names_beside.sql", {**values, "stem": stem})
        is_taken = any(split_ending(name)[0] == stem for (name,) in beside)
        chosen = chosen._replace(name=delivery.add_suffix(chosen.name)) if is_taken else chosen
    asked = next((each for each in known if each.is_current and each.is_unconfirmed), None)
    if asked and asked.number != chosen.number and decision != SEND_AGAIN:
        raise RefusedError(
            f"{delivery.destination.id}: nobody can tell whether {asked.name} arrived, and the format is another "
            f"one now. Nothing was sent. Set the format back until that is decided, or have it sent again."
        )
    return chosen


def _refuse_overlap(connection: Connection[Any], delivery: Delivery, values: dict[str, Any]) -> None:
    found = run_statement(connection, "find_overlaps.sql", values).fetchall()
    if not found:
        return
    named = "; ".join(f"{name or 'a delivery under way'} ({Interval(start, end)})" for start, end, name in found)
    raise RefusedError(
        f"{delivery.destination.id}: the client has events of {delivery.interval}, or may have them, from another "
        f"zone's day: {named}. Nothing was delivered. May the client get them twice? Then trigger a run with "
        f"allow_overlap."
    )
