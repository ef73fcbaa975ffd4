"""Beside which files is a supplement made, and may it be made at all?"""

from __future__ import annotations

from dataclasses import dataclass

from event_delivery.completeness.comparison import OTHER_FILTER
from event_delivery.completeness.delivered import DeliveredNight, list_nights
from event_delivery.completeness.forgotten import find_forgotten
from event_delivery.completeness.numbering import refuse_number
from event_delivery.delivery import Delivery, name_kind, read_supplement
from event_delivery.errors import RefusedError
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.comparisons import ReceivedFile
from event_delivery.schedule import date_of


@dataclass(frozen=True)
class Beside:
    """The night of a supplement, with all its other supplements.

    `again`: the supplement as it came before, where later ones came after it.
    """

    night: DeliveredNight
    again: ReceivedFile | None = None

    @property
    def names(self) -> str:
        """The files that count, by their sha256."""
        return " ".join(str(file.sha256) for file in self.night.counted)

    @property
    def numbers(self) -> list[int]:
        """The numbers of its other supplements."""
        return [read_supplement(file.kind) for file in self.night.supplements]


def find_beside(delivery: Delivery) -> Beside:
    """Return what the client has besides a supplement.

    Raises:
        RefusedError: the night was not delivered, the supplement before it neither, the ledger has forgotten one
            of them, one is sent again and that is not over, or the whole day came after this one.
        PermanentError, RetryableError: ledger or staging area cannot be read.
    """
    start, end = delivery.interval
    with open_ledger_reading() as ledger:
        nights = list_nights(ledger.read_received(delivery.destination.id, start, end))
        made = ledger.read_supplements(delivery.destination.id, delivery.event, delivery.interval)
    key = (delivery.event, delivery.interval)
    night = next((each for each in nights if (each.event, each.interval) == key), None)
    if night is None:
        raise refuse_supplement(delivery, "the night itself was not delivered. Deliver that first.")
    if refusal := refuse_number(delivery, night, made, find_forgotten(delivery)):
        raise refuse_supplement(delivery, refusal)
    own = next((file for file in night.supplements if file.kind == delivery.kind), None)
    others = tuple(file for file in night.supplements if file.kind != delivery.kind)
    beside = Beside(DeliveredNight(night.event, night.interval, night.night, others))
    _check(delivery, beside)
    is_older = any(number > delivery.supplement for number in beside.numbers)
    return Beside(beside.night, own if is_older else None)


def _check(delivery: Delivery, beside: Beside) -> None:
    wanted = range(1, delivery.supplement)
    if missing := next((number for number in wanted if number not in beside.numbers), None):
        raise refuse_supplement(delivery, f"{name_kind(missing)} was not delivered. Deliver that first.")
    if not beside.night.is_of(delivery.destination.company_id):
        raise refuse_supplement(
            delivery,
            "the night holds events of another company_id than the YAML names now. "
            "Deliver the whole day again, if the client may have it.",
        )
    if not beside.night.is_filtered_as(delivery.destination):
        why = f"{OTHER_FILTER}. Deliver the whole day again, if the client may have it."
        raise refuse_supplement(delivery, why)
    if unsettled := beside.night.unsettled:
        raise refuse_supplement(
            delivery, f"{unsettled.file_name} is delivered again, and that is not over. Have it end first."
        )


def refuse_supplement(delivery: Delivery, why: str) -> RefusedError:
    """Return the failure of a supplement that is not made, for a reason in one sentence."""
    return RefusedError(f"{name_supplement(delivery)}: {why} Nothing was sent.")


def name_supplement(delivery: Delivery) -> str:
    """Name a supplement in a message."""
    day = date_of(delivery.interval, delivery.destination.timezone)
    return f"{delivery.destination.id}, {delivery.event}, {day}, {delivery.kind}"
