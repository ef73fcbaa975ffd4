"""What does one client's integration engineer have to know? Its own guide.

    python -m event_delivery.guide acme                 as Markdown, to standard output
    python -m event_delivery.guide acme --folder DIR    guide.html, guide.md, and for each event type its schema or
                                                        dictionary, a sample file and an empty day: a new folder

It holds no secret, and of nobody's data but the example's.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, date, datetime
from pathlib import Path

from event_delivery.command_line import answer
from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError
from event_delivery.guide.columns import describe_columns
from event_delivery.guide.html import write_html
from event_delivery.guide.markdown import write_markdown
from event_delivery.guide.schema import write_dictionary, write_json_schema
from event_delivery.guide.wording import write_guide
from event_delivery.preview import find_valid, make_preview

_EMPTY = date(1971, 1, 1)  # no learning platform has events of it


def main(arguments: list[str] | None = None) -> int:
    """Write the guide; returns the exit status."""
    options = _parse(arguments)

    def obey() -> str:
        destination, now = find_valid(options.destination), datetime.now(UTC)
        with redirect_stdout(sys.stderr):
            sections = write_guide(destination, now)
            if options.folder is None:
                return write_markdown(destination.client, sections)
            folder = _make(options.folder)
            (folder / "guide.md").write_text(write_markdown(destination.client, sections), encoding="utf-8")
            (folder / "guide.html").write_text(write_html(destination.client, sections), encoding="utf-8")
            written = ["guide.md", "guide.html", *_write_beside(folder, destination, now)]
        return f"Written into {folder}: {', '.join(written)}"

    return answer(obey)


def _make(path: str) -> Path:
    folder = Path(path)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise PermanentError(
            f"{path} cannot be made ({error.strerror}): name a folder that is not there."
        ) from None
    return folder


def _write_beside(folder: Path, destination: Destination, now: datetime) -> Iterator[str]:
    for event in destination.events:
        columns = describe_columns(nightly_delivery(destination, event, destination.day(_EMPTY)))
        if destination.format == "csv":
            yield _write(folder / f"{event}.columns.csv", write_dictionary(columns).encode())
        else:
            schema = json.dumps(write_json_schema(event, columns), indent=2, ensure_ascii=False) + "\n"
            yield _write(folder / f"{event}.schema.json", schema.encode())
        yield _preview(folder, delivery_of_test_file(destination, event, now))
        yield _preview(folder, nightly_delivery(destination, event, destination.day(_EMPTY)))


def _preview(folder: Path, delivery: Delivery) -> str:
    with make_preview(delivery) as (_, file):
        return _write(folder / delivery.file_name, file.read())


def _write(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return path.name


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m event_delivery.guide", description=__doc__, formatter_class=form)
    parser.add_argument("destination", help="id of the destination, such as acme")
    parser.add_argument("--folder", help="a new folder for the guide and what belongs to it")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
