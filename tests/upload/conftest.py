"""A client's server, and the tasks that deliver to it, without Airflow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from event_delivery.completeness.supplement import extract_supplement
from event_delivery.delivery import Delivery, supplement_of
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.upload import UploadRun, deliver_file
from tests.sample_events import DAY, insert_event, noon


@pytest.fixture
def deliver(
    events_db: psycopg.Connection[Any], staging_area: Path, sftp_server: Any, log: Any
) -> Callable[..., Path]:
    """Run extract, format and upload of a delivery, and return the client's folder."""

    def run(delivery: Delivery, **asked: Any) -> Path:
        extract_events(delivery)
        format_staged_events(delivery)
        deliver_file(delivery, UploadRun("dag", "run", **asked), log)
        return Path(sftp_server.user_folder("acme"))

    return run


@pytest.fixture
def deliver_late(
    deliver: Callable[..., Path], events_db: psycopg.Connection[Any], log: Any
) -> Callable[..., Delivery]:
    """Deliver a night with one event, then the supplement with one that came late; returns the supplement."""

    def run(night: Delivery) -> Delivery:
        insert_event(events_db, noon(DAY))
        deliver(night)
        insert_event(events_db, noon(DAY, 1))
        late = supplement_of(night, 1)
        extract_supplement(late)
        format_staged_events(late)
        deliver_file(late, UploadRun("dag", "late"), log)
        return late

    return run
