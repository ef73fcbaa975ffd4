"""How do we reach a Postgres that an Airflow Connection describes, and say plainly what went wrong there?"""

from __future__ import annotations

import importlib
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, cast

from event_delivery.connection_names import EVENTS_DB, LEDGER_DB
from event_delivery.errors import DeliveryError, PermanentError, RetryableError, explain_missing
from event_delivery.regular_file import read_regular_file

if TYPE_CHECKING:
    import psycopg

__all__ = ["EVENTS_DB", "LEDGER_DB"]
REFUSED = "authentication failed|no password supplied|no pg_hba.conf entry|(role|database) .* does not exist"
_ENDED = ("25P03", "25P04")  # a transaction that was idle, or took, longer than the database lets it
_MOST_KIB = 1_024
_HELD = ": another session holds what is needed; pg_stat_activity and pg_blocking_pids name it. It is tried again"
_PROJECT = Path(__file__).parents[2]


@dataclass
class Opened:
    """The connections that were opened for one question, so that they can be cut under a thread that hangs."""

    connections: list[psycopg.Connection[Any]] = field(default_factory=list)
    given_up: bool = False

    def take(self, connection: psycopg.Connection[Any]) -> None:
        """Take note of a connection; one that comes about too late is closed at once.

        Raises:
            RetryableError: nobody waits for an answer any more.
        """
        self.connections.append(connection)
        if self.given_up:
            connection.close()
            raise RetryableError("The database answered too late: nobody waits for it any more.")


OPENED: ContextVar[Opened | None] = ContextVar("opened", default=None)


def read_statement(file: Path) -> LiteralString:
    """Return the statement of a file, without its closing semicolon.

    Raises:
        PermanentError: there is no such file, or it is none that one reads.
    """
    try:
        text = read_regular_file(file, _MOST_KIB)
    except FileNotFoundError:
        raise PermanentError(f"{_show(file)} is missing.") from None
    except OSError as error:
        raise PermanentError(f"{_show(file)} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise PermanentError(f"{_show(file)} cannot be read: {error}.") from None
    return text.strip().removesuffix(";")


def _show(file: Path) -> Path:
    return file.relative_to(_PROJECT) if file.is_relative_to(_PROJECT) else file


@contextmanager
def connect(*connection_ids: str) -> Iterator[psycopg.Connection[Any]]:
    """Open a connection to the first of these Airflow Connections that is defined, and close it at the end.

    Raises:
        MissingConnectionError: none is defined.
        PermanentError: the database refuses for good (password, right, table, column).
        RetryableError: the database cannot be reached or breaks off.
    """
    import psycopg

    try:
        connection = open_connection(*connection_ids)
        with connection:
            yield connection
    except psycopg.Error as error:
        raise explain_database(error, connection_ids[0]) from None  # a log shows causes, with values


def open_connection(*connection_ids: str) -> psycopg.Connection[Any]:
    """Open a connection to the first of these Airflow Connections that is defined.

    Raises:
        MissingConnectionError: none is defined.
        RetryableError: whoever asked has given up meanwhile.
        psycopg.Error: the database refuses or cannot be reached; `explain_database` says why.
    """
    from airflow.providers.postgres.hooks.postgres import PostgresHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    for connection_id in connection_ids:
        try:
            connection = cast("psycopg.Connection[Any]", PostgresHook(connection_id).get_conn())
        except AirflowNotFoundException:
            continue
        connection.prepare_threshold = None  # behind a pooler the next statement may be another session's
        if (opened := OPENED.get()) is not None:
            opened.take(connection)
        return connection
    raise explain_missing(connection_ids[-1], "postgresql://user:password@host:5432/database") from None


def cut_connection(connection: psycopg.Connection[Any]) -> None:
    """Break a connection under the thread that waits on it, so that it ends; closing it would wait too."""
    import psycopg

    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


def import_drivers() -> None:
    """Import what connecting needs: seconds of work that no time limit of a connection should count."""
    for name in ("airflow.sdk.exceptions", "airflow.providers.postgres.hooks.postgres", "psycopg"):
        importlib.import_module(name)


def hide_values(text: str) -> str:
    """Return PostgreSQL's words about a value without it: it may be a learner's, and have quotes, not doubled."""
    return re.sub('["«»„“”].*["«»„“”]', '"..."', text, flags=re.DOTALL)  # as languages quote


def explain_database(error: psycopg.Error, connection_id: str) -> DeliveryError:
    """Return the failure as a sentence of the operator's, permanent where the database refuses for good."""
    import psycopg

    diagnosis = error.diag
    reason = diagnosis.message_primary or " ".join(str(error).split())
    if isinstance(error, psycopg.errors.LockNotAvailable):
        reason += _HELD
    hint = f" ({diagnosis.message_hint})" if diagnosis.message_hint else ""
    if isinstance(error, psycopg.DataError):
        reason, hint = hide_values(reason), hide_values(hint)
    for_good = (psycopg.ProgrammingError, psycopg.DataError, psycopg.NotSupportedError, psycopg.InternalError)
    is_late = error.sqlstate in _ENDED  # another time it may be quicker
    refused = (isinstance(error, for_good) and not is_late) or re.search(REFUSED, reason)
    kind = PermanentError if refused else RetryableError
    return kind(f"{connection_id}: {reason}{hint}")
