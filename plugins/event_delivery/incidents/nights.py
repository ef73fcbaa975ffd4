"""Which nights are not delivered, how far is their trouble, and what is behind it? Pure."""

from __future__ import annotations

from datetime import datetime

from event_delivery.destinations import Destination
from event_delivery.incidents.deadline import deadline_of
from event_delivery.incidents.findings import Finding
from event_delivery.incidents.kinds import GRAVE_STAGES
from event_delivery.incidents.reasons import find_shared_cause
from event_delivery.ledger.incidents import Hit
from event_delivery.ledger.open_deliveries import RUN_IS_OVER
from event_delivery.ledger.troubles import Unfinished
from event_delivery.limits import ATTEMPTS, LONGEST_HOST_WAIT, NO_SIGN_OF_UPLOAD, UNREACHABLE_TRIES
from event_delivery.schedule import date_of

_CUT_OFF = "An attempt was cut off, and no run carries on."
_AT_ONCE = ("host_key_changed", "login_refused", "source_unreachable", "staging_full")


def judge_unfinished(
    destination: Destination, one: Unfinished, now: datetime, retrying_after: int
) -> Finding | None:
    """Return what is wrong with a delivery that is begun, or refused, and not delivered; None: nothing yet.

    Args:
        destination: whose it is.
        one: a night, or its latest test file.
        now: the moment.
        retrying_after: how many attempts may fail before that is worth a word.
    """
    if not destination.enabled or (one.kind == "nightly" and one.event not in destination.events):
        return None
    if one.state in ("held", "unconfirmed"):
        return _waits_for_person(destination, one)
    if one.reason is None and one.state == "uploading" and not _has_ended(destination, one, now):
        return None
    return _judge_failure(destination, one, now, retrying_after)


def _waits_for_person(destination: Destination, one: Unfinished) -> Finding:
    kind = "unusual_count" if one.state == "held" else "unconfirmed"
    cause = one.reason or "Nobody can tell whether the file arrived."
    return Finding(kind, f"destination {destination.id}", cause, (_hit(destination, one),))


def _judge_failure(
    destination: Destination, one: Unfinished, now: datetime, retrying_after: int
) -> Finding | None:
    stage, cause = find_stage(destination, one, now), one.reason or _CUT_OFF
    shared = find_shared_cause(one.reason, destination.connection, one.permanent)
    if shared is not None:
        is_known = one.tries >= UNREACHABLE_TRIES or stage in GRAVE_STAGES or shared.kind in _AT_ONCE
        return Finding(*shared, cause, (_hit(destination, one, stage),)) if is_known else None
    concerns, is_worth_it = f"destination {destination.id}", one.permanent or one.tries > retrying_after
    if one.kind == "test":
        is_told = one.permanent or stage == "given_up" or one.tries > retrying_after
        return Finding("test_file_failed", concerns, cause, (_hit(destination, one),)) if is_told else None
    if stage == "retrying" and not is_worth_it:
        return None
    return Finding(stage, concerns, cause, (_hit(destination, one, stage),))


def find_stage(destination: Destination, one: Unfinished, now: datetime) -> str:
    """Return `late` where a night is not there when it was promised, `given_up` where no try follows by itself."""
    if _has_ended(destination, one, now) or one.tries >= ATTEMPTS or (one.permanent and destination.give_up_early):
        return "given_up"
    is_late = one.kind == "nightly" and now >= deadline_of(destination, one.interval)
    return "late" if is_late else "retrying"


def _has_ended(destination: Destination, one: Unfinished, now: datetime) -> bool:
    """Tell whether its run is over, or nothing was seen of it for longer than its next try may be away."""
    is_said = one.state == "failed" and (one.reason or "").endswith(RUN_IS_OVER)
    return is_said or not is_seen_lately(destination, one, now)


def is_seen_lately(destination: Destination, one: Unfinished, now: datetime) -> bool:
    """Tell whether something was seen of a delivery so lately that its next try may follow.

    Before an upload was tried, its run may wait for the source, and then for a busy host.
    """
    longest = NO_SIGN_OF_UPLOAD
    if not one.tries:
        longest += destination.source_wait + LONGEST_HOST_WAIT
    return one.seen_at is not None and now - one.seen_at <= longest


def _hit(destination: Destination, one: Unfinished, stage: str = "") -> Hit:
    if one.kind == "test":
        return Hit(destination.id)
    return Hit(destination.id, stage, (str(date_of(one.interval, destination.timezone)),))
