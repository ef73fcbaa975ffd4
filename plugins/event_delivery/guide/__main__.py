"""What does one client's integration engineer have to know? Its own guide.

    python -m event_delivery.guide acme                 as Markdown, to standard output
    python -m event_delivery.guide acme --html FILE     as one page that prints well: a new file
    python -m event_delivery.guide acme --folder DIR    both, for each event type its JSON Schema or dictionary,
                                                        samples of a day, an empty day, a test: a new folder

It holds no secret, and of nobody's data but the example's.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

from event_delivery.command_line import answer
from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError
from event_delivery.guide.beside import write_beside
from event_delivery.guide.html import write_html
from event_delivery.guide.making import make_guide
from event_delivery.guide.markdown import write_markdown
from event_delivery.preview import find_valid


def main(arguments: list[str] | None = None) -> int:
    """Write the guide; returns the exit status."""
    options = _parse(arguments)

    def obey() -> str:
        destination, now = find_valid(options.destination), datetime.now(UTC)
        with redirect_stdout(sys.stderr):
            guide = make_guide(destination, now)
            if guide.lacking:
                print(guide.lacking)  # noqa: T201
            markdown, page = write_markdown(guide.client, guide.sections), write_html(guide.client, guide.sections)
            if options.folder:
                return _write_folder(Path(options.folder), destination, now, markdown, page)
            if options.html:
                return _write_new(Path(options.html), page)
        return markdown

    return answer(obey)


def _write_folder(folder: Path, destination: Destination, now: datetime, markdown: str, page: str) -> str:
    """Write all of it into a new folder, or nothing."""
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise _refuse(folder, error) from None
    try:
        (folder / "guide.md").write_text(markdown, encoding="utf-8")
        (folder / "guide.html").write_text(page, encoding="utf-8")
        written = ["guide.md", "guide.html", *write_beside(folder, destination, now)]
    except BaseException:
        shutil.rmtree(folder)
        raise
    return f"Written into {folder}: {', '.join(written)}"


def _write_new(path: Path, page: str) -> str:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(page)
    except OSError as error:
        raise _refuse(path, error) from None
    return f"Written: {path}"


def _refuse(path: Path, error: OSError) -> PermanentError:
    return PermanentError(f"{path} cannot be made ({error.strerror}): name one that is not there.")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m event_delivery.guide", description=__doc__, formatter_class=form)
    parser.add_argument("destination", help="id of the destination, such as acme")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--html", help="a new file for the guide as a page")
    where.add_argument("--folder", help="a new folder for the guide and what belongs to it")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
