"""What has come of a file that was closed or renamed, by what is then seen of it? Pure, as the plan is."""

from __future__ import annotations

from event_delivery.errors import DeliveryError, RetryableError
from event_delivery.sftp import Content, Sight, Size
from event_delivery.upload.protocol import TAKEN_AWAY, Outcome, explain_vanished


def judge_closed(size: Size, wanted: int) -> DeliveryError | None:
    """Return what is wrong with a file that was closed under its temporary name, or None (sizes in bytes)."""
    return None if size in (Sight.MISSING, Sight.UNTOLD, wanted) else _wrong_size(size, wanted)


def judge_temporary(temporary: Size, path: str) -> DeliveryError | None:
    """Return what is wrong with a rename that was answered OK, by what is seen of the temporary name, or None."""
    if isinstance(temporary, Sight):
        return None
    return RetryableError(
        f"the server answered OK to the rename and did nothing: {path} was still there. Ask the client whether "
        f"its server lets this user rename; upload_mode: direct does without."
    )


def judge_final(size: Size, wanted: int, path: str, robot_known: bool) -> Outcome | DeliveryError:
    """Return how the delivery ended, by the size (bytes) under the final name, or what is wrong with it."""
    if size is Sight.MISSING:
        return TAKEN_AWAY if robot_known else explain_vanished(path)
    if size is Sight.UNTOLD:
        return Outcome("the server does not tell its size")
    return Outcome("its size on the server is right") if size == wanted else _wrong_size(size, wanted)


def judge_content(content: Content, otherwise: Outcome | DeliveryError) -> Outcome | DeliveryError:
    """Return how the delivery ended, by what was read back; `otherwise` is what is known where nothing can be."""
    if content is Content.SAME:
        return Outcome("read back, every byte is right")
    if content is Content.UNREADABLE:
        return otherwise
    return RetryableError(
        "the file under the final name holds other bytes than were sent. Ask the client what its server does to "
        "files."
    )


def _wrong_size(found: Size, wanted: int) -> DeliveryError:
    return RetryableError(
        f"{found} bytes arrived, wanted {wanted}. If the server changes files on their way, set check_size: false."
    )
