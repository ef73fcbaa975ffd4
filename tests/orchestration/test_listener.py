"""What stands on a run when it has ended well?"""

from __future__ import annotations

from event_delivery.orchestration.listener import describe_files


def test_a_run_s_note_names_its_files_and_says_whether_they_were_only_rehearsed():
    """Uploads of an older release, whose results tell nothing of rehearsals, were real."""
    assert describe_files([{"file_name": "b.csv"}, {"file_name": "a.csv", "rehearsal": False}]) == (
        "Delivered `a.csv`, `b.csv`"
    )
    rehearsed = describe_files([{"file_name": "a.csv", "rehearsal": True}])
    assert rehearsed == "Rehearsed, and sent to no client: `a.csv`"
