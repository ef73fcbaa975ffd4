"""By which notifier of Airflow is a message sent, and can it be made of what include/alerts.yaml says?"""

from __future__ import annotations

import importlib
import logging
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from event_delivery.errors import PermanentError
from event_delivery.incidents.message import Alert

_log = logging.getLogger(__name__)
_RENDERED, _NAMED = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL), re.compile(r"\balert\.(\w+)")
_PARTS = ("subject", "body", "html", "to", "ending", "severity", "key")


class Sender(BaseModel):
    """A way to send a message: an Airflow notifier by its import path, and its arguments.

    They may name `{{ alert.subject }}`, `.body`, `.html`, `.to`, `.ending`, `.severity` and `.key`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    notifier: str
    arguments: dict[str, Any] = {}

    @field_validator("arguments")
    @classmethod
    def _name_parts_of_an_alert(cls, arguments: dict[str, Any]) -> dict[str, Any]:
        """Refuse what Airflow would render as nothing: a mail without a subject, or without a word."""
        rendered = " ".join(_RENDERED.findall(str(arguments)))
        if wrong := [name for name in _NAMED.findall(rendered) if name not in _PARTS]:
            raise ValueError(f"found alert.{wrong[0]}, wanted alert. and one of: {', '.join(_PARTS)}")
        return arguments


def send_alert(name: str, sender: Sender, alert: Alert) -> None:
    """Send a message.

    Raises:
        PermanentError: as `check_notifier`.
        Exception: whatever the notifier raises.
    """
    _make_notifier(name, sender)({"alert": alert})


def check_notifier(name: str, sender: Sender) -> None:
    """Check that a sender's notifier is there and takes its arguments.

    Raises:
        PermanentError: there is none of this name, or it takes no such arguments.
    """
    try:
        _make_notifier(name, sender)
    except PermanentError:
        raise
    except Exception as error:  # what a notifier asks for when it is made may be there when it is needed
        _log.warning("%s: its notifier cannot be made now (%s)", name, type(error).__name__)


def _make_notifier(name: str, sender: Sender) -> Any:
    notifier = _import_notifier(name, sender)
    try:
        return notifier(**sender.arguments)
    except TypeError as error:
        raise PermanentError(
            f"alerts.yaml: senders.{name}: the notifier {sender.notifier!r} does not take its arguments: {error}."
        ) from None


def _import_notifier(name: str, sender: Sender) -> Any:
    module, _, attribute = sender.notifier.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError):
        raise PermanentError(
            f"alerts.yaml: senders.{name}: the notifier {sender.notifier!r} cannot be imported: wanted the path "
            "of a class of an installed provider, such as airflow.providers.smtp.notifications.smtp.SmtpNotifier."
        ) from None
