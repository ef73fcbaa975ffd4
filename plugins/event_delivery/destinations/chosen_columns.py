"""Which columns does a client want, in which order, by which names, and which events at all?

Whether a statement has such a column only the source knows: `extract` asks it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictStr, ValidationError, model_validator

from event_delivery.destinations.fields import is_time_zone
from event_delivery.plain_text import is_plain

_LONGEST_NAME, _MOST_COLUMNS, _MOST_VALUES = 200, 200, 500
_TIME_PARTS = re.compile(r"%(?:[YmdHMSfzyjbBaAIp%]|3f)|[^%]")
EVERY = "*"  # the key under which a choice for all event types is kept


class ChosenColumn(BaseModel):
    """A column of the file: one of the statement's by the name that the client wants, or a constant.

    `time_format`: of an instant, as strftime writes it, `%3f` for milliseconds; `timezone`: whose clock it shows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: StrictStr = ""
    column: StrictStr | None = None
    constant: StrictStr | None = None
    time_format: StrictStr | None = None
    timezone: StrictStr | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> ChosenColumn:
        if (self.column is None) == (self.constant is None):
            raise ValueError("wanted column or constant, one of the two")
        if self.constant is not None and (self.time_format or self.timezone or not self.name):
            raise ValueError("wanted a constant with a name and nothing else")
        for text in (self.name, self.column):
            if text and (len(text) > _LONGEST_NAME or not is_plain(text)):
                raise ValueError(f"wanted names of at most {_LONGEST_NAME} characters, all of which show")
        _check_time(self.time_format, self.timezone)
        return self

    @property
    def title(self) -> str:
        """What it is called in the file."""
        return self.name or str(self.column)


Columns = Mapping[str, tuple[ChosenColumn, ...]]
Filter = Mapping[str, tuple[str | None, ...]]
Filters = Mapping[str, Filter]


def _check_time(time_format: str | None, zone: str | None) -> None:
    if time_format is not None:
        spelled = "".join(_TIME_PARTS.findall(time_format))
        if spelled != time_format or "%" not in time_format or not is_plain(time_format):
            raise ValueError("wanted a time_format of strftime's parts, such as %d.%m.%Y %H:%M")
    if zone is not None and not is_time_zone(zone):
        raise ValueError("wanted an IANA timezone such as Europe/Berlin")


def _columns(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return {EVERY: _read_list(value)}
    if isinstance(value, Mapping) and value and all(isinstance(each, (list, tuple)) for each in value.values()):
        return {str(event): _read_list(each) for event, each in value.items()}
    if isinstance(value, Mapping) and not value:
        return {}
    raise ValueError("wanted a list of columns, or one by event type, such as [id, {userDetail.id: learner}]")


def _read_list(value: Sequence[Any]) -> tuple[ChosenColumn, ...]:
    if not 1 <= len(value) <= _MOST_COLUMNS:
        raise ValueError(f"wanted 1 to {_MOST_COLUMNS} columns")
    chosen = tuple(_read_column(each) for each in value)
    titles = [each.title for each in chosen]
    if doubled := next((title for title in titles if titles.count(title) > 1), None):
        raise ValueError(f"wanted each name once: {doubled!r} stands twice")
    return chosen


def _read_column(value: Any) -> ChosenColumn:
    """Read `id`, `userDetail.id: learner`, or a column with everything."""
    wanted = "wanted a column such as id, {userDetail.id: learner} or {name: source, constant: ours}"
    if isinstance(value, ChosenColumn):
        return value
    if isinstance(value, str):
        return ChosenColumn(column=value, name=value)
    if not isinstance(value, dict) or not value:
        raise ValueError(wanted)
    if len(value) == 1 and not {"column", "constant"} & value.keys():
        [(column, name)] = value.items()
        value = {"column": column, "name": name}
    try:
        return ChosenColumn(**value)
    except ValidationError as error:
        reasons = [str(each["ctx"]["error"]) for each in error.errors() if each["type"] == "value_error"]
        raise ValueError(reasons[0] if reasons else wanted) from None
    except TypeError:
        raise ValueError(wanted) from None


def _filters(value: object) -> object:
    if not isinstance(value, Mapping):
        raise ValueError("wanted values by column, such as {notifiableId: [value, value]}")  # noqa: TRY004
    nested = bool(value) and all(isinstance(each, Mapping) for each in value.values())
    by_event = value if nested else ({EVERY: value} if value else {})
    return {str(event): _read_filter(each) for event, each in by_event.items()}


def _read_filter(value: Mapping[Any, Any]) -> Filter:
    return {str(column): _read_values(each) for column, each in value.items()}


def _read_values(value: Any) -> tuple[str | None, ...]:
    values: Sequence[Any] = list(value) if isinstance(value, (list, tuple)) else [value]
    if not 1 <= len(values) <= _MOST_VALUES or not all(_is_value(each) for each in values):
        raise ValueError(f"wanted 1 to {_MOST_VALUES} texts, numbers, true, false or null for each column")
    return tuple(_write_value(each) for each in values)


def _is_value(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, bool))


def _write_value(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


ColumnChoice = Annotated[Columns, BeforeValidator(_columns)]
FilterChoice = Annotated[Filters, BeforeValidator(_filters)]
