"""What may a person say to a run?"""

from __future__ import annotations

from airflow.sdk import Param

from event_delivery.destinations import Destination, QuarantinedDestination
from event_delivery.orchestration.markdown import show_code
from event_delivery.orchestration.names import ROBOT, SEND_AGAIN


def day_param(destination: Destination | QuarantinedDestination) -> Param:
    """Return the param for the day that a manual run delivers."""
    zone = destination.schedule.timezone
    return Param(
        default=None,
        type=["null", "string"],
        format="date",
        title="Day",
        description_md=f"The local calendar day ({show_code(zone)}) to deliver, `YYYY-MM-DD`. Empty: yesterday.",
    )


def unconfirmed_param() -> Param:
    """Return the param for what a person decided of an unconfirmed delivery."""
    return Param(
        default=None,
        type=["null", "string"],
        enum=[None, ROBOT, SEND_AGAIN],
        title="Unconfirmed delivery",
        description_md=f"Only where nobody can tell whether the file arrived. `{ROBOT}`: a robot takes files "
        f"there, this one counts as delivered; `{SEND_AGAIN}`: it is sent once more.",
    )


def supplement_param() -> Param:
    """Return the param for the number of a supplement."""
    return Param(
        default=None,
        type=["null", "integer"],
        minimum=1,
        maximum=9999,
        title="Supplement",
        description_md="The number of a further file of the day, which holds only the events that no file of it "
        "has brought yet: 1, or one more than the last one delivered. Empty: the whole day.",
    )


def event_param(destination: Destination) -> Param:
    """Return the param for the only event type that a run delivers."""
    return Param(
        default=None,
        type=["null", "string"],
        enum=[None, *destination.events],
        title="Event type",
        description_md="The only event type to deliver. Empty: all of them.",
    )


def release_param() -> Param:
    """Return the param for the file that goes out although its number of events is unusual."""
    return Param(
        default=None,
        type=["null", "string"],
        pattern="^[0-9a-f]{64}$",
        title="Release",
        description_md="Only for a day that is held: its number of events is unusual, and right. The sha256 of "
        "the held file, which the reason names; another file of the day is held again.",
    )


def exact_param() -> Param:
    """Return the param for whether a day goes out as it was delivered."""
    return Param(
        default=False,
        type="boolean",
        title="Byte for byte as delivered",
        description_md="Send the day's kept file once more, and do not read the source: no late event, no change. "
        "Fails where the file is not kept any more (`keep_days`).",
    )


def overlap_param() -> Param:
    """Return the param for whether a client may get events twice."""
    return Param(
        default=False,
        type="boolean",
        title="Allow overlap",
        description_md="Only after a change of time zone: deliver the day although some of its events were "
        "delivered under the old zone. The client gets these twice.",
    )


def deliver_missing_param() -> Param:
    """Return the param for the destinations whose missing days are all delivered now."""
    return Param(
        default=None,
        type=["null", "string"],
        title="Deliver missing days",
        description_md="The id of a destination, or `*` for all: its missing days are delivered now, all of them, "
        "whatever `missing_days` says.",
    )
