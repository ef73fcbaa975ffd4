"""A client's server, and the tasks that deliver to it, without Airflow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from event_delivery.delivery import Delivery
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.upload import UploadRun, deliver_file


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
