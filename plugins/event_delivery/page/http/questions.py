"""How is a question answered in time, and by threads of our own, whatever hangs behind it?"""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, ParamSpec, TypeVar

from fastapi import HTTPException

from event_delivery.database import OPENED, Opened
from event_delivery.database_answer import let_go
from event_delivery.limits import PAGE_ANSWER

THREADS, WAITING = 8, 32  # Airflow's API server has 40 threads for all: what hangs here takes none of them
_asked: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
_open: set[Future[Any]] = set()
_threads: list[threading.Thread] = []
_lock = threading.Lock()

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


async def answer_in_time(question: Callable[Given, Answer], *given: Given.args, **named: Given.kwargs) -> Answer:
    """Return what a function answers, within `PAGE_ANSWER` seconds; raises as `answer_within`."""
    return await answer_within(PAGE_ANSWER, lambda: question(*given, **named))


async def answer_within(seconds: float, question: Callable[[], Answer]) -> Answer:
    """Return what a function answers, in a thread of ours.

    One that does not answer in time is let go of, its connections to our databases cut, so that its thread ends;
    one that no thread took up by then is never asked.

    Raises:
        HTTPException: 504 without an answer in time, 503 where too many wait; and what the function raises.
    """
    if len(_open) >= THREADS + WAITING:
        wait = {"Retry-After": str(PAGE_ANSWER)}
        raise HTTPException(503, "Too many questions wait for an answer. Try again in a minute.", wait)
    opened = Opened()
    context = contextvars.copy_context()
    context.run(OPENED.set, opened)
    asked = _ask(lambda: context.run(question))
    running = asyncio.wrap_future(asked)
    try:
        done, _ = await asyncio.wait([running], timeout=seconds)
    finally:
        asked.cancel()
    if done:
        return running.result()
    let_go(opened)
    raise HTTPException(
        504,
        f"No answer within {seconds:.0f} s: the ledger, Airflow's database or the folder of destinations does not "
        "answer.",
    )


def _ask(question: Callable[[], Answer]) -> Future[Answer]:
    asked: Future[Answer] = Future()
    with _lock:
        _open.add(asked)
        if len(_threads) < THREADS:
            # Daemons: Airflow's API server ends when it is told to, also while a thread of ours hangs.
            _threads.append(threading.Thread(target=_answer_all, daemon=True, name="deliveries-page"))
            _threads[-1].start()
    asked.add_done_callback(_forget)
    _asked.put((question, asked))
    return asked


def _answer_all() -> None:
    while True:
        question, asked = _asked.get()
        if not asked.set_running_or_notify_cancel():
            continue
        try:
            asked.set_result(question())
        except BaseException as error:
            asked.set_exception(error)
        del question, asked


def _forget(ended: Future[Any]) -> None:
    with _lock:
        _open.discard(ended)
