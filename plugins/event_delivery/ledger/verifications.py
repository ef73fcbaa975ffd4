"""Which delivered files are to be looked at once more on their server, and what was seen?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from event_delivery.ledger.statements import run_statement
from event_delivery.limits import VERIFIED_AGAIN, VERIFIED_WITHIN

if TYPE_CHECKING:
    from datetime import timedelta

    from psycopg import Connection


class UnverifiedFile(NamedTuple):
    """A delivered file that nobody has looked at since: where it lies, and what was sent (bytes, sha256).

    `server`: host and port, None: an older release did not note it. `pieces`: of a split file, path, bytes and
    sha256 of each part and of its manifest; None: it is not split.
    """

    id: int
    event: str
    interval_start: datetime
    interval_end: datetime
    file_name: str
    remote_path: str
    server: str | None
    bytes: int
    sha256: str
    delivered_at: datetime
    pieces: list[tuple[str, int, str]] | None = None

    def list_pieces(self) -> list[UnverifiedFile]:
        """Return what lies there of it: the file itself, or its parts and manifest, as such files."""
        pieces = self.pieces or [(self.remote_path, self.bytes, self.sha256)]
        return [self._replace(remote_path=path, bytes=size, sha256=sha256) for path, size, sha256 in pieces]


def find_unverified(
    connection: Connection[Any], destination: str, login: str, age: timedelta, now: datetime
) -> list[UnverifiedFile]:
    """Return a destination's files that were delivered at least `age` ago and not looked at since, oldest first.

    None where a look by the Connection `login` failed less than a day ago, and nothing was delivered to the
    destination since; none of test files, and of files that are sent again now.
    """
    values = {
        "destination": destination,
        "connection": login,
        "since": now - age - VERIFIED_WITHIN,
        "until": now - age,
    }
    rows = run_statement(connection, "find_unverified.sql", {**values, "failed_since": now - VERIFIED_AGAIN})
    return [UnverifiedFile(*row) for row in rows]


def record_verification(
    connection: Connection[Any], file: UnverifiedFile, found: str, as_sent: bool | None
) -> bool:
    """Record what was seen of a file; tells whether that counts: it was not sent again meanwhile."""
    values = {"file_id": file.id, "delivered_at": file.delivered_at, "found": found, "as_sent": as_sent}
    return run_statement(connection, "record_verification.sql", values).fetchone() is not None


def record_failed_look(connection: Connection[Any], login: str, failed_at: datetime) -> None:
    """Record that by the Connection `login` a server could not be looked at."""
    run_statement(connection, "record_failed_look.sql", {"connection": login, "failed_at": failed_at})
