"""Does a file on the server hold every byte that was sent, as far as it lets us read?"""

from __future__ import annotations

from dataclasses import replace

from event_delivery.delivery import Delivery
from event_delivery.errors import DeliveryError
from event_delivery.upload.protocol import Outcome
from event_delivery.upload.verdicts import judge_content
from event_delivery.upload.writing import Act


async def prove_test_file(delivery: Delivery, act: Act, outcome: Outcome) -> Outcome:
    """Prove a file of a test to its last byte, or say that the server does not let us; any other is left as it is.

    Raises:
        RetryableError: it holds other bytes.
        asyncssh.Error, OSError: the line broke.
    """
    if delivery.kind != "test" or outcome.vanished:
        return outcome
    unread = replace(
        outcome,
        words=f"{outcome.words}; its content is not proven, the server lets nobody read it or changes files",
    )
    content = await act.remote.compare(act.transfer.remote_path, act.transfer.sha256, act.transfer.bytes)
    verdict = judge_content(content, unread)
    if isinstance(verdict, DeliveryError):
        raise verdict
    return replace(verdict, sent=outcome.sent)
