"""How long does an upload wait for a busy host, and what does that cost it?"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowRescheduleException

from event_delivery.delivery import nightly_delivery
from event_delivery.limits import (
    LIMITS,
    LONGEST_HOST_WAIT,
    LONGEST_HOST_WAIT_OF_RETRY,
    LONGEST_RUN,
    LONGEST_SOURCE_WAIT,
    QUICK_RETRIES,
    QUICK_TASK,
    SOURCE_ASKED_SOONEST,
    Limits,
)
from event_delivery.orchestration import host_wait
from event_delivery.orchestration.host_wait import deliver_in_turn
from event_delivery.schedule.retries import RETRIES, retry_delay
from event_delivery.upload import HostBusyError, UploadRun
from tests.sample_events import DAY

NOW = datetime(2026, 3, 10, 6, tzinfo=UTC)
LOG = logging.getLogger("task")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[bool | float]:
    """For how many seconds each try waited for its host, which is busy; False where it went on."""
    tried: list[bool | float] = []

    def deliver(delivery: Any, run: UploadRun, log: Any, limits: Limits = LIMITS) -> SimpleNamespace:
        tried.append(run.waits_for_host and limits.host_patience)
        if run.waits_for_host:
            raise HostBusyError("host:22: 4 connections to that host are open.")
        return SimpleNamespace(file_name="delivered")

    monkeypatch.setattr(host_wait, "deliver_file", deliver)
    return tried


@pytest.mark.parametrize("waited", [0, 1, 5, 29, 29.99])
def test_it_is_put_off_without_a_try_and_without_a_slot(delivery, tried, caplog, waited):
    """Airflow starts it again; not sooner than after 20 s, which would cost a try."""
    began = NOW - waited * MINUTE if waited else None
    with caplog.at_level(logging.WARNING), pytest.raises(AirflowRescheduleException) as caught:
        deliver_in_turn(delivery, UploadRun("dag", "run"), began, LOG, NOW)
    end = (began or NOW) + LONGEST_HOST_WAIT
    assert NOW + SOURCE_ASKED_SOONEST <= caught.value.reschedule_date <= max(end, NOW + SOURCE_ASKED_SOONEST)
    assert tried == [0 if waited else LIMITS.host_patience]
    assert f"at {end:%Y-%m-%dT%H:%M}" in caplog.text


@pytest.mark.parametrize("retrying, longest", [(False, LONGEST_HOST_WAIT), (True, LONGEST_HOST_WAIT_OF_RETRY)])
def test_after_a_while_it_goes_on(delivery, tried, retrying, longest):
    """It asks nobody then; the server may refuse it, and the promised retries follow."""
    found: Any = deliver_in_turn(delivery, UploadRun("dag", "run", retrying), NOW - longest, LOG, NOW)
    assert found.file_name == "delivered"
    assert tried == [False]


def test_not_all_that_are_put_off_at_once_come_back_at_once(acme, tried):
    """A hundred destinations of one host are spread over as long as they were put off."""
    instants = set()
    for number in range(100):
        destination = acme.model_copy(update={"id": f"client_{number}"})
        each = nightly_delivery(destination, "courseCompletion", acme.day(DAY))
        with pytest.raises(AirflowRescheduleException) as caught:
            deliver_in_turn(each, UploadRun("dag", "run"), None, LOG, NOW)
        instants.add(round((caught.value.reschedule_date - NOW).total_seconds()))
    assert len(instants) > 10
    assert max(instants) <= 40


def test_all_waits_of_all_attempts_end_before_their_run():
    """Else Airflow would end the run before the last attempt of its upload."""
    quick = 2 * (QUICK_RETRIES + 1) * QUICK_TASK
    upload = timedelta(seconds=sum(retry_delay(n) for n in range(1, RETRIES + 1)) + (RETRIES + 1) * 300)
    host = LONGEST_HOST_WAIT + RETRIES * LONGEST_HOST_WAIT_OF_RETRY
    assert LONGEST_SOURCE_WAIT + quick + host + upload < LONGEST_RUN


@pytest.mark.parametrize("count, wanted", [(None, None), (0, None), (2, NOW)])
def test_airflow_is_asked_when_it_began_to_wait_only_where_it_has(count, wanted):
    """A question to the API server that nearly no upload needs."""
    asked: list[Any] = []
    instance = SimpleNamespace(get_first_reschedule_date=lambda context: asked.append(context) or NOW)
    context = {"ti": instance} | ({} if count is None else {"task_reschedule_count": count})
    assert host_wait.find_first_wait(context) == wanted
    assert len(asked) == (1 if wanted else 0)
