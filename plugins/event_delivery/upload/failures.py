"""What does the ledger keep of a failure?"""

from __future__ import annotations

from event_delivery.errors import PermanentError, describe_reason
from event_delivery.ledger.attempts import Failure
from event_delivery.limits import LIMITS
from event_delivery.upload.holding import HeldError
from event_delivery.upload.protocol import UnconfirmedError


def describe_failure(error: BaseException) -> Failure:
    """Return why an attempt failed, as the ledger keeps it."""
    reason = describe_reason(error, LIMITS.task)
    return Failure(
        reason,
        isinstance(error, PermanentError),
        isinstance(error, UnconfirmedError),
        error.sha256 if isinstance(error, HeldError) else None,
    )
