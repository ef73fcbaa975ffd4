"""A file was sent by a machine that died: does another one bring the very bytes, which the store keeps?"""

from __future__ import annotations

import pytest

from event_delivery.ledger import LedgerError
from tests.completeness.deliveries import received
from tests.completeness.test_cut_off_files import lost_ledger
from tests.completeness.test_restored_ledger import changed, recorded
from tests.sample_events import DAY, insert_event, noon


def test_another_machine_sends_the_bytes_that_were_cut_off(machines, events_db, sftp_server, delivery, deliver):
    """Of what it has staged itself, with a late event, the client would get another file than was begun."""
    delivery = changed(delivery, upload_mode="direct")
    event = insert_event(events_db, noon(DAY))
    with lost_ledger(), pytest.raises(LedgerError):
        deliver(delivery)
    insert_event(events_db, noon(DAY, 1))
    [path] = [each for each in sftp_server.user_folder("acme").iterdir() if each.is_file()]
    path.write_bytes(path.read_bytes()[:100])
    machines.move()
    deliver(delivery, try_number=2, retrying=True)
    assert received(sftp_server) == [event]
    assert (recorded(delivery).state, recorded(delivery).rows) == ("delivered", 1)
