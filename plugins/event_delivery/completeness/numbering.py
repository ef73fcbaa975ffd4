"""May a supplement of this number be made, or would another one bring its events twice or take some back?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from event_delivery.completeness.delivered import DeliveredNight
from event_delivery.completeness.forgotten import ForgottenFile, describe_cure
from event_delivery.delivery import Delivery
from event_delivery.ledger.supplements import SupplementRecord

_UNDECIDED = ("unconfirmed", "uploading")


def refuse_number(
    delivery: Delivery,
    night: DeliveredNight,
    made: Sequence[SupplementRecord],
    forgotten: Sequence[ForgottenFile],
) -> str | None:
    """Return why a supplement is not made, and which number is used instead, or None; pure.

    Args:
        delivery: the supplement.
        night: what the client has of its day, as far as the ledger knows.
        made: all supplements of the day that the ledger knows.
        forgotten: what the client has besides.
    """
    number = delivery.supplement
    if earlier := next((each for each in forgotten if each.number < number), None):
        return f"{earlier}: was the ledger restored to an older state? Deliver that first."
    if again := next((each for each in forgotten if each.number == number), None):
        is_made_anew = again.came_before and again.state != "unconfirmed"
        return (
            f"{again}: was the ledger restored to an older state? Then {describe_cure(again)}."
            if is_made_anew
            else None
        )
    own = next((file for file in night.supplements if file.kind == delivery.kind), None)
    if lost := next((each for each in forgotten if each.number > number), None):
        rest = "Trigger that number instead" if own else "Deliver the whole day again, if the client may have it"
        return f"{lost}: was the ledger restored to an older state? {rest}."
    numbers = [number, *(each.number for each in made)]
    if own and own.arrived_at <= night.night.arrived_at:
        return f"the whole day came again after it, and holds its events. {name_next(numbers)}"
    if undecided := next((each for each in made if each.number > number and each.state in _UNDECIDED), None):
        return f"supplement {undecided.number} is {undecided.state}, which is to be over first."
    return None


def name_next(numbers: Iterable[int]) -> str:
    """Return which number is used instead of those of a day, in a sentence."""
    return f"Trigger supplement {max(numbers) + 1} instead."
