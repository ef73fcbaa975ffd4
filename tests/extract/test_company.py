"""Does a destination name its company as the source does, whatever type that has?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from event_delivery.destinations.destination import Destination
from event_delivery.errors import PermanentError
from event_delivery.extract.events import extract_events
from event_delivery.extract.sample import stage_sample_event
from tests.extract.statements import render_night, write_statement
from tests.sample_events import COMPANY

pytestmark = pytest.mark.usefixtures("staging_area")

STATEMENT = """
select number as id, happened_at as "timestamp", company as "companyId"
from visits
where
  company = %(company_id)s
  and company::text = (%(company_id)s::{type})::text
  and company in (select other.company from visits as other where other.company = %(company_id)s)
  and happened_at >= %(interval_start)s
  and happened_at < %(interval_end)s
"""


@pytest.fixture
def visits(events_db, include):
    """A function that makes the table of a source whose companies have this type, with an event of each."""

    def make(type_: str, *companies: object) -> None:
        events_db.execute(f"create table visits (number serial, happened_at timestamptz, company {type_})")
        for company in companies:
            values = "('2026-03-09 17:00Z', %s::text::" + type_ + ")"
            events_db.execute(f"insert into visits (happened_at, company) values {values}", [company])
        write_statement(include, STATEMENT.format(type=type_))

    return make


def of_company(delivery, company):
    destination = Destination(id="acme", client="Acme", company_id=company)
    return replace(delivery, destination=destination)


@pytest.mark.parametrize(
    "type_, company, other, written",
    [
        ("uuid", COMPANY, "00000000-0000-0000-0000-000000000001", COMPANY),
        ("uuid", COMPANY.upper(), "00000000-0000-0000-0000-000000000001", COMPANY),
        ("bigint", 9_007_199_254_740_993, 42, 9_007_199_254_740_993),
        ("bigint", "42", 43, 42),
        ("integer", 42, 43, 42),
        ("numeric", 42, 43, 42),
        ("text", 42, "042", "42"),
        ("text", "042", "42", "042"),
        ("text", "O'Brien & \\ 100% {x} %s %(company_id)s 🎓", "O", "O'Brien & \\ 100% {x} %s %(company_id)s 🎓"),
        ("text", COMPANY, COMPANY.upper(), COMPANY),
        ("varchar(40)", "acme", "ACME", "acme"),
        ("char(8)", "acme", "ACME", "acme"),
    ],
)
def test_a_company_is_found_whatever_its_type(delivery, visits, type_, company, other, written):
    """UUID, number or text, used several times in one statement, in casts too: its events and no others."""
    visits(type_, company, other)
    events = json.loads(render_night(of_company(delivery, company)))
    assert [event["companyId"] for event in events] == [written]


@pytest.mark.parametrize(
    "type_, company, found, wanted",
    [
        ("bigint", "abc", "'abc'", "bigint"),
        ("bigint", COMPANY, f"'{COMPANY}'", "bigint"),
        ("bigint", 10**20, "'100000000000000000000'", "bigint"),
        ("integer", 2**31, "'2147483648'", "integer"),
        ("uuid", 42, "'42'", "uuid"),
        ("kind_of_company", "abc", "'abc'", "kind_of_company"),
    ],
)
@pytest.mark.parametrize("stage", [extract_events, stage_sample_event])
def test_a_company_that_the_source_cannot_have_is_named(
    events_db, delivery, visits, type_, company, found, wanted, stage
):
    """Destination, field, what was found and what was wanted; the test file tells of it before the first night."""
    events_db.execute("create type kind_of_company as enum ('school')")
    visits(type_)
    with pytest.raises(PermanentError) as refused:
        stage(of_company(delivery, company))
    assert str(refused.value).startswith(
        f"acme: field 'company_id': found {found}, wanted {wanted}, which include/sql/"
    )


def test_a_company_id_column_of_another_type_is_told_as_such(delivery, visits, include):
    """A `companyId` that could never equal the destination's would stop every night."""
    visits("text", "acme")
    write_statement(include, STATEMENT.format(type="text").replace('company as "companyId"', '1 as "companyId"'))
    with pytest.raises(PermanentError, match="acme: field 'company_id': found 'acme', wanted integer"):
        extract_events(of_company(delivery, "acme"))


@pytest.mark.parametrize("type_, company, other", [("bigint", 42, 43), ("text", "a", "b")])
def test_another_company_s_event_is_stopped_whatever_its_type(delivery, visits, include, type_, company, other):
    """A statement that forgets the company."""
    visits(type_, company, other)
    write_statement(include, 'select number as id, happened_at as "timestamp", company as "companyId" from visits')
    with pytest.raises(PermanentError, match="event 2 is of another company"):
        extract_events(of_company(delivery, company))


def test_a_fault_of_the_statement_is_not_blamed_on_the_company(delivery, visits, include):
    """What fails without a company too is told in PostgreSQL's words."""
    visits("text")
    write_statement(
        include, "select 'x'::int as id, now() as \"timestamp\" from visits where company = %(company_id)s"
    )
    with pytest.raises(PermanentError, match='^events_db: invalid input syntax for type integer: "..."'):
        extract_events(delivery)
