"""What would fail tonight, while it is day and somebody can still call the client?

`findings`       what a look says, and what to do
`due`            which destinations are due by this time tomorrow, which are quarantined
`recipients`     is each Connection there and complete, and which host keys count?
`servers`        does each server answer, and show the known host key? Nobody logs in
`keys`           can each file be encrypted and signed?
`source`         does each statement return the known columns?
`room`           has the staging area room for the night?
`airflow_state`  are pools and scheduler healthy, as Airflow's own database says?
`look`           all of it
`recorded`       what was found stands in the ledger until the next look

`python -m event_delivery.preflight` shows it. No finding holds a secret; a key that nobody knows yet is noted in
the ledger, so that it can be confirmed, and nothing else is changed.
"""

from event_delivery.preflight.look import look_over
from event_delivery.preflight.recorded import record_look

__all__ = ["look_over", "record_look"]
