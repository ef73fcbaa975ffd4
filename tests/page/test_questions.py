"""Does every question to the page end, whatever hangs behind it, and take no thread of Airflow's?"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import anyio.to_thread
import pytest
from fastapi import HTTPException

from event_delivery.errors import RetryableError
from event_delivery.ledger import open_ledger, open_ledger_reading
from event_delivery.page.http.questions import THREADS, WAITING, answer_within
from tests.frail_postgres import DATABASE, freeze, thaw

pytest_plugins = ["tests.frail_postgres"]


def test_a_question_to_a_frozen_ledger_ends_in_time_and_gives_its_thread_back(frail_postgres, monkeypatch):
    """504 in a sentence; the next question, to a ledger that lives again, is answered."""
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", frail_postgres.uri(DATABASE))
    with open_ledger():
        pass
    asked, frozen = threading.Event(), threading.Event()

    def ask() -> dict[str, Any]:
        with open_ledger_reading() as ledger:
            asked.set()
            frozen.wait(30)
            return ledger.read_test_files(["acme"])

    async def ask_all() -> list[Any]:
        questions = [asyncio.ensure_future(answer_within(2.0, ask)) for _ in range(THREADS)]
        while not asked.is_set():
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        freeze(frail_postgres)
        frozen.set()
        try:
            answers = await asyncio.gather(*questions, return_exceptions=True)
            await asyncio.wait_for(anyio.to_thread.run_sync(time.sleep, 0), 5)  # Airflow's own threads are free
        finally:
            thaw(frail_postgres)
        answers.append(await answer_within(30.0, ask))
        return answers

    *refused, answered = asyncio.run(ask_all())
    assert [error.status_code for error in refused] == [504] * THREADS
    assert "does not answer" in refused[0].detail
    assert answered == {}


def test_a_connection_that_comes_about_too_late_takes_no_thread(frail_postgres, monkeypatch):
    """What is opened after the question was given up is closed at once."""
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", frail_postgres.uri(DATABASE))
    with open_ledger():
        pass
    given_up, ended = threading.Event(), []

    def ask() -> None:
        given_up.wait(30)
        try:
            with open_ledger_reading() as ledger:
                ended.append(ledger)
        except RetryableError as error:
            ended.append(str(error))

    async def ask_in_vain() -> None:
        with pytest.raises(HTTPException):
            await answer_within(0.2, ask)
        given_up.set()
        while not ended:
            await asyncio.sleep(0.01)

    asyncio.run(ask_in_vain())
    assert ended == ["The database answered too late: nobody waits for it any more."]


def test_no_more_wait_than_there_is_room_for():
    """The next one is refused at once, with 503 and when to come again."""
    end = threading.Event()

    async def fill() -> Any:
        waiting = [
            asyncio.ensure_future(answer_within(30.0, lambda: end.wait(30))) for _ in range(THREADS + WAITING)
        ]
        await asyncio.sleep(0.1)
        try:
            with pytest.raises(HTTPException) as refused:
                await answer_within(30.0, lambda: None)
        finally:
            end.set()
        assert await asyncio.gather(*waiting) == [True] * (THREADS + WAITING)
        return refused.value

    refused = asyncio.run(fill())
    assert (refused.status_code, refused.headers) == (503, {"Retry-After": "30"})


def test_what_a_question_raises_reaches_who_asked():
    """A refusal stays one."""

    def refuse() -> None:
        raise HTTPException(404, "There is none.")

    with pytest.raises(HTTPException) as caught:
        asyncio.run(answer_within(5.0, refuse))
    assert caught.value.status_code == 404
