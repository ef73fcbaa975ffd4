"""Does every machine know which events a client has, whatever its files look like, when a store keeps them?"""

from __future__ import annotations

from event_delivery.completeness.look_back import look_back
from event_delivery.delivery import supplement_of
from event_delivery.staging.store import open_store
from tests.completeness.deliveries import night
from tests.completeness.test_shaped_files import NOW, SHAPES, reconcile, shaped
from tests.sample_events import DAY, insert_event, noon


def test_a_late_event_is_brought_beside_a_file_that_another_machine_delivered(
    machines, events_db, sftp_server, acme, deliver
):
    """The file has no ids, so they lie in the store, also of a file that was delivered twice."""
    acme = shaped(acme, **SHAPES["without ids"], late_events="supplement")
    insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    machines.move()
    deliver(night(acme, DAY))
    assert [each.key.rpartition(".")[2] for each in open_store().list_objects("kept")].count("ids") == 1
    insert_event(events_db, noon(DAY, 1))
    [remedy] = look_back(acme, NOW)
    assert remedy.supplement == 1
    deliver(supplement_of(night(acme, DAY), 1))
    machines.move_back()
    [row] = reconcile(acme).rows
    assert (row.delivered, row.missing, row.duplicated, row.unexpected) == (2, 0, 0, 0)
