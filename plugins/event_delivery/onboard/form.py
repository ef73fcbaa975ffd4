"""How is a client taken on board by a form, in two requests that hold all they need: look, then do?

Between them a person confirms the fingerprint that the server showed: the second logs in to that key alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from event_delivery.errors import DeliveryError
from event_delivery.onboard.boarding import Asked, Meeting, check_asked, meet_server, plan_meeting, prove_server
from event_delivery.onboard.emails import write_email
from event_delivery.onboard.given_url import describe_known, describe_url, read_url
from event_delivery.onboard.keeping import describe_commands, keep_file, keep_login
from event_delivery.onboard.stopped import Step, StoppedError
from event_delivery.onboard.storing import find_connection
from event_delivery.onboard.yaml_file import Fields, find_file, write_fields
from event_delivery.sftp.host_key import fingerprint


@dataclass(frozen=True)
class Form:
    """What was filled in. `url`: with its secrets, never shown. `host_key`: the fingerprint that was confirmed.

    `may_edit` tells whether a Connection that is there already may be used and changed. `keeps`: the Connection
    is stored here, else commands are told. `seconds`: for each step at the server.
    """

    destination_id: str
    fields: Fields
    url: str = field(repr=False)
    host_key: str | None
    replace: bool
    keeps: bool
    user: str
    may_edit: Callable[[str], bool]
    seconds: float


@dataclass(frozen=True)
class Told:
    """What came of it: the steps that were taken, and the one that failed, with the client's next e-mail.

    `fingerprint`: what the server showed, to be confirmed. `commands`: what keeps the destination elsewhere.
    `yaml`: the destination's file; `written`: it is where it belongs. `aboard`: all was done.
    """

    done: tuple[str, ...]
    failed: str = ""
    step: Step | None = None
    email: str = ""
    fingerprint: str = ""
    commands: str = ""
    yaml: str = ""
    written: bool = False
    aboard: bool = False


def look_at_server(form: Form) -> Told:
    """Read the URL, reach the server, and tell which key it shows: no user and no password goes to it."""
    return _walk(form, _look)


def take_aboard(form: Form) -> Told:
    """Log in to the confirmed key, try what a night needs, and keep the destination."""
    return _walk(form, _do)


def may_write_file(destination_id: str) -> bool:
    """Tell whether the destination's file can be made here."""
    return os.access(find_file(destination_id).parent, os.W_OK)


@dataclass(frozen=True)
class _Walked:
    form: Form
    asked: Asked
    meeting: Meeting
    done: list[str]


def _walk(form: Form, go_on: Callable[[_Walked], Told]) -> Told:
    done: list[str] = []
    destination, connection = None, None
    asked = Asked(form.destination_id, form.fields, lambda _: False, form.host_key, form.replace)
    try:
        destination = check_asked(asked)
        connection, meeting = _read(form, destination)
        done.append(describe_url(form.url, connection))
        return go_on(_Walked(form, asked, meeting, done))
    except DeliveryError as error:
        stopped = error if isinstance(error, StoppedError) else StoppedError("ours", str(error))
        client = destination.client if destination else dict(form.fields).get("client", "")
        email = write_email(stopped, describe_known(client, connection, destination)) or ""
        return Told(tuple(done), failed=str(stopped), step=stopped.step, email=email)


def _read(form: Form, destination: Any) -> tuple[Any, Meeting]:
    from airflow.utils.session import create_session

    name = destination.connection
    with create_session() as session:
        if find_connection(session, name) is not None and not form.may_edit(name):
            said = f"The Airflow Connection {name!r} is there already, and you may not edit it."
            raise StoppedError("ours", said)
        connection = read_url(session, name, form.url)
        return connection, plan_meeting(session, destination, connection)


def _look(walked: _Walked) -> Told:
    met = meet_server(walked.asked, walked.meeting, walked.done.append, walked.form.seconds)
    return Told(tuple(walked.done), fingerprint=fingerprint(met.shown) if met.shown else "")


def _do(walked: _Walked) -> Told:
    from airflow.utils.session import create_session

    form, asked, done = walked.form, walked.asked, walked.done
    met = meet_server(asked, walked.meeting, done.append, form.seconds)
    aboard = prove_server(asked, walked.meeting, met, done.append)
    if not form.keeps:
        return Told(tuple(done), commands=describe_commands(asked, aboard), aboard=True)
    with create_session() as session:
        fields = keep_login(session, asked, aboard, form.user, done.append)
    was_there, told = find_file(form.destination_id).exists(), Told(tuple(done), aboard=True)
    if not was_there and not may_write_file(form.destination_id):
        return replace(told, yaml=write_fields(fields))
    keep_file(asked, fields, done.append)
    return replace(told, done=tuple(done), yaml="" if was_there else write_fields(fields), written=True)
