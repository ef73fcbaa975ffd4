"""What of a text that others wrote may be shown to a person?

A control character can drive a terminal, one that turns the direction of writing can make a name read as another
(Unicode TR 36), and one of no width can hide in it. All that is shown or recorded passes here.
"""

from __future__ import annotations

import unicodedata

# Control, format, surrogate, private, unassigned; line and paragraph separators.
_UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"  # Persian, Hindi and emoji are written with them


def is_plain(text: str) -> bool:
    """Tell whether every character of a text may be shown."""
    return text.isprintable() or all(map(_is_shown, text))


def make_plain(text: str, longest: int | None = None) -> str:
    """Return a text as one line: what may not be shown is a space, and what is too long ends with `...`."""
    if not text.isprintable():
        text = "".join(character if _is_shown(character) else " " for character in text)
    return text if longest is None or len(text) <= longest else f"{text[: longest - 3]}..."


def escape_json(text: str) -> str:
    """Return JSON with the same meaning, in which nothing stands that may not be shown."""
    return "".join(
        character if character == "\n" or _is_shown(character) else _escape(character) for character in text
    )


def _is_shown(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _UNSHOWN


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
