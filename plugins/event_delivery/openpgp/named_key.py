"""Where does an OpenPGP key lie: in which Airflow Connection or Variable?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from event_delivery.errors import MissingConnectionError, PermanentError

Extra = Literal["public_key", "private_key"]
_VARIABLE = "variable:"
_HOW = "docs/files-packed.md shows how."


@dataclass(frozen=True)
class NamedKey:
    """A key's text and where it lies; its repr shows neither key nor passphrase.

    `where`: destination, field and Connection or Variable, for messages.
    """

    where: str
    text: str = field(repr=False)
    passphrase: str | None = field(default=None, repr=False)


def read_named_key(destination: str, place: str, name: str, extra: Extra) -> NamedKey:
    """Return the key that a destination's YAML names.

    Args:
        destination: its id, for messages.
        place: the YAML's field, for messages.
        name: of a Connection of any type, or `variable:` and that of a Variable.
        extra: the option of the Connection's extra that holds it; its password is the passphrase.

    Raises:
        MissingConnectionError: there is no such Connection.
        PermanentError: there is no such Variable, or no key in it.
    """
    if name.startswith(_VARIABLE):
        return _read_variable(destination, place, name.removeprefix(_VARIABLE))
    return _read_connection(destination, place, name, extra)


def _read_variable(destination: str, place: str, name: str) -> NamedKey:
    from airflow.sdk import Variable

    where = f"{destination}: {place}: Variable {name!r}"
    text = Variable.get(name, default=None)
    if not (isinstance(text, str) and text.strip()):
        raise PermanentError(f"{where} is not there, or empty. Put the armored key into it: {_HOW}")
    return NamedKey(where, text)


def _read_connection(destination: str, place: str, name: str, extra: Extra) -> NamedKey:
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    where = f"{destination}: {place}: Connection {name!r}"
    try:
        connection = Connection.get(name)
    except AirflowNotFoundException:
        raise MissingConnectionError(
            f"{where} is not defined. Add it, of type generic, with the armored key as {extra} in its "
            f"extra: {_HOW}"
        ) from None
    text = connection.extra_dejson.get(extra)
    if not (isinstance(text, str) and text.strip()):
        raise PermanentError(f"{where} holds no {extra} in its extra. Put the armored key there: {_HOW}")
    return NamedKey(where, text, connection.password or None)
