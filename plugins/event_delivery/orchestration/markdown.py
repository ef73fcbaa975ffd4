"""How does a text that others wrote stand in Markdown, so that it stays text?

Airflow's UI renders descriptions and notes as GitHub's Markdown: an image in a client's name would be fetched by
the browser of whoever looks, and a bare address becomes a link even where its characters are escaped.
"""

from __future__ import annotations

import re

from event_delivery.plain_text import make_plain

_HARMLESS = re.compile(r"(?:[^\W_]|[ ,.&'()-])+")
_ADDRESS = re.compile(r"www\.", re.IGNORECASE)


def show_text(text: str) -> str:
    """Return a text as itself where nothing in it means anything in Markdown, else as code."""
    line = make_plain(text).strip()
    return line if _HARMLESS.fullmatch(line) and not _ADDRESS.search(line) else show_code(line)


def show_code(text: str) -> str:
    """Return a text as code within a line, between more backticks than stand in it."""
    line = make_plain(text)
    if not line.strip():
        return ""
    marks = "`" * (_longest_run(line) + 1)
    return f"{marks} {line} {marks}" if "`" in line or line != line.strip() else f"{marks}{line}{marks}"


def show_block(text: str) -> str:
    """Return a text of one line as a block of code."""
    line = make_plain(text)
    marks = "`" * max(3, _longest_run(line) + 1)
    return f"{marks}\n{line}\n{marks}"


def _longest_run(line: str) -> int:
    return max(map(len, re.findall("`+", line)), default=0)
