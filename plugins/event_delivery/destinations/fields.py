"""What may the value of each field be, and what is wanted where it is not that?"""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, StrictStr, ValidationError

from event_delivery.connection_names import DATABASES
from event_delivery.destinations.event_type import EVENT_TYPES
from event_delivery.destinations.host_key import is_host_key
from event_delivery.destinations.temporary_name import TemporaryName
from event_delivery.destinations.wait import check_age, check_wait
from event_delivery.plain_text import is_plain

USUAL_ZONE = "America/New_York"
MAX_TAG_LENGTH, MAX_COMPANY_LENGTH, MAX_PATH_LENGTH = 100, 200, 1_000
FIRST_DATE, LAST_DATE = date(1970, 1, 1), date(2199, 12, 31)  # at the ends of the calendar, zones overflow


def _event_types(value: object) -> object:
    names = list(value) if isinstance(value, (list, tuple)) else []
    if not names or not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise ValueError(f"wanted a list, each once, of: {_list_event_types()}")
    for name in names:
        if name not in EVENT_TYPES:
            raise ValueError(_explain_event_type(name))
    return tuple(names)


def _explain_event_type(name: str) -> str:
    similar = EVENT_TYPES.suggest(name)
    question = f"; did you mean {similar!r}?" if similar else ""
    return EVENT_TYPES.explain(name) or f"wanted a list, each once, of: {_list_event_types()}{question}"


def _list_event_types() -> str:
    return ", ".join(EVENT_TYPES) or "(include/sql and include/samples hold no event type)"


def _connection_id(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_.-]{1,250}", value):
        raise ValueError("wanted the id of an Airflow Connection: letters, digits and '_', '-', '.'")
    if value in DATABASES:
        raise ValueError(
            "wanted the Connection of a client's server: this is a database's, whose login is not its"
        )
    return value


def is_time_zone(name: str) -> bool:
    """Tell whether a name is that of an IANA time zone that this machine knows."""
    try:
        ZoneInfo(name)
    except (OSError, KeyError, ValueError):
        return False
    return True


def _time_zone(name: str) -> str:
    if not is_time_zone(name):
        raise ValueError("wanted an IANA time zone such as America/New_York")
    return name


def _wall_time(value: object) -> time:
    if isinstance(value, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        return time.fromisoformat(value)
    raise ValueError('wanted a time of day in quotes, such as "02:00"')


def _calendar_date(value: object) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else date.fromisoformat("")
    except ValueError:
        raise ValueError("wanted a date such as 2026-01-31") from None
    if not FIRST_DATE <= day <= LAST_DATE:
        raise ValueError(f"wanted a date from {FIRST_DATE} to {LAST_DATE}")
    return day


def _company_id(value: object) -> object:
    """Return it as text: PostgreSQL makes of it what the statement compares it with."""
    text = str(value) if isinstance(value, (int, UUID)) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text.strip() or not text.isprintable() or len(text) > MAX_COMPANY_LENGTH:
        raise ValueError(f"wanted a UUID, an integer or text of at most {MAX_COMPANY_LENGTH} printable characters")
    return text


def _printable(text: str) -> str:
    if not text.strip() or not is_plain(text):
        raise ValueError("wanted text without control characters and others that do not show, not spaces alone")
    return text


def _client_name(name: str) -> str:
    if len(name) > MAX_TAG_LENGTH:
        raise ValueError(f"wanted at most {MAX_TAG_LENGTH} characters: it becomes a tag in Airflow")
    return _printable(name)


def check_remote_folder(path: str) -> str:
    """Return a server's folder, as a YAML file or a Connection's URL names it; ValueError says what is wanted."""
    if ".." in path.split("/") or "\\" in path:
        raise ValueError("wanted a folder such as /inbox, /~/inbox or inbox, without '..' and backslashes")
    if len(path) > MAX_PATH_LENGTH:
        raise ValueError(f"wanted at most {MAX_PATH_LENGTH:,} characters")
    return _printable(path)


def _host_keys(value: object) -> object:
    keys = [value] if isinstance(value, str) else value
    if not isinstance(keys, list) or not all(isinstance(key, str) and is_host_key(key) for key in keys):
        raise ValueError("wanted 'ssh-ed25519 AAAA...' or 'SHA256:...' (43 characters), or a list of these")
    return tuple(keys)


def _temporary_name(value: object) -> object:
    wanted = "wanted at least one of prefix, suffix, folder, such as {suffix: .tmp}, and no ':' or backslash"
    if isinstance(value, TemporaryName):
        return value
    if not isinstance(value, dict) or not any(value.values()):
        raise ValueError(wanted)
    if not all(is_plain(part) for part in value.values() if isinstance(part, str)):
        raise ValueError(wanted)
    if ".." in str(value.get("folder", "")).split("/"):
        raise ValueError("wanted a folder without '..'")
    try:
        return TemporaryName(**value)
    except (ValidationError, TypeError):
        raise ValueError(wanted) from None


ClientName = Annotated[StrictStr, AfterValidator(_client_name)]
CompanyId = Annotated[str, BeforeValidator(_company_id)]
ConnectionId = Annotated[str, BeforeValidator(_connection_id)]
RemoteFolder = Annotated[StrictStr, AfterValidator(check_remote_folder)]
HostKeys = Annotated[tuple[str, ...], BeforeValidator(_host_keys)]
NamedTemporarily = Annotated[TemporaryName, BeforeValidator(_temporary_name)]
EventTypes = Annotated[tuple[str, ...], BeforeValidator(_event_types)]
TimeZone = Annotated[StrictStr, AfterValidator(_time_zone)]
Wait = Annotated[str, BeforeValidator(check_wait)]
Age = Annotated[str, BeforeValidator(check_age)]
WallTime = Annotated[time, BeforeValidator(_wall_time)]
CalendarDate = Annotated[date, BeforeValidator(_calendar_date)]
