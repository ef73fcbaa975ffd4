"""How is a client's guide written as Markdown?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from event_delivery.guide.section import Section


def write_markdown(client: str, sections: Sequence[Section]) -> str:
    """Return the guide."""
    return "\n".join([f"# Your files: {client}", "", *(line for each in sections for line in _write(each))])


def _write(section: Section) -> Iterator[str]:
    yield f"## {section.title}"
    yield ""
    for paragraph in section.paragraphs:
        yield _escape(paragraph)
        yield ""
    if section.rows:
        yield _row(section.head)
        yield "|---" * len(section.head) + "|"
        yield from map(_row, section.rows)
        yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_escape(cell) for cell in cells)} |"


def _escape(text: str) -> str:
    return re.sub(r"[\\|<*`\[]", r"\\\g<0>", text).replace("\n", " ")
