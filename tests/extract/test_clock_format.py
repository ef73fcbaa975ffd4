"""Does PostgreSQL write an instant as Python's strftime does?"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import ClientCursor, sql

from event_delivery.destinations.chosen_columns import ChosenColumn
from event_delivery.extract.clock_format import write_instant

PARTS = ["%Y", "%y", "%m", "%d", "%H", "%I", "%M", "%S", "%p", "%j", "%b", "%B", "%a", "%A", "%f", "%3f", "%z"]
TEXTS = ["T", " ", "-", ":", "DD", "th", "FM", '"', "\\", "'", "Uhr", "%%", "é", "TZ"]
FORMATS = st.lists(st.sampled_from([*PARTS, *PARTS, *TEXTS]), min_size=1, max_size=8)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Pacific/Chatham"])
FIRST, LAST = map(datetime.fromisoformat, ("1971-01-01", "2037-12-31"))
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


def expect(pieces: list[str], local: datetime) -> str:
    """Return what strftime writes, with the two parts that are not Python's own."""
    offset = local.strftime("%z")
    ours = {"%z": f"{offset[:3]}:{offset[3:]}", "%3f": f"{local.microsecond // 1000:03d}"}
    return "".join(ours.get(piece) or (local.strftime(piece) if "%" in piece else piece) for piece in pieces)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=FORMATS, zone=ZONES, moment=MOMENTS)
@example(pieces=["%d", "%a"], zone="UTC", moment=datetime(2026, 3, 9, tzinfo=UTC))
@example(pieces=["%S", "%S", "%d", "%j", "%y", "%Y"], zone="UTC", moment=datetime(2026, 3, 9, tzinfo=UTC))
def test_an_instant_is_written_as_strftime_would(events_db, pieces, zone, moment):
    """Parts may follow each other in any order, and texts may look like PostgreSQL's own parts."""
    time_format = "".join(pieces)
    if "%" not in time_format.replace("%%", ""):
        return
    assert ChosenColumn(column="at", time_format=time_format, timezone=zone).time_format == time_format
    statement = sql.SQL("select {} from (select %(at)s::timestamptz as at) as event")
    cursor = ClientCursor(events_db)
    cursor.execute(statement.format(write_instant(sql.Identifier("at"), time_format, zone)), {"at": moment})
    assert cursor.fetchone() == (expect(pieces, moment.astimezone(ZoneInfo(zone))),)
