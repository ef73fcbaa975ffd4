"""Which clients received the files that hold a text?"""

from __future__ import annotations

from datetime import UTC, timedelta

from event_delivery.delivery import parse_key
from event_delivery.erasure.found import Found
from event_delivery.errors import DeliveryError
from event_delivery.ledger import LedgerReading, open_ledger_reading
from event_delivery.ledger.records import DeliveryRecord
from event_delivery.staging import KeptFile

_AT = "%Y-%m-%d %H:%M:%S UTC"
_SECOND = timedelta(seconds=1)


def describe_recipients(found: tuple[Found, ...]) -> list[str]:
    """Return a line for each file that a client received, and each delivery of which none is kept; in that order.

    What was kept says itself who received it; of what was only staged the ledger is asked, if it can be.
    """
    lines = [_describe_kept(each.destination, kept) for each in found for kept in each.received]
    told = {(each.destination, each.key) for each in found if each.received}
    staged = list({place: each for each in found if (place := (each.destination, each.key)) not in told}.values())
    if not staged:
        return lines
    try:
        with open_ledger_reading() as ledger:
            return lines + [_describe_staged(each, _find_record(ledger, each)) for each in staged]
    except DeliveryError as error:
        unknown = [f"{each.destination}, {each.key}: whether it was delivered is not known" for each in staged]
        return [*lines, *unknown, f"The ledger cannot be asked: {error}"]


def _describe_kept(destination: str, kept: KeptFile) -> str:
    where = kept.remote_path or kept.file_name
    return (
        f"{destination} ({kept.client}) received {kept.event} of {kept.day}: {kept.file_name}, "
        f"at {kept.delivered_at.astimezone(UTC).strftime(_AT)}, as {where}"
    )


def _describe_staged(found: Found, record: DeliveryRecord | None) -> str:
    if record is None or not record.delivered_at:
        return f"{found.destination}, {found.key}: not delivered, by the ledger"
    at = record.delivered_at.astimezone(UTC).strftime(_AT)
    start = record.interval_start.astimezone(UTC).strftime(_AT)
    return (
        f"{found.destination} received {record.event} of the day from {start}: {record.file_name}, at {at}, as "
        f"{record.remote_path}; perhaps with the text: only what was staged is here"
    )


def _find_record(ledger: LedgerReading, found: Found) -> DeliveryRecord | None:
    key = parse_key(found.key)
    if key is None:
        return None
    return ledger.find_delivery(found.destination, key.event, key.kind, key.start, key.start + _SECOND)
