"""Is a client's URL written as the guide says, and if not, where? Of user and password nothing is repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from event_delivery.connection.url_character import explain_character
from event_delivery.sftp.connection_fields import HIGHEST_PORT, is_host

FORM = "sftp://user:password@host:port/path"
_SCHEMES = ("sftp", "ssh")
_NOT_SFTP = ("ftp", "ftps", "ftpes", "http", "https", "scp", "file")
_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True)
class _Split:
    """Where the parts of a URL begin and end; what stands before the last '@' is user and password."""

    url: str
    start: int
    at: int

    @property
    def colon(self) -> int:
        """Where the password's colon stands, -1 where none does."""
        return self.url.find(":", self.start, max(self.at, self.start))

    @property
    def slash(self) -> int:
        """Where host and port are over."""
        found = re.search("[/?#]", self.url[self.at + 1 :]) if self.at >= 0 else None
        return self.at + 1 + found.start() if found else len(self.url)

    @property
    def authority(self) -> str:
        """What stands where host and port are wanted."""
        return self.url[max(self.at + 1, self.start) : self.slash]

    @property
    def host_and_port(self) -> tuple[str, str | None]:
        """The host without brackets, and what stands behind its colon, None where none does."""
        found = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(.*))?", self.authority, re.DOTALL)
        return (found[1].strip("[]"), found[2]) if found else (self.authority, None)


def strip_url(text: str) -> str:
    """Return what was copied from an e-mail without the spaces, line ends and brackets around it."""
    text = text.strip(" \t\r\n\u00a0\u200b\u2060\ufeff")
    for opening, closing in ("<>", '""', "''", "``", "“”"):
        if len(text) > 1 and text[0] == opening and text[-1] == closing:
            return strip_url(text[1:-1])
    return text


def names_port(url: str) -> bool:
    """Tell whether a URL names a port; without one it is 22."""
    return _split(url).host_and_port[1] not in (None, "")


def find_mistakes(url: str) -> list[str]:
    """Return what has to be changed before a client's URL can be used: where, what was found, what is wanted."""
    split = _split(url)
    return [*_check_scheme(url), *find_misspelled(url), *_check_login(split), *_check_rest(split)]


def find_misspelled(url: str) -> list[str]:
    """Return the characters that let a URL be read as another one, by their places, counted from 1."""
    split = _split(url)
    places = range(split.start, len(url))
    found = ((place, explain_character(url, place, _name_part(split, place))) for place in places)
    return [f"character {place + 1}: {said}" for place, said in found if said]


def _split(url: str) -> _Split:
    scheme = re.match(r"[A-Za-z0-9+.-]{0,20}:/{0,2}", url)
    start = scheme.end() if scheme and "://" in scheme[0] else 0
    return _Split(url, start, url.rfind("@", start))


def _name_part(split: _Split, place: int) -> str:
    if place < split.at:
        return "password" if -1 < split.colon <= place else "user"
    return "host" if place < split.slash else "path"


def _check_scheme(url: str) -> Iterator[str]:
    scheme, found, _ = url.partition("://")
    if found and scheme.lower() in _SCHEMES:
        return
    if found and scheme.lower() in _NOT_SFTP:
        yield f"it begins with {scheme.lower()}://, which is not SFTP: wanted sftp:// and an SFTP server"
    else:
        yield f"it does not begin with sftp://: wanted {FORM}"


def _check_login(split: _Split) -> Iterator[str]:
    if split.at < 0:
        yield f"it names no user and no password (there is no '@'): wanted {FORM}"
        return
    user_end = split.colon if split.colon >= 0 else split.at
    if user_end == split.start:
        yield "there is no user before the first ':'"
    if split.colon in (-1, split.at - 1):
        yield "there is no password between ':' and '@'"


def _check_rest(split: _Split) -> Iterator[str]:
    """Check what is behind the last '@': a piece of a password may be taken for a host, so none is shown."""
    if split.at < 0:
        return
    host, port = split.host_and_port
    if ":" in (port or "") or "[" in split.authority.replace(f"[{host}]", ""):
        yield (
            "several ':' stand behind the last '@', or a bracket alone: wanted host:port, an IPv6 address in "
            "brackets, such as [2001:db8::1]:22"
        )
        return
    if not host:
        yield "there is no host behind the last '@'"
    elif not is_host("".join(host.split())):
        yield "what stands behind the last '@' is no host name"
    if port and not (_PORT.fullmatch(port) and 0 < int(port) <= HIGHEST_PORT):
        yield f"what stands behind the host's ':' is no port: wanted a number from 1 to {HIGHEST_PORT}"
    rest = split.url[split.slash :]
    if "?" in rest:
        yield "something follows the path, behind a '?': take it out, options are refused"
    if port == "" and rest.startswith("//"):
        yield "a second '://' stands behind the last '@': wanted the host there"
