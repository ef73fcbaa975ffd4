"""What stands on a run when it has ended well?"""

from __future__ import annotations

from event_delivery.orchestration.outcome import OUR_NOTES, Outcome


def test_a_run_s_note_names_its_files_and_says_whether_they_were_only_rehearsed():
    """A rehearsed file is not called delivered."""
    assert Outcome(("a.csv", "b.csv")).describe() == "Delivered `a.csv`, `b.csv`"
    assert Outcome(("a.csv",), rehearsed=True).describe() == "Rehearsed, and sent to no client: `a.csv`"


def test_a_run_s_note_says_what_is_to_be_known_of_a_file():
    """That the source was not complete, that its number of events is unusual: never as Markdown of its own."""
    note = Outcome(("a.csv",), remarks=("acme: no events: the last 8 days had 1 to 2.",)).describe()
    assert note == "Delivered `a.csv`; **`acme: no events: the last 8 days had 1 to 2.`**"
    assert note.startswith(OUR_NOTES)


def test_a_run_s_note_names_what_it_left_open():
    """To Airflow a task that was marked, or that an edit has removed, is done."""
    note = Outcome(("a.csv",), open=("quizPassed",), removed=("courseStarted",)).describe()
    assert note == (
        "Delivered `a.csv`; **Not delivered: quizPassed**, its upload was marked, not done; "
        "**Cancelled: courseStarted**, no longer in the destination's `events`"
    )
    assert note.startswith(OUR_NOTES)
    assert Outcome(()).describe() == ""
