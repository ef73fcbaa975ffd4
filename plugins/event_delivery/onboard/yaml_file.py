"""How is a destination's file made: checked as every parse will, and never put over another?"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from event_delivery.destinations import Destination, QuarantinedDestination, load_destination, load_destinations
from event_delivery.destinations.destination import DESTINATION_ID
from event_delivery.destinations.file import DEFAULTS_FILE, read_defaults, read_destination
from event_delivery.destinations.folder import destinations_folder
from event_delivery.destinations.sharing import quarantine_claims
from event_delivery.destinations.yaml_file import read_yaml
from event_delivery.onboard.stopped import StoppedError

Fields = tuple[tuple[str, str], ...]


def write_fields(fields: Fields) -> str:
    """Return a destination's YAML; what is not named is left to the defaults."""
    return _dump(dict(fields))


def find_file(destination_id: str) -> Path:
    """Return the path of a destination's file, there or not."""
    return destinations_folder() / f"{destination_id}.yaml"


def check_fields(destination_id: str, fields: Fields) -> Destination:
    """Return the destination as it is, where its file is there and says the same, or as it would become.

    Raises:
        StoppedError: a field is wrong, the file that is there says otherwise, or another claims the same.
    """
    if not DESTINATION_ID.fullmatch(destination_id):
        raise StoppedError(
            "ours", f"destination id: found {destination_id!r}, wanted letters, digits, '_' and '-'."
        )
    if os.path.lexists(find_file(destination_id)):
        return _recognise(destination_id, fields)
    found = _read(destination_id, dict(fields))
    claims = quarantine_claims([*load_destinations(), found])
    return _require(next((each for each in claims if each.id == destination_id), found))


def write_file(destination_id: str, fields: Fields) -> bool:
    """Write a destination's file, whole and once; tells whether it was not there before.

    Raises:
        StoppedError: it cannot be written here.
    """
    final = find_file(destination_id)
    if os.path.lexists(final):
        return False
    temporary = final.with_name(f".{final.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_text(write_fields(fields), encoding="utf-8")
        temporary.chmod(0o644)
        os.link(temporary, final)  # a rename would put it over one that has come meanwhile
    except FileExistsError:
        raise StoppedError("ours", f"{final} has just been made by somebody else: look at it.") from None
    except OSError as error:
        raise StoppedError(
            "ours",
            f"{final} cannot be written here ({error.strerror}): put it where your destinations are kept: "
            f"{'; '.join(write_fields(fields).splitlines())}",
        ) from None
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _recognise(destination_id: str, fields: Fields) -> Destination:
    there = _require(load_destination(destination_id))
    asked = _require(_read(destination_id, {**read_yaml(find_file(destination_id)), **dict(fields)}))
    other = [name for name, _ in fields if getattr(asked, name) != getattr(there, name)]
    if other:
        raise StoppedError(
            "ours",
            f"{find_file(destination_id)} is there already and says otherwise in: {', '.join(other)}. It is never "
            f"overwritten: edit it, or choose another id.",
        )
    return there


def _read(destination_id: str, fields: Mapping[str, object]) -> Destination | QuarantinedDestination:
    """Return what a file with these fields would be, over the folder's defaults."""
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / f"{destination_id}.yaml"
        file.write_text(_dump(fields), encoding="utf-8")
        return read_destination(file, read_defaults(destinations_folder() / DEFAULTS_FILE))


def _dump(fields: Mapping[str, object]) -> str:
    return str(yaml.safe_dump(dict(fields), sort_keys=False, allow_unicode=True, width=1_000))


def _require(found: Destination | QuarantinedDestination) -> Destination:
    if isinstance(found, QuarantinedDestination):
        raise StoppedError("ours", found.message)
    return found
