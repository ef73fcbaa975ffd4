"""May a character of a URL stand as it is, and how is it written else?"""

from __future__ import annotations

import re
import unicodedata

_TWO_DIGITS = re.compile("[0-9A-Fa-f]{2}")
_CODE, _CODES = re.compile("%[0-9A-Fa-f]{2}"), re.compile("(%[0-9A-Fa-f]{2})+")
_CONTROL = re.compile("%(0[0-9A-Fa-f]|1[0-9A-Fa-f]|7[Ff])")
_ENCODED = set('@/?#[]"<>\\^`{|}')  # in user and password; RFC 3986 lets the others stand
_LINE_ENDS = "\r\n\v\f\x85\u2028\u2029"


def explain_character(url: str, place: int, part: str) -> str | None:
    """Return what is found at a place (from 0) and wanted there; None where it may stand.

    `part` is user, password, host or path. A letter is never named: it is a piece of the secret.
    """
    character, where = url[place], f"in the {part}, "
    if hidden := _explain_hidden(character, part):
        return where + hidden
    if part in ("user", "password") and character in _ENCODED:
        return f"{where}found {character!r}, wanted %{ord(character):02X}"
    if character == "#":
        return f"{where}found '#': take it out with what follows; if it belongs to the path, write %23"
    if character == "%" and part != "host":
        return _explain_percent(url, place, where)
    if part != "host" and not character.isascii():
        return f"{where}found a character beyond ASCII, wanted its bytes in UTF-8, each as % and two digits"
    return None


def _explain_hidden(character: str, part: str) -> str | None:
    if character == " ":
        belongs = "" if part == "host" else f"; if it belongs to the {part}, write %20"
        return f"found a space: take it out{belongs}"
    if character in _LINE_ENDS:
        return "found a line break: take it out, the URL is one line"
    if unicodedata.category(character) in ("Cc", "Cf", "Zs"):
        return "found a character that does not show, such as a tab: take it out, or type it anew"
    return None


def _explain_percent(url: str, place: int, where: str) -> str | None:
    if not _TWO_DIGITS.match(url, place + 1):
        return f"{where}found a '%' without two hexadecimal digits behind it, wanted %25"
    if _CONTROL.match(url, place):
        return f"{where}found the code of a character that does not show, such as a line end: take it out"
    if not _is_utf_8(url, place):
        return f"{where}found the code of a byte that is no UTF-8, wanted that of each byte in UTF-8: %C3%BC for ü"
    return None


def _is_utf_8(url: str, place: int) -> bool:
    """Tell whether the codes that begin at a place are UTF-8; one in the midst of others is told at the first."""
    if _CODE.match(url, place - 3):
        return True
    codes = _CODES.match(url, place)
    try:
        bytes.fromhex(codes[0].replace("%", "") if codes else "").decode()
    except UnicodeDecodeError:
        return False
    return True
