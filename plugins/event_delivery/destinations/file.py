"""Is one destination file right, and if not, what is wrong with it?"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from event_delivery.destinations.destination import DESTINATION_ID, Destination
from event_delivery.schedule import BUILT_IN_SCHEDULE, NightlySchedule

DEFAULTS_FILE = "_defaults.yaml"
FIELDS = [name for name in Destination.model_fields if name != "id"]


@dataclass(frozen=True)
class QuarantinedDestination:
    """A destination whose file is wrong, and the message that says where and how to mend it."""

    id: str
    message: str

    @property
    def client(self) -> str:
        """Its id: the client's name may be what is wrong."""
        return self.id

    @property
    def schedule(self) -> NightlySchedule:
        """The built-in one."""
        return BUILT_IN_SCHEDULE


_REPLACED_TAGS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:timestamp")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without the surprises of version 1.1: 12:30 and 0123 are no numbers, no key stands twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own spelling
        first: [(tag, regexp) for tag, regexp in resolvers if tag not in _REPLACED_TAGS]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if key.value in seen:
                problem = f"field {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?(0|[1-9][0-9]*)\Z"), list("-+0123456789"))


def read_defaults(file: Path) -> dict[str, Any] | str:
    """Return the defaults of a folder's destinations, or the message that says why they cannot be read."""
    try:
        return _read_yaml(file) if file.exists() else {}
    except (OSError, ValueError) as error:
        return f"{file.name}: {error}"


def _read_yaml(file: Path) -> dict[str, Any]:
    """Read a mapping; the error names the place, never the line's text, which may hold a secret."""
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
        raise ValueError(f"not YAML ({where}): {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"not YAML in UTF-8 ({type(error).__name__})") from None
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ValueError(f"found {type(content).__name__}, wanted fields such as `client: Acme`")
    return content


def read_destination(file: Path, defaults: dict[str, Any] | str) -> Destination | QuarantinedDestination:
    """Return the destination that a file describes over the defaults, or the same quarantined."""
    if not DESTINATION_ID.fullmatch(file.stem) or file.suffix != ".yaml":
        wanted = "<destination>.yaml with letters, digits, '_' and '-', starting with a letter or digit"
        return QuarantinedDestination(
            re.sub(r"[^\w-]", "_", file.stem, flags=re.ASCII)[:100],
            f"destination file name: found {file.name!r}, wanted {wanted}",
        )
    if isinstance(defaults, str):
        return QuarantinedDestination(file.stem, defaults)
    try:
        fields = _read_yaml(file)
        if "id" in defaults | fields:
            source = file.name if "id" in fields else DEFAULTS_FILE
            return QuarantinedDestination(file.stem, f"{source}: field 'id': the file's name is the id")
        return Destination(**(defaults | fields), id=file.stem)
    except ValidationError as error:
        return QuarantinedDestination(file.stem, _explain(error, file, fields, defaults))
    except (OSError, ValueError) as error:
        return QuarantinedDestination(file.stem, f"{file.name}: {error}")


# By pydantic's types of errors: those that the fields of a destination can have.
_WANTED = {
    "value_error": "{error}",
    "literal_error": "wanted {expected}",
    "bool_type": "wanted a valid boolean",
    "int_type": "wanted a valid integer",
    "string_type": "wanted a valid string",
    "greater_than_equal": "wanted greater than or equal to {ge}",
}


def _explain(error: ValidationError, file: Path, fields: dict[str, Any], defaults: dict[str, Any]) -> str:
    problems = []
    for problem in error.errors(include_url=False):
        name = str(problem["loc"][0]) if problem["loc"] else "catchup"
        source = DEFAULTS_FILE if name in defaults and name not in fields else file.name
        problems.append(f"{source}: field {name!r}: {_found_and_wanted(name, problem)}")
    return "; ".join(problems)


def _found_and_wanted(name: str, problem: Any) -> str:
    if problem["type"] == "missing":
        return "found nothing, wanted a value: this field is required"
    if problem["type"] != "extra_forbidden":
        template = _WANTED.get(problem["type"])
        wanted = template.format(**problem.get("ctx", {})) if template else problem["msg"]
        return f"found {_show(problem['input'])}, {wanted}" if problem["loc"] else wanted
    similar = difflib.get_close_matches(name, FIELDS, n=1, cutoff=0.75)
    question = f"; did you mean {similar[0]!r}?" if similar else f"; wanted one of {', '.join(FIELDS)}"
    return (
        "there is no such field (its value is not shown: it may be a secret, and secrets belong in the "
        f"Airflow Connection){question}"
    )


def _show(value: object) -> str:
    shown = re.sub(r"://.*", "://***", repr(value), flags=re.DOTALL)
    return shown if len(shown) <= 80 else f"{shown[:80]}..."
