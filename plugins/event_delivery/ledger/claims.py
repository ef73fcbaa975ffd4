"""How is a ledger claimed by an instance, and asked whether it is that one's?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError
from event_delivery.ledger.deliveries import is_settled, lock_delivery
from event_delivery.ledger.instance import (
    Claim,
    Database,
    Instance,
    Verdict,
    judge_claim,
    read_instance,
    refuse_rehearsal,
)
from event_delivery.ledger.statements import read_one, run_statement

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection


def enter_ledger(connection: Connection[Any], delivery: Delivery, instance: Instance) -> PermanentError | None:
    """Hold a delivery; returns why this instance may not upload with this ledger, which is to be recorded.

    Raises:
        RetryableError: another run is delivering it now.
        PermanentError: the same reason, where its record would cover what another instance did.
    """
    lock_delivery(connection, delivery)
    refusal = check_claim(connection, instance)
    if refusal and is_settled(connection, delivery):
        raise refusal
    return refusal


def record_if_ours(connection: Connection[Any], record: Callable[..., None], *values: Any) -> None:
    """Record something in the ledger of this instance.

    Raises:
        PermanentError: it is another instance's, and is left as it is.
    """
    if refusal := find_refusal(connection):
        raise refusal
    record(connection, *values)


def find_refusal(connection: Connection[Any]) -> PermanentError | None:
    """Return why the ledger is not this instance's, or None; nobody claims it by that."""
    claim = read_claim(connection)
    verdict = judge_claim(claim, identify_database(connection), read_instance()) if claim else Verdict.OPEN
    return verdict if isinstance(verdict, PermanentError) else None


def check_upgrade(connection: Connection[Any]) -> None:
    """Check that a ledger may be upgraded by this instance.

    Raises:
        PermanentError: another instance, perhaps of an older release, uses it.
    """
    if not read_one(connection, "find_claims.sql", {})[0] or (claim := read_claim(connection)) is None:
        return
    verdict = judge_claim(claim, identify_database(connection), read_instance())
    if isinstance(verdict, PermanentError):
        raise verdict


def check_claim(connection: Connection[Any], instance: Instance) -> PermanentError | None:
    """Return why this instance may not upload with this ledger, or None; one that may be claimed is."""
    with connection.transaction():
        claim, here = read_claim(connection), identify_database(connection)
        verdict = judge_claim(claim, here, instance)
        if verdict is Verdict.OPEN:
            if claim is None and instance.rehearsal and _holds_deliveries(connection):
                return refuse_rehearsal("it holds deliveries, and nobody has claimed it yet")
            file = "claim_ledger.sql" if claim else "claim_unclaimed_ledger.sql"
            _claim(connection, file, instance.name, instance.rehearsal is not None, here)
            verdict = judge_claim(read_claim(connection), here, instance)
    return verdict if isinstance(verdict, PermanentError) else None


def claim_ledger(connection: Connection[Any], name: str, rehearsal: bool, is_copy: bool = False) -> Claim | None:
    """Let a ledger belong to the instance of this name from now on; returns the claim before.

    `is_copy`: a person says that it is a copy, where the database cannot tell (a disk's snapshot).

    Raises:
        PermanentError: real deliveries would pass for rehearsed ones, or rehearsed ones for real.
    """
    with connection.transaction():
        before, here = read_claim(connection), identify_database(connection)
        copied = is_copy or not (before and before.is_of(here))
        if before and (refusal := _judge_change(connection, before, rehearsal, copied)):
            raise refusal
        _claim(connection, "claim_ledger.sql", name, rehearsal, here)
    return before


def read_claim(connection: Connection[Any]) -> Claim | None:
    """Return to whom the ledger belongs, None when nobody has claimed it."""
    row = run_statement(connection, "read_claim.sql", {}).fetchone()
    return Claim(*row) if row else None


def identify_database(connection: Connection[Any]) -> Database:
    """Return which database this very one is."""
    from psycopg.errors import InsufficientPrivilege

    system = None
    try:
        with connection.transaction():
            [system] = run_statement(connection, "identify_system.sql", {}).fetchone() or [None]
    except InsufficientPrivilege:
        pass
    oid, name = run_statement(connection, "identify_database.sql", {}).fetchone() or (0, "")
    return Database(system, oid, name)


def _judge_change(
    connection: Connection[Any], before: Claim, rehearsal: bool, copied: bool
) -> PermanentError | None:
    if before.rehearsal and not rehearsal and _holds_deliveries(connection, before.claimed_at):
        return PermanentError(
            "The ledger says of rehearsed files that they were delivered: it cannot become a real one. Give this "
            "Airflow a ledger_db of its own, or restore the ledger from before the rehearsal."
        )
    if rehearsal and not before.rehearsal and not copied and _holds_deliveries(connection):
        return PermanentError(
            f"The ledger holds the deliveries of the real instance {before.name!r}, and is no copy for all that "
            f"the database can tell: a rehearsal needs a ledger_db of its own. If you know that it is a copy, "
            f"made by a disk's snapshot or a base backup, add --copy."
        )
    return None


def _holds_deliveries(connection: Connection[Any], since: datetime | None = None) -> bool:
    return bool((run_statement(connection, "find_delivered.sql", {"since": since}).fetchone() or [False])[0])


def _claim(connection: Connection[Any], file: str, name: str, rehearsal: bool, here: Database) -> None:
    values = {"name": name, "rehearsal": rehearsal, "system_identifier": here.system, "database_oid": here.oid}
    run_statement(connection, file, values)
