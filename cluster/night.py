"""How does a night go of which one machine does not see the end?"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from cluster.machines import EVENTS, WORKERS, Cluster, count_rows
from local_servers.many_destinations import LOGIN, PATTERN, company_of, name_destination
from local_servers.processes import ServerError

PARSED, LONGEST = 300.0, 900.0
_KNOWN = "select count(*) from dag where dag_id like %s and next_dagrun is not null"
_RUNNING = "select count(*) from task_instance where hostname = %s and state = 'running'"
_OVER = "select state, count(*) from dag_run where dag_id like %s group by state"
_WHO = """
select hostname, task_id, state, count(*) from (
    select hostname, task_id, state from task_instance where dag_id like %s
    union all select hostname, task_id, state from task_instance_history where dag_id like %s
) each_try where hostname <> '' group by 1, 2, 3
"""
_RECORDS = "select destination, state, rows, sha256 from event_delivery.delivery where kind = 'nightly'"
_IDS = 'select id::text from events where company_id = %s order by "timestamp", id'


@dataclass(frozen=True)
class Outcome:
    """What came of a night: tries by worker, task and state; what is wrong, a sentence each; seconds."""

    tries: Counter[tuple[str, str, str]]
    wrong: list[str]
    seconds: float
    killed: str
    cut_off: int

    def describe(self) -> str:
        """Return it as text: which worker did which task how often, and what was cut off."""
        head = ["| worker | extract | format | upload |", "|---|---|---|---|"]
        rows = [f"| {worker} | {' | '.join(self._count(worker))} |" for worker in self.workers]
        said = f"{self.killed} was killed with {self.cut_off} tasks under way; over after {self.seconds:.0f} s."
        return "\n".join([*head, *rows, "", said, *self.wrong])

    @property
    def workers(self) -> list[str]:
        """The workers that ended a task well."""
        return sorted({worker for worker, _, state in self.tries if state == "success"})

    def _count(self, worker: str) -> list[str]:
        return [str(self.tries[worker, task, "success"]) for task in ("extract", "format", "upload")]


def play_night(cluster: Cluster, destinations: int) -> Outcome:
    """Let all be due at once, kill a worker in the middle, wait for the end, and hold all against the source.

    Raises:
        ServerError: the night does not end in a quarter of an hour.
    """
    wait(lambda: count_rows(cluster.metadata, _KNOWN, PATTERN)[0][0] == destinations, PARSED, "all DAGs are known")
    began = time.monotonic()
    cluster.stack.client().patch(f"/dags?dag_id_pattern={quote(PATTERN)}", {"is_paused": False})
    victim = WORKERS[0]
    wait(lambda: is_in_the_middle(cluster, victim, destinations), LONGEST, f"{victim} is in the middle")
    cluster.kill(victim)
    cut_off = int(str(count_rows(cluster.metadata, _RUNNING, victim)[0][0]))
    wait(lambda: is_over(cluster, destinations), LONGEST, "every run is over")
    tries: Counter[tuple[str, str, str]] = Counter()
    for worker, task, state, count in count_rows(cluster.metadata, _WHO, PATTERN, PATTERN):
        tries[str(worker), str(task), str(state)] += int(str(count))
    return Outcome(tries, find_wrong(cluster, destinations), time.monotonic() - began, victim, cut_off)


def is_in_the_middle(cluster: Cluster, victim: str, destinations: int) -> bool:
    """Tell whether a fifth of the files have arrived, and the victim is at work."""
    arrived = sum(1 for _ in cluster.server.user_folder(LOGIN.name).glob("*/courseCompletion-*"))
    [(running,)] = count_rows(cluster.metadata, _RUNNING, victim)
    return arrived >= destinations / 5 and int(str(running)) > 0


def is_over(cluster: Cluster, destinations: int) -> bool:
    """Tell whether every run has succeeded or failed."""
    counts = {state: int(str(count)) for state, count in count_rows(cluster.metadata, _OVER, PATTERN)}
    return counts.get("success", 0) + counts.get("failed", 0) >= destinations


def find_wrong(cluster: Cluster, destinations: int) -> list[str]:
    """Return what is not as it should be: each client's folder holds one file, of exactly the source's events."""
    wrong = []
    records = {row[0]: row[1:3] for row in count_rows(cluster.source, _RECORDS)}
    for number in range(destinations):
        name = name_destination(number)
        files = [path for path in (cluster.server.user_folder(LOGIN.name) / name).rglob("*") if path.is_file()]
        if len(files) != 1:
            wrong.append(f"{name} has {[path.name for path in files]}, wanted one file.")
            continue
        ids = [event["id"] for event in json.loads(files[0].read_bytes())]
        if ids != [row[0] for row in count_rows(cluster.source, _IDS, company_of(number))]:
            wrong.append(f"{name} has {len(ids)} events in {files[0].name}, which are not the source's.")
        if records.get(name) != ("delivered", EVENTS):
            wrong.append(f"{name}: the ledger says {records.get(name)}.")
    return wrong


def wait(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Ask until something holds; raises ServerError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise ServerError(f"Not so after {seconds:.0f} s: {what}.")
        time.sleep(0.5)
