"""A person has a file sent again, the server is down until the tries are used up, and another run comes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from event_delivery.delivery import SEND_AGAIN, supplement_of
from event_delivery.errors import RetryableError
from event_delivery.upload import UnconfirmedError
from tests.completeness.deliveries import received
from tests.completeness.ledger_backup import age_kept, back_up, restore
from tests.completeness.test_cut_off_files import empty, server_down
from tests.completeness.test_restored_ledger import backed_up, changed, command, recorded  # noqa: F401
from tests.completeness.test_undecided_supplements import server, taken  # noqa: F401
from tests.faults.behaviour import Behaviour
from tests.sample_events import DAY, insert_event, noon


@pytest.mark.usefixtures("backed_up")
@pytest.mark.parametrize("how", [{}, {"leaves_delivered": True}, {"uncleared_night": True}])
def test_a_forgotten_night_that_was_to_be_sent_again_is_sent_by_any_run(
    events_db, sftp_server, staging_area, delivery, deliver, capsys, how
):
    """The client may have it twice, somebody said: nobody is asked once more, and nothing is listed any more."""
    deliver(delivery)
    age_kept(staging_area)
    empty(sftp_server)
    restore(events_db)
    with pytest.raises(UnconfirmedError):
        deliver(delivery)
    with server_down(), pytest.raises(RetryableError):
        deliver(delivery, decision=SEND_AGAIN)
    assert command(capsys)[0] == 0
    deliver(delivery, **how)
    assert len(received(sftp_server)) == 1
    assert (recorded(delivery).state, recorded(delivery).rows) == ("delivered", 1)


@pytest.mark.usefixtures("backed_up")
def test_what_was_sent_after_that_and_forgotten_is_asked_of_again(
    events_db, sftp_server, staging_area, delivery, deliver
):
    """A later restore forgets a later file: what was said of the one before is no word about it."""
    deliver(delivery)
    age_kept(staging_area)
    empty(sftp_server)
    restore(events_db)
    with pytest.raises(UnconfirmedError):
        deliver(delivery)
    with server_down(), pytest.raises(RetryableError):
        deliver(delivery, decision=SEND_AGAIN)
    back_up(events_db)
    age_kept(staging_area, timedelta(hours=4))
    insert_event(events_db, noon(DAY, 1))
    deliver(delivery)
    empty(sftp_server)
    age_kept(staging_area, timedelta(hours=1))
    restore(events_db)
    with pytest.raises(UnconfirmedError, match="was the ledger restored"):
        deliver(delivery)


def test_a_clock_that_is_ahead_makes_no_forgotten_file(server, events_db, staging_area, delivery, deliver):  # noqa: F811
    """Kept half a minute after its attempt ended, by the worker's clock: it is that attempt's."""
    insert_event(events_db, noon(DAY))
    server.behaviour = Behaviour(robot="[!.]*", robot_at=("rename",))
    with pytest.raises(UnconfirmedError):
        deliver(delivery)
    age_kept(staging_area, timedelta(seconds=-30))
    insert_event(events_db, noon(DAY, 1))
    with server_down(), pytest.raises(RetryableError):
        deliver(delivery, decision=SEND_AGAIN)
    deliver(changed(delivery, robot=True))
    assert [len(ids) for ids in taken(server)] == [1, 2]
    assert recorded(delivery).state == "delivered"


def test_a_night_that_is_not_kept_is_sent_by_any_run_once_somebody_said_so(
    events_db, sftp_server, staging_area, delivery, deliver
):
    """Its supplement proves that it came before, and a person has it sent again all the same."""
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    insert_event(events_db, noon(DAY, 1))
    deliver(supplement_of(delivery, 1))
    age_kept(staging_area)
    events_db.execute("truncate event_delivery.delivery_record cascade")
    for path in staging_area.rglob("nightly-*/kept-*"):
        path.unlink()
    with server_down(), pytest.raises(RetryableError):
        deliver(delivery, decision=SEND_AGAIN)
    empty(sftp_server)
    deliver(delivery)
    assert recorded(delivery).rows == 2
