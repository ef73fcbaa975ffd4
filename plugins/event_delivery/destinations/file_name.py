"""What may a client's files be called, so that no two deliveries share a name and none has two?"""

from __future__ import annotations

import re
import string
from collections.abc import Collection
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator

DEFAULT_FILE_NAME = "{event}-{transfer_id}_{due}-{suffix}"
PARTS = ("event", "transfer_id", "day", "due", "suffix", "part")
_LONGEST = 150
_DATED = {"day", "due"}
_TIME_FORMAT = re.compile(r"(%[YmdHMSyj]|[A-Za-z0-9_.-])+")
_PLAIN = re.compile(r"[A-Za-z0-9_.,+=@()~ -]*")
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,7}$")


def _file_name(value: object) -> object:
    if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST:
        raise ValueError(f"wanted a template of at most {_LONGEST} characters, such as {DEFAULT_FILE_NAME!r}")
    try:
        pieces = list(string.Formatter().parse(value))
    except ValueError:
        raise ValueError("wanted each part in braces, such as {event}") from None
    for text, part, spec, conversion in pieces:
        _check_piece(text, part, spec or "", conversion)
    _check_unique({part for _, part, _, _ in pieces if part})
    if value.startswith((".", " ", "~")) or value.endswith((" ", ".")):
        raise ValueError("wanted a name that starts with no dot, space or '~' and ends with no dot or space")
    return value


def _check_piece(text: str, part: str | None, spec: str, conversion: str | None) -> None:
    if not _PLAIN.fullmatch(text):
        raise ValueError("wanted letters, digits, spaces and '_.,+=@()~-' between the parts")
    if part is None:
        return
    if part not in PARTS or conversion:
        raise ValueError(f"wanted parts of {', '.join(f'{{{each}}}' for each in PARTS)}; found {{{part}}}")
    if spec and not (part in _DATED and _TIME_FORMAT.fullmatch(spec)) and not (part == "part" and spec.isdigit()):
        raise ValueError(f"wanted a date's parts behind {{{part}:...}}, such as {{day:%Y%m%d}}; found {spec!r}")


def _check_unique(parts: Collection[str]) -> None:
    """Refuse what could give two deliveries one name: two days of one event type, or two event types of a day."""
    if "suffix" not in parts and not _DATED & {*parts}:
        raise ValueError("wanted {suffix}, {due} or {day}: else every day's file has the same name")


FileName = Annotated[str, BeforeValidator(_file_name)]


def list_parts(template: str) -> set[str]:
    """Return the parts that a template names."""
    return {part for _, part, _, _ in string.Formatter().parse(template) if part}


def own_ending(template: str) -> str:
    """Return the ending that a template has of its own, such as `.txt`; empty: the format's follows."""
    match = _ENDING.search(template)
    return match[0] if match else ""


def fill_name(template: str, values: dict[str, str | datetime], number: int = 1) -> str:
    """Return a name of a template, of which `values` gives each part but `part`: the number of the file's part."""
    written = []
    for text, part, spec, _ in string.Formatter().parse(template):
        written.append(text)
        if part == "part":
            written.append(f"{number:0{spec or 1}d}")
        elif part:
            value = values[part]
            usual = "%Y-%m-%d" if part == "day" else "%Y-%m-%dT%H-%M-%S"
            written.append(value.strftime(spec or usual) if isinstance(value, datetime) else value)
    return "".join(written)


def append_to_stem(template: str, more: str) -> str:
    """Return a template with more behind its name, before an ending of its own."""
    ending = own_ending(template)
    return template.removesuffix(ending) + more + ending
