"""Which columns have a client's files had, since when?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from event_delivery.guide.section import Section
from event_delivery.ledger.schema_versions import SchemaVersion


def tell_history(event: str, versions: Sequence[SchemaVersion]) -> list[Section]:
    """Return the versions of an event type's columns; nothing before a file was sent."""
    if not versions:
        return []
    told = "By number, which a manifest tells as schema_version. Columns that come back have their number back."
    before = [None, *versions[:-1]]
    rows = [
        (str(each.version), f"{each.since:%Y-%m-%d}", _compare(earlier, each))
        for earlier, each in zip(before, versions, strict=True)
    ]
    return [Section(f"Versions of the columns: {event}", [told], ("version", "first sent", "columns"), rows)]


def _compare(earlier: SchemaVersion | None, later: SchemaVersion) -> str:
    if earlier is None:
        return ", ".join(later.columns)
    return "; ".join(_list_changes(earlier, later)) or "in another order: " + ", ".join(later.columns)


def _list_changes(earlier: SchemaVersion, later: SchemaVersion) -> Iterator[str]:
    if added := [name for name in later.columns if name not in earlier.columns]:
        yield f"new: {', '.join(added)}"
    if gone := [name for name in earlier.columns if name not in later.columns]:
        yield f"gone: {', '.join(gone)}"
    was, now = _by_name(earlier), _by_name(later)
    for name in later.columns:
        if was.get(name) and now.get(name) and was[name] != now[name]:
            yield f"{name}: {was[name]}, then {now[name]}"


def _by_name(version: SchemaVersion) -> dict[str, str]:
    return dict(zip(version.columns, version.types, strict=True)) if version.types else {}
