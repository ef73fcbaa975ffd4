"""Does one destination, event and day have one name for ever?"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

from event_delivery.delivery import delivery_of_test_file as delivery_of_test_file
from event_delivery.delivery import nightly_delivery
from event_delivery.destinations.destination import Destination
from tests.sample_events import COMPANY

NAME = re.compile(r"courseCompletion-\d+_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-[a-z0-9]{7}\.(csv|json)")


def test_the_file_name_is_the_contracted_one(acme):
    """Prefix, transfer id, due instant in UTC, suffix, format."""
    delivery = nightly_delivery(acme, "courseCompletion", acme.day(date(2026, 3, 9)))
    assert NAME.fullmatch(delivery.file_name)
    assert delivery.file_name == f"courseCompletion-{acme.transfer_id}_2026-03-10T06-00-00-qwiunhi.json"


def test_names_never_change_once_given(acme):
    """A golden name: a change here would send every client a second file."""
    acme = Destination(id="acme", client="Acme", company_id=COMPANY, format="csv", transfer_id=42)
    name = nightly_delivery(acme, "courseCompletion", acme.day(date(2019, 10, 17))).file_name
    assert name == nightly_delivery(acme, "courseCompletion", acme.day(date(2019, 10, 17))).file_name
    assert name == GOLDEN_NAME


GOLDEN_NAME = "courseCompletion-42_2019-10-18T06-00-00-rbose7b.csv"


def test_each_day_and_destination_has_a_name_of_its_own(acme):
    """A year of days and two destinations never share a name."""
    beta = acme.model_copy(update={"id": "beta"})
    names = {
        nightly_delivery(
            destination, "courseCompletion", destination.day(date.fromordinal(739_000 + day))
        ).file_name
        for destination in (acme, beta)
        for day in range(366)
    }
    assert len(names) == 732


def test_a_test_file_says_so_in_its_name(acme):
    """`-test-` follows the prefix, and whole seconds tell one test run from the next."""
    delivery = delivery_of_test_file(acme, "courseCompletion", datetime(2026, 3, 9, 12, 0, 0, 999_999, tzinfo=UTC))
    assert re.fullmatch(r"courseCompletion-test-\d+_2026-03-09T12-00-00-[a-z0-9]{7}\.json", delivery.file_name)


def test_a_nightly_and_a_test_delivery_never_share_a_staging_folder(acme):
    """The kind is part of the key."""
    nightly = nightly_delivery(acme, "courseCompletion", acme.day(date(2026, 3, 9)))
    assert replace(nightly, kind="test").key != nightly.key
