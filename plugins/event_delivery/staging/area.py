"""Where is the staging area, and who may look into it?"""

from __future__ import annotations

import os
from pathlib import Path

from event_delivery.delivery import Delivery
from event_delivery.errors import RetryableError


def staging_root() -> Path:
    """Return the staging area: `EVENT_DELIVERY_STAGING`, else `$AIRFLOW_HOME/staging`."""
    home = os.environ.get("AIRFLOW_HOME") or str(Path.home() / "airflow")
    return Path(os.environ.get("EVENT_DELIVERY_STAGING") or f"{home}/staging")


def staging_folder(delivery: Delivery) -> Path:
    """Return the folder (0700) of one delivery, made when missing."""
    folder = staging_root() / delivery.destination.id / delivery.key
    try:
        for level in (staging_root(), folder.parent, folder):
            level.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RetryableError(f"Cannot make the staging folder {folder}: {error.strerror}") from error
    return folder
