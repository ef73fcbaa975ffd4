"""What was delivered, when, after how many attempts, and why not?

`schema`           its version, and the numbered migrations/ that lead to it
`opening`          opened for writing, which upgrades it
`bounded`          asked so that one that hangs holds nobody up
`questions`        how one is put, also behind a pooler
`attempts`         what an attempt brings, and what was known before it
`beginning`        an attempt begins, if it may
`deliveries`       it takes a step, delivers or fails: a transaction each
`open_deliveries`  its run has left it open
`counts`           how many events had the days before?
`file_names`       what a delivery's file is called for ever
`statements`       how its SQL is run
`instance`         which Airflow is this, and what does a ledger's claim mean for it? Pure
`claims`           a ledger belongs to one instance
`recipients`       whose files go to which folder
`servers`          host keys, behaviour and rates of clients' servers
`holders`          who holds a delivery, also behind a pooler
`host_leases`      may one more be connected to a host?
`retention`        what may be personal is forgotten after some days
`comparisons`      what a day's source held when it was last compared
`verifications`    delivered files that are looked at once more
`supplements`      what is known of a further file of a night
`preflights`       what would have failed tonight, as it was last looked over
`traces`           has it forgotten a file that was delivered and is kept?
`reconciliations`  which reports were made, and what they found
`troubles`         what has not come to its end, or is out of line
`incidents`        what is wrong, from its first sign until it is over
`incident_messages`  who is told of it, once at each end
`records`          what it tells its readers
`rows`             how a row becomes a record
`reading`          read with the right to select alone

`python -m event_delivery.ledger upgrade` brings it to the latest version by hand, `claim` makes it an instance's,
`purge` forgets what is too old.
"""

from event_delivery.ledger.attempts import LedgerError
from event_delivery.ledger.bounded import BoundedLedger
from event_delivery.ledger.opening import open_ledger
from event_delivery.ledger.reading import LedgerReading, open_ledger_reading

__all__ = ["BoundedLedger", "LedgerError", "LedgerReading", "open_ledger", "open_ledger_reading"]
