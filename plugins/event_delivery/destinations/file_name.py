"""What may a client's files be called, so that no two deliveries share a name and none has two?"""

from __future__ import annotations

import posixpath
import re
import string
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator

DEFAULT_FILE_NAME = "{event}-{transfer_id}_{due}-{suffix}"
PLACEHOLDERS = ("event", "transfer_id", "day", "due", "suffix", "part")
USUAL_TAIL = "-part"  # what stands before a part's number
_LONGEST = 150
_DATED = {"day", "due"}
_TIME_FORMAT = re.compile(r"(%[YmdHMSyj]|[A-Za-z0-9_.-])+")
_PLAIN = re.compile(r"[A-Za-z0-9_.,+=@()~ -]*")
_PACKED = re.compile(r"(\.(gz|zip))?(\.(pgp|asc))?$")
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
    if not any(part == "suffix" or (part in _DATED and _tells_date(spec or "")) for _, part, spec, _ in pieces):
        raise ValueError("wanted {suffix}, {due} or {day}, with year, month and day: else days share a name")
    _check_part(value, pieces)
    if value.startswith((".", " ", "~")) or value.endswith((" ", ".")):
        raise ValueError("wanted a name that starts with no dot, space or '~' and ends with no dot or space")
    return value


def _check_piece(text: str, part: str | None, spec: str, conversion: str | None) -> None:
    if not _PLAIN.fullmatch(text):
        raise ValueError("wanted letters, digits, spaces and '_.,+=@()~-' between the parts")
    if part is None:
        return
    if part not in PLACEHOLDERS or conversion:
        raise ValueError(f"wanted parts of {', '.join(f'{{{each}}}' for each in PLACEHOLDERS)}; found {{{part}}}")
    if spec and not (part in _DATED and _TIME_FORMAT.fullmatch(spec)):
        raise ValueError(f"wanted a date's parts behind {{{part}:...}}, such as {{day:%Y%m%d}}; found {spec!r}")


def _check_part(value: str, pieces: list[tuple[str, str | None, str | None, str | None]]) -> None:
    """Let the number of a part stand last, behind some text: a day's parts share the rest of their name."""
    if "part" not in [part for _, part, _, _ in pieces]:
        return
    base, tail = split_part(value)
    if "{part}" in base or not tail or not base:
        raise ValueError("wanted {part} once and last, with some text before it, such as {event}_{day}_{part}")


def _tells_date(spec: str) -> bool:
    """Tell whether a date's parts name one day."""
    has_day = "%j" in spec or ("%m" in spec and "%d" in spec)
    return not spec or (has_day and "%Y" in spec)


FileName = Annotated[str, BeforeValidator(_file_name)]


def list_placeholders(template: str) -> set[str]:
    """Return what a template names in braces."""
    return {part for _, part, _, _ in string.Formatter().parse(template) if part}


def own_ending(template: str) -> str:
    """Return the ending that a template has of its own, such as `.txt`; empty: the format's follows."""
    match = _ENDING.search(template)
    return match[0] if match else ""


def split_part(template: str) -> tuple[str, str]:
    """Return a template without the number of a part, and the text that stands right before that."""
    ending = own_ending(template)
    stem = template.removesuffix(ending)
    if not stem.endswith("{part}"):
        return template, "" if "{part}" in template else USUAL_TAIL
    before, brace, tail = stem.removesuffix("{part}").rpartition("}")
    return before + brace + ending, tail


def name_part(name: str, tail: str, number: int) -> str:
    """Return what the part with a number, from 1, of a file of this name is called."""
    return append_to_stem(name, f"{tail}{number:04d}")


def fill_name(template: str, values: dict[str, str | datetime]) -> str:
    """Return a name of a template, of which `values` gives each part."""
    written = []
    for text, part, spec, _ in string.Formatter().parse(template):
        written.append(text)
        if part:
            value = values[part]
            usual = "%Y-%m-%d" if part == "day" else "%Y-%m-%dT%H-%M-%S"
            written.append(value.strftime(spec or usual) if isinstance(value, datetime) else value)
    return "".join(written)


def split_ending(name: str) -> tuple[str, str]:
    """Return a file's name without its ending, and that with how the file is packed, such as `.csv.gz`."""
    packed = _PACKED.search(name)
    plain = name.removesuffix(packed[0]) if packed else name
    stem = posixpath.splitext(plain)[0]
    return stem, name.removeprefix(stem)


def append_to_stem(template: str, more: str) -> str:
    """Return a template, or a name, with more behind it, before its ending."""
    ending = own_ending(template) if "{" in template else split_ending(template)[1]
    return template.removesuffix(ending) + more + ending
