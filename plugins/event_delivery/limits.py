"""How long may each thing take? Every limit and wait stands here, and each is injected where it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True)
class Limits:
    """The seconds of one attempt; tests hand over shorter ones.

    The promise to clients (docs/client-guide.md): a connection times out after 60 s, a transfer that takes more
    than 5 minutes in all has failed. A transfer is ended before its task is, so that there is time to clean up and
    to record why.
    """

    connect: float = 60.0
    task: float = 300.0
    transfer: float = 290.0
    clean_up: float = 5.0
    grace: float = 6.0  # a little more than the clean-up on the server may take
    abandon: float = 0.5  # for what heeds no cancellation
    progress: float = 5.0  # between two lines of the log
    keepalive: float = 15.0
    stall: float = 120.0  # without one acknowledged byte: at 6 kB/s OpenSSH answers a write of 255 KiB after 42 s
    read_back: float = 60.0  # one delivered file, when it is looked at again
    rename_pauses: tuple[float, ...] = (0.5, 2.0)  # a virus scanner on Windows holds a new file that long
    host_patience: float = 3.0  # in a slot, for a host that is busy: an upload takes as long
    host_asked: float = 0.3
    ledger: float = 10.0  # for one question to the ledger, connecting to it included
    ledger_upgrade: float = 120.0
    last_words: float = 3.0  # for recording how an attempt ended, at the least


LIMITS = Limits()
KEEPALIVES_UNANSWERED = 3
NEXT_ADDRESS = 0.25  # before a host's next address is tried beside the one before (RFC 8305)

# A failed delivery is tried again ten times (docs/client-guide.md): 20 s doubling up to an hour, 12,300 s in all.
RETRIES = 10
ATTEMPTS = RETRIES + 1
FIRST_RETRY, LONGEST_RETRY, RETRY_FACTOR = 20, HOUR, 2

# Extract and format fail rarely, and cost no client anything: a few quick retries.
QUICK_RETRIES, QUICK_RETRY = 3, 15
QUICK_TASK = timedelta(hours=1)

# What is more than a small day is proven while it is copied, over a second connection.
PROVEN_BESIDE_FROM = 8 << 20  # bytes written: some 20,000 events, half a second
LOCK_WAITED_FOR = 1.0  # by the second connection: who queues for the table meanwhile waits for the first one
SOURCE_ASKED_AGAIN = 5.0  # while the second one works: an idle transaction may be ended, an idle line cut
SNAPSHOTS_OPENED = 5  # one after another, where a load job replaces tables meanwhile
SNAPSHOT_JOINED = 1.0  # after the COPY: a pool that has no second connection by then will have none

# A run that waits for a dead server takes nothing from tonight's: many may be under way, few work at once.
RUNS_OF_A_DAG, TASKS_AT_ONCE = 100, 4
LONGEST_RUN = timedelta(hours=20)  # longer than all attempts of three tasks, shorter than a day

# What works at once, unless a setting or a pool's edit says otherwise: slots, and connections to `events_db`.
UPLOAD_SLOTS, SOURCE_CONNECTIONS, EXTRACT_CONNECTIONS, MOST_SLOTS = 32, 32, 2, 10_000

# A source that is not complete is asked again, at first each minute, later less often: a thousand destinations
# that wait cost the workers a few tasks a second.
LONGEST_SOURCE_WAIT = timedelta(hours=6)  # LONGEST_RUN less what all attempts of three tasks may take
SOURCE_ASKED_FIRST, SOURCE_ASKED_LAST = timedelta(minutes=1), timedelta(minutes=5)
SOURCE_ASKED_SOONEST = timedelta(seconds=20)

# One more than a host may have at once is put off, each time as long as it has waited by then, and not for ever:
# these waits, too, fit into LONGEST_RUN.
CONNECTIONS_PER_HOST, MAX_CONNECTIONS_PER_HOST = 4, 100
LONGEST_HOST_WAIT, LONGEST_HOST_WAIT_OF_RETRY = timedelta(minutes=30), timedelta(minutes=5)
HOST_ASKED_LAST = timedelta(minutes=2)

# What the Deliveries page calls missing and late, after a night is due.
MISSING_AFTER = timedelta(minutes=30)
LATE_AFTER = timedelta(minutes=60)

STAGING_DAYS = 7
KEEP_DAYS, MAX_KEEP_DAYS = 30, 3_650  # of delivered files, unless a destination says otherwise; at most
SWEEP_EVERY = HOUR
ABANDONED_AFTER = 10 * MINUTE  # a half written staged file that nobody wrote to for so long

SCRATCH_DAYS = 1  # of the copies on a worker's own disk where an object store has the files
STORE_ANSWER = 60.0  # one question to an object store, or one block of a file
STORE_BYTES_A_SECOND = 256 << 10  # a file that is put more slowly than that fails
STORE_BLOCK_BYTES = 8 << 20

RECONCILING_RUNS_READ = 200  # of all destinations, to find those of one
DIFFERING_SHOWN, REPORTS_SHOWN = 62, 5  # intervals of a reconciliation on the page, and reports of a destination

LEDGER_DAYS = 400  # a year and a month: this month can still be compared with the same one of last year
FEWEST_LEDGER_DAYS, MOST_LEDGER_DAYS = 1, 36_500  # a run that may be tried again lasts less than a day
PURGED_AT_ONCE = 1_000  # deliveries looked at in one transaction, so that none waits for long

FEWEST_OTHER_IDS = 3  # events of a day of which none has its id any more: not by chance
SUPPLEMENT_EVENTS = 100_000  # their ids stand in one statement
MISSING_WITHIN = timedelta(days=92)  # looked at each hour; older days when a person asks
MISSING_A_NIGHT = 7  # days of one destination: an outage of a month is over in a week, and buries nobody
MISSING_AT_ONCE = 3  # of them, under way; the next wait until these are through
RUNS_STARTED_AT_ONCE = 500  # Airflow refuses to map over more than 1,024
COMPARED_AGAIN = timedelta(hours=25)  # a day that nothing was delivered after; a night's length, and then some
COMPARED_AFTERWARDS = timedelta(days=31)  # where nobody looked in time, or what was found was not brought

# What the watch calls an incident, and how it tells of it.
DELIVERED_WITHIN = timedelta(hours=4, minutes=30)  # after a night is due: eleven full attempts take 4.3 h
UNREACHABLE_TRIES = 3  # of an upload, before its server is said to be away: a minute
NO_SIGN_OF_UPLOAD = timedelta(seconds=LONGEST_RETRY) + timedelta(
    minutes=45
)  # its next try, and a busy host's wait
WATCH_MINUTES, WATCH_TASK = 10, timedelta(minutes=5)
WATCH_ANSWER = 60.0  # the ledger's, of all nights of a thousand destinations
MESSAGE_CLAIMED_FOR = 2 * WATCH_TASK  # whoever sends it is dead by then
MESSAGE_TRIED_AGAIN, MESSAGE_TRIES = timedelta(minutes=5), 144  # at each look: a day
MESSAGES_UNTIL = 150.0  # of a pass, so that its task ends by itself
LOOKS_AT_ONCE = MESSAGE_CLAIMED_FOR  # two watches' differ by less; more, and their machines' clocks do
PROBED_AGAIN = 15.0  # a database that gave no answer, before that is said

LONGEST_VERIFY_AFTER = timedelta(days=7)
VERIFIED_WITHIN = timedelta(days=7)  # after `verify_after`: what nobody could look at for so long is left alone
VERIFIED_AGAIN = timedelta(days=1)  # after a look that failed: a login that is refused each hour locks accounts
VERIFIED_AT_ONCE = 8  # destinations, of the pool's slots: nights go first

FORECAST_WITHIN = timedelta(weeks=26)  # of a file that outgrows an attempt: by eight weeks, no further
SERVER_LOOKED_AT = 10.0  # in a rehearsal of the night: name, TCP and host keys of one server, without a login
SERVERS_LOOKED_AT_ONCE = 128  # a thousand dead ones take 80 s
SOURCE_LOOKED_AT = 30.0  # all statements' columns: no row is read
PREFLIGHT_TASK = timedelta(minutes=10)
PREFLIGHT_ROOM = 2  # times the largest file of the last days: staged events, and the delivery file
PREFLIGHT_COUNTS = timedelta(hours=26)  # after a look: by then there is the next one, also on a day of 25 hours
PREFLIGHT_DAYS = 8  # looked back for that: each day of the week

CLOCKS_DIFFER = timedelta(minutes=1)  # at most, of two machines
SAME_ATTEMPT = timedelta(seconds=10)  # from a file that is kept to the end of its attempt; less than FIRST_RETRY
LEDGER_LEFT_ALONE = 60  # by the scheduler, after a question without an answer
SNOOZED_AT_MOST = timedelta(days=31)  # what nobody hears of for longer is forgotten
PAGE_ANSWER = 30  # one question to the Deliveries page, whatever it waits for
HEALTH_ANSWER, HEALTH_KEPT = 8, 15  # an uptime check waits ten seconds at most, and comes from many places at once
HEARTBEAT_SILENT = timedelta(minutes=2)  # of a part of Airflow that beats every few seconds
WATCH_SILENT = timedelta(minutes=90)  # of what looks at every destination each hour at the least
PAGE_WRITES = 10.0  # seconds for each of the ledger's answers to an action of the page
AIRFLOW_ANSWER = 60  # Airflow's own REST API, asked within the process
PREVIEW_EVENTS, PREVIEW_BYTES = 50, 128 << 10  # of a day's file, on the page
PREVIEW_STATEMENT = 15.0  # each that reads them
PREVIEWS_AT_ONCE = 2  # each takes one more connection to the source
BOARDING_STEP = 20.0  # of a client that is taken on board by the page: a name, a port, a key, a login, its folder
BOARDING_ANSWER = 120  # all of them, and the databases
BOARDED_AT_ONCE = 2
