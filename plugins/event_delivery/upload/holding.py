"""Does a file wait for a person's yes, since the number of its events is out of line?"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import Delivery
from event_delivery.errors import RefusedError
from event_delivery.ledger.counts import read_counts_of_weekday, was_sent_with
from event_delivery.schedule import date_of
from event_delivery.staging import Manifest
from event_delivery.upload.upload_run import UploadRun
from event_delivery.upload.usual_count import MOST_EARLIER, judge_count

if TYPE_CHECKING:
    from psycopg import Connection

_SHORTEST_DAY, _LONGEST_DAY = timedelta(hours=22), timedelta(hours=26)  # when clocks change; a part is no day


class HeldError(RefusedError):
    """The file waits for a person's yes: its number of events is out of line; `sha256` says which file it is."""

    def __init__(self, message: str, sha256: str) -> None:
        super().__init__(message)
        self.sha256 = sha256


def review_count(connection: Connection[Any], delivery: Delivery, run: UploadRun, file: Manifest) -> str | None:
    """Return in one sentence how the number of a night's events is out of line, or None: it is not.

    The very file that was being sent before is not held any more; nor is the one that was released.

    Raises:
        HeldError: it is, and is to be held: nothing was sent.
    """
    destination = delivery.destination
    length = delivery.interval_end - delivery.interval_start
    if delivery.kind != "nightly" or run.exact or not _SHORTEST_DAY <= length <= _LONGEST_DAY:
        return None
    found = judge_count(file.rows, read_counts_of_weekday(connection, delivery, MOST_EARLIER))
    if found is None:
        return None
    sentence = f"{destination.id}, {delivery.event}: {found}."
    holds = destination.unusual_count == "hold" and run.release != file.sha256
    if holds and not was_sent_with(connection, delivery, file.sha256):
        raise HeldError(f"{sentence} {_explain_release(delivery, run, file.sha256)}", file.sha256)
    return sentence


def _explain_release(delivery: Delivery, run: UploadRun, sha256: str) -> str:
    other = "What was released is another file than this. " if run.release else ""
    day = str(date_of(delivery.interval, delivery.destination.timezone))
    conf = json.dumps({"day": day, "event": delivery.event, "release": sha256})
    return (
        f"Held: unusual_count is hold, and nothing was sent. {other}Is the number right? Then: airflow dags "
        f"trigger {run.dag_id} --conf '{conf}'. Else mend the source, and clear the run."
    )
