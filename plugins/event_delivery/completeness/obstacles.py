"""Why can a run not deliver a missing day by itself, and what does a person do about it? Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from event_delivery.ledger.coverage import Coverage, UndeliveredNight
from event_delivery.schedule import Interval

_DECISIONS: Mapping[str, str] = {
    "unconfirmed": "is unconfirmed: decide that one first, on the Deliveries page",
    "held": "is held: release that one first, on the Deliveries page",
    "uploading": "is under way: this day is looked at again when that one is over",
}


def find_obstacle(whole: Interval, lacking: Interval, coverage: Coverage) -> str | None:
    """Return why a run of a `whole` day is not to be started although some of it is `lacking`, or None.

    The ledger refuses a run of a day of which the client has a part (`ledger.beginning`), or may have one.
    """
    near = [night for night in coverage.undelivered if night.interval.overlaps(whole) and night.interval != whole]
    for night in near:
        if night.is_open:
            return f"{night.interval}, which overlaps it, {_DECISIONS[night.state]}"
    if any(each.overlaps(whole) for each in coverage.covered):
        return _advise(lacking, near, coverage.covered, "has")
    if any(night.may_have_arrived for night in near):
        return _advise(lacking, near, coverage.covered, "may have")
    return None


def _advise(lacking: Interval, near: Sequence[UndeliveredNight], covered: Sequence[Interval], has: str) -> str:
    for night in near:
        start, end = night.interval
        holds_it = start <= lacking.start and lacking.end <= end
        if night.run_id and holds_it and not any(each.overlaps(night.interval) for each in covered):
            return (
                f"the client {has} another part of this day: clear the run {night.run_id}, which carries "
                f"{night.interval}"
            )
    return (
        f"the client {has} a part of this day, from before a change of time zone: a run of it with allow_overlap "
        f"brings {lacking}, and that part twice"
    )
