"""How is a database asked, so that one that hangs holds nobody up?"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from event_delivery.database import OPENED, Opened, cut_connection, import_drivers
from event_delivery.errors import RetryableError

Answer = TypeVar("Answer")


def answer_within(name: str, seconds: float, question: Callable[[], Answer]) -> Answer:
    """Return what is answered in time, asked on a thread of its own: a server that is frozen heeds no limit.

    Args:
        name: of the database's Connection, for the message.
        seconds: after which it is let go of, its connections cut.
        question: opens its connections by `connect`.

    Raises:
        RetryableError: there was no answer.
        BaseException: whatever the question raises.
    """
    import_drivers()
    opened, answer = Opened(), Future[Answer]()
    context = contextvars.copy_context()
    context.run(OPENED.set, opened)

    def ask() -> None:
        try:
            answer.set_result(context.run(question))
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=ask, daemon=True, name="database-answer").start()
    try:
        return answer.result(seconds)
    except TimeoutError:
        if answer.done():  # the question's own
            raise
        let_go(opened)
        raise RetryableError(f"{name}: no answer within {seconds:.0f} s.") from None


def let_go(opened: Opened) -> None:
    """Cut the connections that were opened for a question which nobody waits for any more."""
    opened.given_up = True
    for connection in opened.connections:
        cut_connection(connection)
