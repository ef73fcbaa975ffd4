"""How is a proven destination kept: its Connection, then its file; or by which commands elsewhere?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from event_delivery.onboard.boarding import Aboard, Asked, Tell
from event_delivery.onboard.storing import keep_connection
from event_delivery.onboard.yaml_file import Fields, find_file, write_fields, write_file
from event_delivery.sftp.host_key import fingerprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def keep_login(session: Session, asked: Asked, aboard: Aboard, user: str, tell: Tell) -> Fields:
    """Store the Connection, or recognise it; returns the fields that the YAML needs.

    It comes before the YAML: a destination without one would be told as an incident.

    Raises:
        StoppedError: another one is there, and is not to be replaced.
    """
    name = aboard.destination.connection
    done = keep_connection(session, aboard.connection, aboard.key, user, asked.replace)
    session.commit()
    tell(f"Airflow Connection {name} {done}; its host key is {fingerprint(aboard.key)}")
    if done.endswith("environment") and not aboard.destination.host_key:
        return (*asked.fields, ("host_key", aboard.key))
    return asked.fields


def keep_file(asked: Asked, fields: Fields, tell: Tell) -> None:
    """Write the YAML, or recognise it; raises StoppedError where it cannot be written here."""
    written = write_file(asked.destination_id, fields)
    tell(f"{find_file(asked.destination_id)} {'written' if written else 'is there already'}")


def describe_commands(asked: Asked, aboard: Aboard) -> str:
    """Return the commands that do the same elsewhere; the secret stands in none of them."""
    text = write_fields((*asked.fields, ("host_key", aboard.key))).rstrip("\n")
    name, file = aboard.destination.connection, f"include/destinations/{asked.destination_id}.yaml"
    writing = f"cat > {file} <<'END'\n{text}\nEND\n"
    if find_file(asked.destination_id).exists():
        writing = f"# {file} is there already; it may pin the host key: host_key: {aboard.key}\n"
    return (
        f"{writing}python -m event_delivery.connection add {name}   # asks for the URL; or put it, read from "
        f"standard input, under {name!r} into your secrets backend"
    )
