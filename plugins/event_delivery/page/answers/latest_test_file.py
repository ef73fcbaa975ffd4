"""What became of a destination's latest test file?"""

from __future__ import annotations

from event_delivery.page.answers.instants import show_instant
from event_delivery.page.answers.reasons import blame_test_run
from event_delivery.page.answers.shapes.overview import LatestTestFile
from event_delivery.page.answers.states import State, TestFileState
from event_delivery.page.sources.knowledge import Knowledge

_STATES: dict[str, TestFileState] = {"delivered": "ok", "failed": "failed", "unconfirmed": "unconfirmed"}
_STATES_OF_DELIVERY: dict[str, State] = {
    "delivered": "delivered",
    "failed": "failed",
    "unconfirmed": "unconfirmed",
}
_CUT_OFF = "An attempt was cut off and no run carries on; send the test file again."


def describe_test_file(destination_id: str, known: Knowledge) -> LatestTestFile:
    """Return what became of it; a run that is under way counts before the last result."""
    sent, run = known.ledger.test_files.get(destination_id), known.test_runs.get(destination_id)
    at, error = (show_instant(sent.at), sent.last_error or None) if sent else (None, None)
    if run and run.is_active:
        return {"state": "pending", "at": at, "error": error}
    if sent:
        return {"state": _STATES.get(sent.state, "failed"), "at": at, "error": error or _say_cut_off(sent.state)}
    if run:
        return {"state": "failed", "at": None, "error": blame_test_run(run)}
    return {"state": "none", "at": None, "error": None}


def _say_cut_off(state: str) -> str | None:
    return None if state in _STATES else _CUT_OFF


def judge_test_file(state: str) -> State:
    """Return the state of a test file's delivery, as its record in the ledger has it."""
    return _STATES_OF_DELIVERY.get(state, "running")
