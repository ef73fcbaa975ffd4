"""How is a destination's file set aside, with all else that stands in it?"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from tempfile import TemporaryDirectory

from event_delivery.destinations import Destination
from event_delivery.destinations.file import DEFAULTS_FILE, read_defaults, read_destination
from event_delivery.destinations.yaml_file import MOST_KIB
from event_delivery.errors import PermanentError
from event_delivery.regular_file import read_regular_file

_ENABLED = re.compile(r"^enabled:.*$", re.MULTILINE)
_DISABLED = "enabled: false"


def disable_file(file: Path) -> None:
    """Write `enabled: false` into a destination's file; its other lines stay as they are, comments too.

    Raises:
        PermanentError: it cannot be written here, or would mean something else then.
    """
    text = read_regular_file(file, MOST_KIB)
    changed = _ENABLED.sub(_DISABLED, text) if _ENABLED.search(text) else f"{text.rstrip()}\n{_DISABLED}\n"
    _check_disabled(file, changed)
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_text(changed, encoding="utf-8")
        temporary.chmod(file.stat().st_mode & 0o777)
        temporary.replace(file)
    except OSError as error:
        raise _ask_a_person(file, f"cannot be written here ({error.strerror})") from None
    finally:
        temporary.unlink(missing_ok=True)


def _check_disabled(file: Path, changed: str) -> None:
    with TemporaryDirectory() as scratch:
        candidate = Path(scratch) / file.name
        candidate.write_text(changed, encoding="utf-8")
        found = read_destination(candidate, read_defaults(file.parent / DEFAULTS_FILE))
    if not isinstance(found, Destination) or found.enabled:
        raise _ask_a_person(file, "cannot be changed by a program")


def _ask_a_person(file: Path, why: str) -> PermanentError:
    return PermanentError(f"{file} {why}: write enabled: false into it where it is kept, and run this again.")
