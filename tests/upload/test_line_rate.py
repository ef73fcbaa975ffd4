"""Is the line's measured rate used: for compression, and to know a file that cannot arrive in time?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from event_delivery.delivery import nightly_delivery
from event_delivery.ledger import open_ledger
from event_delivery.ledger.attempts import RecordedFile, Sent
from event_delivery.ledger.beginning import begin_attempt
from event_delivery.ledger.deliveries import record_delivered
from event_delivery.ledger.servers import read_rates
from event_delivery.upload.line_rate import choose_compression, warn_of_size
from tests.faults.night import CONTENT
from tests.sample_events import DAY

BIG = 50_000_000


@pytest.mark.parametrize(
    "rates, round_trip, compressed",
    [
        ({}, None, False),
        ({}, 0.001, False),
        ({}, 0.15, True),
        ({False: 60e6}, 0.15, False),
        ({False: 2e6}, 0.001, True),
        ({False: 2e6, True: 5e6}, 0.001, True),
        ({False: 13e6, True: 6e6}, 0.15, False),
        ({True: 6e6}, 0.15, True),
    ],
)
def test_compression_is_chosen_by_the_line(rates, round_trip, compressed):
    """By the round trip before anything is measured; a slow line is tried once, then the faster way wins."""
    assert choose_compression(rates, BIG, round_trip) is compressed


def test_a_small_file_is_not_worth_compressing():
    """It is gone before compression could win anything."""
    assert choose_compression({False: 1e5}, 100_000, 0.3) is False


def test_the_slower_way_is_tried_again_after_eight_weeks(events_db, acme):
    """Lines change, and a release may send faster: an old rate decides nothing."""
    with open_ledger() as ledger:
        for ago, compressed in ((0, False), (1, True)):
            delivery = nightly_delivery(acme, "courseCompletion", acme.day(DAY - timedelta(ago)))
            recorded = RecordedFile(delivery.file_name, {"format": "json"}, 1, BIG, "0" * 64, {})
            attempt = begin_attempt(ledger, delivery, recorded, "dag", "run", False)
            record_delivered(ledger, attempt, "/file", 5.0, Sent(BIG, BIG / 1e7, compressed))
        assert choose_compression(read_rates(ledger, "acme"), BIG, 0.15) is False
        ledger.execute(
            "update event_delivery.delivery_attempt set started_at = now() - interval '57 days' where compressed"
        )
        assert read_rates(ledger, "acme") == {False: pytest.approx(1e7)}
        assert choose_compression(read_rates(ledger, "acme"), BIG, 0.15) is True


def test_a_file_that_cannot_fit_is_known_before_it_is_sent():
    """With its size, the seconds that it needs, the rate and what to do."""
    assert warn_of_size({}, BIG, 290) is None
    assert warn_of_size({False: 1e6}, BIG, 290) is None
    warning = warn_of_size({False: 1e5, True: 1.6e5}, BIG, 290)
    assert "50 MB need about 312 s at the best rate measured to this destination, 0.16 MB/s" in warning
    assert "after 290 s" in warning


def test_the_content_of_the_fault_suite_is_too_small_to_be_compressed():
    """Else its cut points would lie elsewhere."""
    assert len(CONTENT) < 4_000_000
