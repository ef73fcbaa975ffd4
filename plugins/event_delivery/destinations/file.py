"""Is one destination file right, and if not, what is wrong with it?"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from event_delivery.destinations.destination import DESTINATION_ID, Destination
from event_delivery.destinations.dialect import Dialect
from event_delivery.destinations.packing import Encryption
from event_delivery.destinations.presets import merge_fields
from event_delivery.destinations.quarantined import QuarantinedDestination, name_quarantined
from event_delivery.destinations.shape import Shape
from event_delivery.destinations.split import Split
from event_delivery.destinations.yaml_file import read_yaml

DEFAULTS_FILE = "_defaults.yaml"
_SHAPE = [*Shape.model_fields]  # pydantic lists what a model has of another one first
_OWN = [name for name in Destination.model_fields if name != "id" and name not in _SHAPE]
_AT = _OWN.index("events")
FIELDS = [*_OWN[:_AT], *_SHAPE, *_OWN[_AT:]]
_PARTS = {"csv": [*Dialect.model_fields], "encryption": [*Encryption.model_fields], "split": [*Split.model_fields]}
_LONGEST_SHOWN, _MOST_PROBLEMS = 80, 5


def read_defaults(file: Path) -> dict[str, Any] | str:
    """Return the defaults of a folder's destinations, or the message that says why they cannot be read."""
    if not os.path.lexists(file):
        return {}
    try:
        return read_yaml(file)
    except Exception as error:
        return f"{file.name}: {_say(error)}"


def read_destination(file: Path, defaults: dict[str, Any] | str) -> Destination | QuarantinedDestination:
    """Return the destination that a file describes over the defaults, or the same quarantined.

    Never raises for what the file is, holds or is called.
    """
    if not DESTINATION_ID.fullmatch(file.stem) or file.suffix != ".yaml":
        return _quarantine_name(file)
    if isinstance(defaults, str):
        return QuarantinedDestination(file.stem, defaults)
    fields: dict[str, Any] = {}
    try:
        fields = read_yaml(file)
        if "id" in defaults | fields:
            source = file.name if "id" in fields else DEFAULTS_FILE
            return QuarantinedDestination(file.stem, f"{source}: field 'id': the file's name is the id")
        return Destination(**merge_fields(defaults, fields, file.stem), id=file.stem)
    except ValidationError as error:
        return QuarantinedDestination(file.stem, _explain(error, file, fields, defaults))
    except Exception as error:
        return QuarantinedDestination(file.stem, f"{file.name}: {_say(error)}")


def _quarantine_name(file: Path) -> QuarantinedDestination:
    """Quarantine a file whose name is no id; `acme.yml` claims the id of acme.yaml, which both then lose."""
    wanted = "<destination>.yaml with letters, digits, '_' and '-', starting with a letter or digit"
    claimed = DESTINATION_ID.fullmatch(file.stem)
    return QuarantinedDestination(
        file.stem if claimed else name_quarantined(file),
        f"destination file name: found {file.name[:_LONGEST_SHOWN]!r}, wanted {wanted}",
    )


def _say(error: Exception) -> str:
    """Return why a file cannot be read; of what nobody foresaw only the kind, its text may hold a secret."""
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror or type(error).__name__})"
    return str(error) if type(error) is ValueError else f"cannot be read ({type(error).__name__})"


# By pydantic's types of errors: those that the fields of a destination can have.
_WANTED = {
    "value_error": "{error}",
    "literal_error": "wanted {expected}",
    "bool_type": "wanted a valid boolean",
    "int_type": "wanted a valid integer",
    "string_type": "wanted a valid string",
    "greater_than_equal": "wanted greater than or equal to {ge}",
    "less_than_equal": "wanted less than or equal to {le}",
    "invalid_key": "wanted the name of an option, as text",
    "model_type": "wanted options by name, such as {{name: value}}",
    "string_too_short": "wanted one character",
    "string_too_long": "wanted one character",
}


def _explain(error: ValidationError, file: Path, fields: dict[str, Any], defaults: dict[str, Any]) -> str:
    found, problems = error.errors(include_url=False), []
    for problem in found[:_MOST_PROBLEMS]:
        places = [str(place) for place in problem["loc"]] or [_name_field(problem["msg"])]
        source = DEFAULTS_FILE if places[0] in defaults and places[0] not in fields else file.name
        problems.append(f"{source}: field {_show_name('.'.join(places))}: {_found_and_wanted(places, problem)}")
    if len(found) > _MOST_PROBLEMS:
        problems.append(f"and {len(found) - _MOST_PROBLEMS} more")
    return "; ".join(problems)


def _name_field(message: str) -> str:
    """Return the field that a message of several fields' check starts with."""
    name = message.removeprefix("Value error, ").partition(":")[0]
    return name if name in FIELDS else "catchup"


def _found_and_wanted(places: Sequence[str], problem: Any) -> str:
    if problem["type"] == "missing":
        return "found nothing, wanted a value: this field is required"
    if problem["type"] != "extra_forbidden":
        template = _WANTED.get(problem["type"])
        wanted = template.format(**problem.get("ctx", {})) if template else problem["msg"]
        if not problem["loc"]:
            return wanted.removeprefix(f"{places[0]}: ")
        return f"found {_show(problem['input'])}, {wanted}"
    known = _PARTS[places[0]] if len(places) > 1 else FIELDS
    similar = difflib.get_close_matches(places[-1], known, n=1, cutoff=0.75)
    question = f"; did you mean {similar[0]!r}?" if similar else f"; wanted one of {', '.join(known)}"
    return (
        "there is no such field (its value is not shown: it may be a secret, and secrets belong in the "
        f"Airflow Connection){question}"
    )


def _show(value: object) -> str:
    shown = re.sub(r"(://|-----BEGIN).*", r"\1***", repr(value), flags=re.DOTALL)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}..."


def _show_name(name: str) -> str:
    return repr(name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}...")
