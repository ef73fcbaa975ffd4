"""How is the ledger asked, so that one that hangs or breaks off holds nobody up?"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Self, TypeVar

from event_delivery.database import LEDGER_DB, cut_connection, import_drivers
from event_delivery.errors import DeliveryError
from event_delivery.ledger.attempts import LedgerError
from event_delivery.ledger.claims import check_upgrade
from event_delivery.ledger.opening import close_ledger_connection, open_ledger_connection
from event_delivery.ledger.questions import explain_failure, put_question
from event_delivery.ledger.schema import LATEST, read_version, upgrade_ledger

if TYPE_CHECKING:
    from psycopg import Connection

Answer = TypeVar("Answer")
_Question = tuple[Callable[["Connection[Any]"], Any], "Future[Any]"]


class BoundedLedger:
    """The ledger on a connection and a thread of its own; whoever asks waits a limited time.

    A server that is frozen heeds no statement_timeout, and a connection that waits for it cannot be cancelled:
    so the waiting is left to a thread, which is let go of. After a question without an answer the lock may be
    lost, and every further question fails.

    Args:
        seconds: the longest wait for one answer, connecting included.
        upgrade_seconds: the longest wait for the ledger's upgrade; None: an older one is left as it is.
    """

    def __init__(self, seconds: float, upgrade_seconds: float | None) -> None:
        self._seconds = seconds
        self._upgrade_seconds = upgrade_seconds
        self._questions: queue.SimpleQueue[_Question | None] = queue.SimpleQueue()
        self._connection: Connection[Any] | None = None
        self._limit: float | None = None  # of each question, where one of the connection does not last
        self._failure: DeliveryError | None = None
        self._opened = False
        threading.Thread(target=self._answer_all, daemon=True, name="ledger").start()

    def __enter__(self) -> Self:
        """Open the ledger, made or upgraded if need be; raises as `ask`."""
        import_drivers()
        try:
            opened = self._wait(self._submit(lambda _: open_ledger_connection(self._seconds)))
            self._connection, self._limit = opened.connection, self._seconds if opened.is_pooled else None
            if self.ask(read_version) != LATEST:
                self._upgrade()
            self._opened = True
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection, which lets go of its locks; one that hangs is cut."""
        if self._connection and not self._failure:
            with contextlib.suppress(DeliveryError):
                self._wait(self._submit(close_ledger_connection))
        self._cut()
        self._questions.put(None)

    def ask(self, question: Callable[..., Answer], *arguments: Any, seconds: float | None = None) -> Answer:
        """Return what a function of the ledger's connection answers.

        Raises:
            LedgerError: no answer within the limit, or the connection broke off, now or at an earlier question.
            PermanentError: the database refuses for good.
        """
        return self._wait(self._put(question, arguments), seconds)

    async def ask_soon(self, question: Callable[..., Answer], *arguments: Any) -> Answer:
        """Do the same within an event loop, without holding it up; raises as `ask`."""
        future = self._put(question, arguments)
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise self._give_up(self._seconds) from None

    def _upgrade(self) -> None:
        if self._upgrade_seconds is None:
            raise LedgerError("the ledger is to be upgraded first, by the next upload")
        if self.ask(read_version):
            self.ask(check_upgrade)
        try:
            self.ask(upgrade_ledger, seconds=self._upgrade_seconds)
        except LedgerError as error:
            raise LedgerError(
                f"{error}: the ledger's upgrade did not come to its end. If that stays so, run: "
                f"python -m event_delivery.ledger upgrade"
            ) from None

    def _put(self, question: Callable[..., Answer], values: tuple[Any, ...]) -> Future[Answer]:
        return self._submit(lambda connection: put_question(connection, question, values, self._limit))

    def _submit(self, question: Callable[[Connection[Any]], Answer]) -> Future[Answer]:
        future: Future[Answer] = Future()
        if self._failure:
            future.set_exception(self._failure)
        else:
            self._questions.put((question, future))
        return future

    def _wait(self, future: Future[Answer], seconds: float | None = None) -> Answer:
        limit = seconds or self._seconds
        try:
            return future.result(limit)
        except TimeoutError:
            raise self._give_up(limit) from None

    def _give_up(self, seconds: float) -> DeliveryError:
        if not self._failure:
            self._failure = LedgerError(f"{LEDGER_DB}: no answer within {seconds:.0f} s")
        self._cut()
        return self._failure

    def _cut(self) -> None:
        if self._connection is not None:
            cut_connection(self._connection)

    def _answer_all(self) -> None:
        while asked := self._questions.get():
            question, future = asked
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(question(self._connection))  # type: ignore[arg-type]
            except BaseException as error:
                future.set_exception(self._explain(error))

    def _explain(self, error: BaseException) -> BaseException:
        """Return a database's error as a sentence; one that broke the connection fails every further question."""
        import psycopg

        if not isinstance(error, psycopg.Error):
            return error
        explained = explain_failure(error, self._opened)
        if self._connection is None or self._connection.closed:
            self._failure = explained = self._failure or explained
        return explained
