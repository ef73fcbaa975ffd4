"""Is there a ledger, is it ours, and has it this release's version?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from event_delivery.database import EVENTS_DB, LEDGER_DB, connect
from event_delivery.ledger.claims import check_upgrade
from event_delivery.ledger.opening import require_version, set_time_limit, upgrade_if_older
from event_delivery.ledger.schema import read_version
from event_delivery.limits import LIMITS

if TYPE_CHECKING:
    from psycopg import Connection


def prepare_ledger() -> None:
    """Bring this instance's ledger to this release's version; where there is none yet, none is made.

    Raises:
        PermanentError: it is another instance's, a newer release made it, or the database refuses.
        RetryableError: the database cannot be reached or takes too long.
    """
    with connect(LEDGER_DB, EVENTS_DB) as connection:
        connection.autocommit = True
        set_time_limit(connection, LIMITS.ledger_upgrade)
        prepare(connection)


def prepare(connection: Connection[Any], upgrades: bool = True) -> bool:
    """Tell whether there is a ledger, which is ours and, upgraded if need be, of this release.

    Raises:
        PermanentError: it is another instance's, of a newer release, or older and not to be upgraded.
    """
    if read_version(connection) is None:
        return False
    check_upgrade(connection)
    if upgrades:
        upgrade_if_older(connection)
    return require_version(connection)
