"""What does an upload tell of the file that it delivered?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.ledger.attempts import RecordedFile
from event_delivery.upload.mode import Result
from event_delivery.upload.preparation import Preparation
from event_delivery.upload.recording import find_arrival


@dataclass(frozen=True)
class DeliveredFile:
    """What a client has got, or in a `rehearsal` our own server; `seconds` is how long the attempt took.

    `remarks`: what a person should know of the file, a sentence each. `exact`: byte for byte a file that was
    delivered before and kept. `arrived`: what has newly reached the client, `nightly`, `supplement` or
    `redelivery`; empty: nothing has, or no more than a test file. `skipped`: of a day without events nothing was
    sent.
    """

    file_name: str
    remote_path: str
    rows: int
    bytes: int
    sha256: str
    seconds: float
    rehearsal: bool = False
    remarks: tuple[str, ...] = ()
    exact: bool = False
    arrived: str = ""
    skipped: bool = False


def describe_delivered(preparation: Preparation, result: Result, seconds: float, log: Any) -> DeliveredFile:
    """Return it, and tell the log; `seconds`: how long the attempt took."""
    name, where, file = preparation.attempt.file_name, preparation.remote_path, preparation.file
    rehearsal = preparation.run.instance.rehearsal is not None
    log.info(
        "%s %s to %s: %s", "Rehearsed: delivered" if rehearsal else "Delivered", name, where, result.outcome.words
    )
    log.info("%d events, %d bytes, %.1f s, %.2f MB/s", file.rows, file.bytes, seconds, file.bytes / 1e6 / seconds)
    found = find_arrival(preparation, result) is not None
    remarks = (*preparation.attempt.remarks, *((preparation.brought.adopted,) if found else ()))
    arrived = "" if rehearsal or found else name_arrived(preparation)
    ended = (round(seconds, 3), rehearsal, remarks, file.exact, arrived)
    return DeliveredFile(name, where, file.rows, file.bytes, file.sha256, *ended)


def describe_skipped(file_name: str, file: RecordedFile, log: Any) -> DeliveredFile:
    """Return what came of a day without events of which nothing is sent, and tell the log."""
    log.info(
        "%s would hold no event, and empty_day is skip: nothing was sent, the day is recorded as skipped",
        file_name,
    )
    remarks = tuple(filter(None, (file.unready, file.unusual)))
    return DeliveredFile(file_name, "", 0, 0, file.sha256, 0.0, remarks=remarks, skipped=True)


def name_arrived(preparation: Preparation) -> str:
    """Return what has reached the client; the retry of a task that died after it had delivered brings no other."""
    before = preparation.attempt.before
    again = before is not None and before.delivered_before and before.delivered_by_another
    return "redelivery" if again and preparation.delivery.kind != "test" else name_first(preparation.delivery)


def name_first(delivery: Delivery) -> str:
    """Return what a delivery is called when it first reaches the client; empty: a test file is no day's."""
    if delivery.kind == "test":
        return ""
    return "supplement" if delivery.supplement else "nightly"
