"""How is a client's guide written as one page that needs nothing else, and prints well?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from event_delivery.guide.section import Section

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
body { color: #1f2328 }
h1 { font-size: 1.7rem } h2 { font-size: 1.2rem; margin-top: 2rem; border-bottom: 1px solid #d0d7de }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { border: 1px solid #d0d7de; padding: .3rem .5rem; text-align: left; vertical-align: top }
td { overflow-wrap: break-word }
@media print { body { margin: 0; max-width: none; font-size: 11pt } }
@media print { h2, tr { break-inside: avoid } h2 { break-after: avoid } }
"""


def write_html(client: str, sections: Sequence[Section]) -> str:
    """Return the guide."""
    title = f"Your files: {escape(client)}"
    meta = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    head = f'<!doctype html>\n<html lang="en"><head>{meta}</head>'
    body = "\n".join(line for each in sections for line in _write(each))
    return f"{head}\n<body>\n<h1>{title}</h1>\n{body}\n</body></html>\n"


def _write(section: Section) -> Iterator[str]:
    yield f"<h2>{escape(section.title)}</h2>"
    yield from (f"<p>{escape(paragraph)}</p>" for paragraph in section.paragraphs)
    if section.rows:
        yield "<table>" + _row(section.head, "th")
        yield from (_row(row, "td") for row in section.rows)
        yield "</table>"


def _row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
