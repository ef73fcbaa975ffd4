"""A source, a client's server and the tasks that deliver, without Airflow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from event_delivery.completeness.supplement import extract_supplement
from event_delivery.delivery import Delivery
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.orchestration.staging_again import ensure_staged
from event_delivery.upload import UploadRun, deliver_file

Deliver = Callable[..., None]


@pytest.fixture(autouse=True)
def world(events_db: psycopg.Connection[Any], staging_area: Path, sftp_server: Any) -> None:
    """A source, a staging area, a client's server."""


@pytest.fixture
def deliver(log: Any) -> Deliver:
    """Run extract, format and upload as the tasks do."""

    def run(delivery: Delivery, **asked: Any) -> None:
        extract_supplement(delivery) if delivery.supplement else extract_events(delivery)
        format_staged_events(delivery)
        deliver_file(delivery, UploadRun("dag", f"run of {delivery.kind}", **asked), log)

    return run


@pytest.fixture
def send(log: Any) -> Deliver:
    """Upload what is staged, as the task does."""

    def run(delivery: Delivery) -> None:
        ensure_staged(delivery, run=None)
        deliver_file(delivery, UploadRun("dag", f"run of {delivery.kind}"), log)

    return run
