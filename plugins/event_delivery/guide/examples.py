"""What does a value of the sample look like in a client's file?"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from event_delivery.destinations import Destination

_ISO = "%Y-%m-%dT%H:%M:%S.%3f%z"
_OWN_PARTS = re.compile(r"%(3f|.)")


def write_example(value: Any, destination: Destination) -> str:
    """Return a sample's value as a file of the destination has it, without quotes; empty for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        words = (destination.csv.false_word, destination.csv.true_word)
        return words[value] if destination.format == "csv" else str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)


def write_instant(value: Any, time_format: str | None, zone: str) -> str:
    """Return a sample's instant as strftime writes it, with `%3f` for milliseconds; empty where it is none."""
    try:
        local = datetime.fromisoformat(str(value)).astimezone(ZoneInfo(zone))
    except ValueError:
        return ""
    offset = f"{local:%z}"
    own = {"3f": f"{local.microsecond // 1000:03d}", "z": f"{offset[:3]}:{offset[3:5]}"}
    return local.strftime(_OWN_PARTS.sub(lambda part: own.get(part[1], part[0]), time_format or _ISO))
