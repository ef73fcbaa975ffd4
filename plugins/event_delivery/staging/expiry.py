"""When do staged files leave, so that nobody's data lies about for ever?"""

from __future__ import annotations

import os
import shutil
import time

from event_delivery.limits import DAY, STAGING_DAYS, SWEEP_EVERY
from event_delivery.staging.area import staging_root


def expire_staged(now: float | None = None) -> None:
    """Delete the deliveries that nobody touched for `EVENT_DELIVERY_STAGING_DAYS` (7); looks once an hour."""
    now = now or time.time()
    swept = staging_root() / ".swept"
    if swept.exists() and now - swept.stat().st_mtime < SWEEP_EVERY:
        return
    staging_root().mkdir(mode=0o700, parents=True, exist_ok=True)
    swept.touch(mode=0o600)
    days = float(os.environ.get("EVENT_DELIVERY_STAGING_DAYS") or STAGING_DAYS)
    for folder in staging_root().glob("[!.]*/*"):
        if now - folder.stat().st_mtime > days * DAY:
            shutil.rmtree(folder, ignore_errors=True)
