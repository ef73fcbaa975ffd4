"""How is a message sent, so that one that cannot be sent harms nothing, and is tried again?"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from event_delivery.destinations import Destination
from event_delivery.errors import DeliveryError, PermanentError, describe_reason
from event_delivery.incidents.alerts import Alerts
from event_delivery.incidents.message import Alert, write_client, write_operator
from event_delivery.incidents.sender import send_alert
from event_delivery.ledger.incident_messages import (
    CONTACT,
    MessageRecord,
    claim_message,
    put_back_message,
    record_sent,
    record_unsendable,
)
from event_delivery.ledger.incidents import IncidentRecord, find_incident
from event_delivery.limits import MESSAGE_TRIED_AGAIN, MESSAGE_TRIES, MESSAGES_UNTIL

if TYPE_CHECKING:
    from event_delivery.ledger import BoundedLedger

_log = logging.getLogger(__name__)
Send = Callable[[str, Alert], None]


class LeftAloneError(DeliveryError):
    """A sender has failed too often in this pass."""


@dataclass
class Teller:
    """Sends messages by the senders of the rules; one that failed two recipients is left alone for the pass.

    `failed`: by sender, why it failed which recipients. A single one may be to blame itself, such as an address
    that bounces, and must not keep the others from being told.
    """

    alerts: Alerts
    destinations: Mapping[str, Destination]
    failed: dict[str, dict[str, str]] = field(default_factory=dict)

    def write(self, incident: IncidentRecord, recipient: str, ending: str) -> Alert:
        """Return the message for a recipient.

        Raises:
            PermanentError: there is no such recipient any more.
        """
        if not recipient.startswith(CONTACT):
            return write_operator(incident, ending, self.alerts.timezone, self.alerts.link)
        destination = self.destinations.get(recipient.removeprefix(CONTACT))
        if destination is None or not destination.contact:
            raise PermanentError(f"{recipient}: the destination names no contact any more.")
        return write_client(incident, ending, destination)

    def send(self, recipient: str, alert: Alert) -> None:
        """Send a message by the notifier of its sender.

        Raises:
            PermanentError: there is no such sender any more.
            LeftAloneError: it has failed before in this pass, and nothing was handed to it.
            Exception: whatever the notifier raises.
        """
        name = self.alerts.contact_sender if recipient.startswith(CONTACT) else recipient
        sender = self.alerts.senders.get(name or "")
        if sender is None or name is None:
            raise PermanentError(f"{recipient}: alerts.yaml names no such sender any more.")
        failed = self.failed.setdefault(name, {})
        if len(failed) > 1 or recipient in failed:
            raise LeftAloneError(list(failed.values())[-1])
        try:
            send_alert(name, sender, alert)
        except Exception as error:
            failed[recipient] = f"{name}: {describe_reason(error, 0)}"
            raise


def send_messages(ledger: BoundedLedger, teller: Teller, now: Callable[[], datetime]) -> list[str]:
    """Send what is to be sent; returns what could not be, a sentence each; raises as `BoundedLedger.ask`."""
    failures: list[str] = []
    until = time.monotonic() + MESSAGES_UNTIL
    while time.monotonic() < until and (message := ledger.ask(claim_message, now())):
        incident = ledger.ask(find_incident, message.incident_id)
        if incident is None:
            continue
        if failure := _send(ledger, teller, message, incident, now()):
            failures.append(failure)
    return list(dict.fromkeys(failures))


def _send(
    ledger: BoundedLedger, teller: Teller, message: MessageRecord, incident: IncidentRecord, now: datetime
) -> str | None:
    try:
        teller.send(message.recipient, teller.write(incident, message.recipient, message.ending))
    except LeftAloneError as error:
        ledger.ask(put_back_message, message.id, now + MESSAGE_TRIED_AGAIN)
        return str(error)
    except Exception as error:
        reason = _explain(error, message.recipient)
        for_good = isinstance(error, PermanentError) or message.tries >= MESSAGE_TRIES
        ledger.ask(record_unsendable, message.id, reason, now + MESSAGE_TRIED_AGAIN, for_good)
        return reason
    ledger.ask(record_sent, message.id, now)
    _log.info("%s: told that %s %s", message.recipient, incident.concerns, message.ending)
    return None


def _explain(error: Exception, recipient: str) -> str:
    """Return why a message was not sent; of a notifier's own exception only the type, it may hold a secret."""
    reason = describe_reason(error, 0)
    return reason if isinstance(error, DeliveryError) else f"{recipient}: {reason}"
