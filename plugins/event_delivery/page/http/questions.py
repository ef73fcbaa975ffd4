"""How is a question answered in time, and by threads of our own, whatever hangs behind it?"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from fastapi import HTTPException

from event_delivery.database import OPENED
from event_delivery.ledger.opening import cut_ledger_connection
from event_delivery.limits import PAGE_ANSWER

THREADS, WAITING = 8, 32  # Airflow's API server has 40 threads for all: what hangs here takes none of them
_ROOM = ThreadPoolExecutor(THREADS, thread_name_prefix="deliveries-page")
_open: set[asyncio.Future[Any]] = set()

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


async def answer_in_time(question: Callable[Given, Answer], *given: Given.args, **named: Given.kwargs) -> Answer:
    """Return what a function answers, within `PAGE_ANSWER` seconds; raises as `answer_within`."""
    return await answer_within(PAGE_ANSWER, lambda: question(*given, **named))


async def answer_within(seconds: float, question: Callable[[], Answer]) -> Answer:
    """Return what a function answers, in a thread of ours.

    One that does not answer in time is let go of, its connections to our databases cut, so that its thread ends.

    Raises:
        HTTPException: 504 without an answer in time, 503 where too many wait; and what the function raises.
    """
    if len(_open) >= THREADS + WAITING:
        wait = {"Retry-After": str(PAGE_ANSWER)}
        raise HTTPException(503, "Too many questions wait for an answer. Try again in a minute.", wait)
    opened: list[Any] = []
    context = contextvars.copy_context()
    context.run(OPENED.set, opened)
    running = asyncio.get_running_loop().run_in_executor(_ROOM, context.run, question)
    _open.add(running)
    running.add_done_callback(_forget)
    done, _ = await asyncio.wait([running], timeout=seconds)
    if done:
        return running.result()
    for connection in opened:
        cut_ledger_connection(connection)
    raise HTTPException(
        504,
        f"No answer within {seconds:.0f} s: the ledger, Airflow's database or the folder of destinations does not "
        "answer.",
    )


def _forget(ended: asyncio.Future[Any]) -> None:
    """Take note of an end, also of a failure that nobody waits for any more."""
    _open.discard(ended)
    if not ended.cancelled():
        ended.exception()
