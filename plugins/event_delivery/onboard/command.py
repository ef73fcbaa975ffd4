"""What does the command print, step by step, and where does it end?"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.destinations import Destination
from event_delivery.errors import DeliveryError, PermanentError
from event_delivery.onboard.boarding import Aboard, Asked, check_asked, meet_server, plan_meeting, prove_server
from event_delivery.onboard.emails import write_email
from event_delivery.onboard.given_url import describe_known, describe_url, read_url
from event_delivery.onboard.keeping import describe_commands, keep_file, keep_login
from event_delivery.onboard.sent_test_file import Patience, advise_nights, advise_test_file, send_test_file
from event_delivery.onboard.stopped import StoppedError
from event_delivery.onboard.yaml_file import Fields
from event_delivery.run_names import nightly_dag_id

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Command:
    """One call of the command: what was asked, and where its answers come from."""

    session: Session
    options: argparse.Namespace
    fields: Fields
    read_text: Callable[[], str]
    confirm: Callable[[str], bool]
    user: str

    def run(self) -> str:
        """Take each step; returns the closing words.

        Raises:
            PermanentError: a step failed; the message is its line and the client's next e-mail.
        """
        asked = Asked(
            self.options.destination, self.fields, self.confirm, self.options.host_key, self.options.replace
        )
        connection, destination = None, None
        try:
            destination = check_asked(asked)
            text = self.read_text()
            connection = read_url(self.session, destination.connection, text)
            _tick(describe_url(text, connection))
            meeting = plan_meeting(self.session, destination, connection)
            aboard = prove_server(asked, meeting, meet_server(asked, meeting, _tick), _tick)
            return self._finish(asked, aboard)
        except DeliveryError as error:
            raise self._explain(error, destination, connection) from None

    def _finish(self, asked: Asked, aboard: Aboard) -> str:
        if self.options.print:
            return describe_commands(asked, aboard)
        keep_file(asked, keep_login(self.session, asked, aboard, self.user, _tick), _tick)
        name = asked.destination_id
        if self.options.no_test_file:
            return f"Send the test file where Airflow runs: {advise_test_file(name)}"
        try:
            _tick(send_test_file(self.session, name, Patience(self.options.wait), self.user))
        except StoppedError as error:
            raise StoppedError("ours", f"{error} Send it again: {advise_test_file(name)}") from None
        return self._begin_nights(name)

    def _begin_nights(self, name: str) -> str:
        if not self.options.nights:
            return f"{name} is proven. Let the nights begin: {advise_nights(name)}"
        from airflow.models.dag import DagModel

        if (dag := self.session.get(DagModel, nightly_dag_id(name))) is not None:
            dag.is_paused = False
            self.session.commit()
        return f"{name} is proven, and its nights begin."

    def _explain(self, error: DeliveryError, destination: Destination | None, connection: Any) -> DeliveryError:
        """Return the failed step; its line is printed here, since an error is one line."""
        print(f"✗ {error}")  # noqa: T201
        stopped = error if isinstance(error, StoppedError) else StoppedError("ours", str(error))
        client = destination.client if destination else dict(self.fields).get("client", "")
        email = write_email(stopped, describe_known(client, connection, destination))
        if email is None:
            return PermanentError("Mend that, and run the same again: what is done is recognised.")
        print(f"\nThe client's next e-mail:\n\n{email}\n")  # noqa: T201
        return PermanentError("With the client's answer, run the same again: what is done is recognised.")


def _tick(said: str) -> None:
    print(f"✓ {said}", flush=True)  # noqa: T201
