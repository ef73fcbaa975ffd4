"""Which secrets has a command line left in Airflow's audit log, where its readers find them?

Airflow 3.3 masks the password of `--conn-uri URI` and of `--conn-password`, and `--conn-json`'s fields by their
names; neither a URI's query, what follows a '/', '?' or '#' that a password was to have percent-encoded,
`--conn-extra`, `--conn-uri=URI` nor what `--conn-json` has in its extra.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from event_delivery.security_check.extras import is_secret
from event_delivery.security_check.findings import Finding

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

EVENT = "cli_connections_add"
_OPTIONS = ("--conn-uri", "--conn-extra", "--conn-json")


def check_audit_log(session: Session) -> Iterator[Finding]:
    """Yield the Connections whose secrets the audit log holds."""
    from airflow.models.log import Log
    from sqlalchemy import select

    for written in session.scalars(select(Log.extra).where(Log.event == EVENT)):
        words = _read_command(written)
        if any(_shows_secret(option, value) for option, value in _list_options(words)):
            yield Finding(
                "high", f"Airflow's audit log, {EVENT} of {_name_connection(words)}",
                "it holds a secret, given on the command line: whoever may read the audit log reads it.",
                "Replace the secret (python -m event_delivery.connection add reads it from standard input), and "
                "delete the row from the table log.",
            )  # fmt: skip


def _read_command(written: str | None) -> list[str]:
    try:
        words = ast.literal_eval(json.loads(written or "{}")["full_command"])
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError):
        return []
    return [str(word) for word in words] if isinstance(words, list) else []


def _name_connection(words: list[str]) -> str:
    after = words.index("add") + 1 if "add" in words else len(words)
    named = words[after] if after < len(words) else ""
    return "a Connection" if not named or named.startswith("-") else f"Connection {named}"


def _list_options(words: list[str]) -> Iterator[tuple[str, str]]:
    for place, word in enumerate(words):
        option, given, value = word.partition("=")
        if option in _OPTIONS:
            yield option, value if given else "".join(words[place + 1 : place + 2])


def _shows_secret(option: str, value: str) -> bool:
    if option == "--conn-uri":
        return _uri_shows_secret(value)
    return _json_shows_secret(value)


def _uri_shows_secret(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        password, query = parts.password or "", dict(parse_qsl(parts.query))
    except ValueError:
        return False
    extra = query.pop("__extra__", "")
    is_cut = "@" in parts.path + parts.fragment
    return bool(password.strip("*")) or is_cut or _any_secret(query) or _json_shows_secret(extra)


def _json_shows_secret(text: str) -> bool:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and _any_secret(value)


def _any_secret(fields: dict[str, Any]) -> bool:
    nested = fields.get("extra")
    if isinstance(nested, dict) and _any_secret(nested):
        return True
    if isinstance(nested, str) and _json_shows_secret(nested):
        return True
    return any(is_secret(name, value) for name, value in fields.items())
