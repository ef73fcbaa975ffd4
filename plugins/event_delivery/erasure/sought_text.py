"""How does a text stand in CSV and JSON, and does a file hold it?"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import IO

from event_delivery.errors import PermanentError

FEWEST, MOST = 4, 1_000
_BLOCK_BYTES = 1 << 20
_BEFORE = 8  # bytes that tell whether a match begins a word: an escape such as \u000a has six
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_WORD = re.compile(rb"[0-9A-Za-z]")
_ESCAPE = re.compile(rb"\\(?:[bfnrt]|u[0-9a-fA-F]{4})\Z")


class SoughtText:
    """A learner's id or e-mail, as it may stand in a file: plain, or escaped as CSV and JSON do.

    An e-mail and a UUID are found in capitals, too. A text is found where it is a word of its own: 1234 is not
    found in 12345, but `ann@x.org` in `jo.ann@x.org`, since more found is better than less.

    Args:
        text: 4 to 1,000 characters; spaces around it do not count.

    Raises:
        PermanentError: it is too short, and would be found nearly everywhere, or too long.
    """

    def __init__(self, text: str) -> None:
        text = text.strip()
        if not FEWEST <= len(text) <= MOST:
            raise PermanentError(
                f"The text sought has {len(text):,} characters, wanted {FEWEST} to {MOST:,}: an id or an e-mail. "
                "A shorter one stands in nearly every file."
            )
        caseless = "@" in text or _UUID.fullmatch(text) is not None
        forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD")} | {text}
        spelled = [[_spell(character, caseless) for character in form] for form in sorted(forms)]
        self._pattern = re.compile(b"|".join(b"".join(map(_join, form)) for form in spelled))
        self._longest = max(sum(len(spellings[0]) for spellings in form) for form in spelled)

    def __repr__(self) -> str:
        """Show nothing of it: it may come into a log."""
        return "SoughtText(...)"

    def stands_in(self, file: IO[bytes], block_bytes: int = _BLOCK_BYTES) -> bool:
        """Tell whether a file holds it; memory does not grow with the file."""
        before, kept = b"", self._longest + _BEFORE
        while True:
            block = file.read(block_bytes)
            text = before + block
            if self._is_in(text, is_first=len(before) < kept, is_last=not block):
                return True
            if not block:
                return False
            before = text[-kept:]

    def _is_in(self, text: bytes, is_first: bool, is_last: bool) -> bool:
        """Look through a part of a file; what lies at its edges is decided with the part beside it."""
        start = 0
        while match := self._pattern.search(text, start):
            begin, end = match.span()
            whole = (is_first or begin >= _BEFORE) and (is_last or end < len(text))
            if whole and _begins_word(text, begin) and not _WORD.match(text, end):
                return True
            start = begin + 1
        return False


def _begins_word(text: bytes, begin: int) -> bool:
    before = text[max(0, begin - _BEFORE) : begin]
    return not _WORD.fullmatch(before[-1:]) or _ESCAPE.search(before) is not None


def _spell(character: str, caseless: bool) -> list[bytes]:
    """Return how a character may stand in a file, the longest spelling first."""
    cases = {character, character.lower(), character.upper()} if caseless else {character}
    found = set()
    for case in cases:
        escaped = json.dumps(case)[1:-1]
        capitals = re.sub(r"\\u[0-9a-f]{4}", lambda match: "\\u" + match[0][2:].upper(), escaped)
        spellings = {case, escaped, capitals, case.replace("/", "\\/")}
        for each in spellings | {each.replace('"', '""') for each in spellings}:
            found |= {each.encode(), each.encode("cp1252", "ignore") or each.encode()}
    return sorted(found, key=lambda each: (-len(each), each))


def _join(spellings: list[bytes]) -> bytes:
    return b"(?:" + b"|".join(map(re.escape, spellings)) + b")"
