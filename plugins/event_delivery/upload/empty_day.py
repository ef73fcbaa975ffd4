"""What becomes of a day without events: is it sent, skipped, or a failure?"""

from __future__ import annotations

from event_delivery.delivery import Delivery
from event_delivery.errors import RefusedError
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.skipping import may_have_arrived
from event_delivery.upload.brought import Brought


def is_skipped(ledger: BoundedLedger, delivery: Delivery, brought: Brought) -> bool:
    """Tell whether nothing is sent, as the destination wants it; a file that the client has is replaced anyhow.

    Raises:
        LedgerError: the ledger gave no answer.
    """
    skips = delivery.destination.empty_day == "skip" and _is_empty_night(delivery, brought)
    return skips and not ledger.ask(may_have_arrived, delivery)


def refuse_empty(delivery: Delivery, brought: Brought) -> None:
    """Refuse a supplement without events: it was staged since a kept file was to go out, and that one does not.

    And an empty night, where the destination's days are never empty.

    Raises:
        RefusedError: either of them.
    """
    if delivery.destination.empty_day == "fail" and _is_empty_night(delivery, brought):
        raise RefusedError(
            f"{delivery.destination.id}: {delivery.file_name} holds no event, and empty_day is fail. Nothing was "
            "sent. Is the source complete? Then set empty_day: send, and clear the run; else clear it later."
        )
    if delivery.supplement and not brought.file.rows and not brought.is_kept:
        raise RefusedError(
            f"{delivery.destination.id}: {delivery.file_name} holds no event, and the client may have some under "
            "its name. Nothing was sent. If the client lacks any of that day, deliver the whole day again."
        )


def _is_empty_night(delivery: Delivery, brought: Brought) -> bool:
    is_made = not (brought.is_kept or brought.file.exact)
    return delivery.kind == "nightly" and is_made and not brought.file.rows
