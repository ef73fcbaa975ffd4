"""Does a night on two machines that share no folder end with every file, whole and once, though one dies?"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cluster.machines import WORKERS, open_cluster
from cluster.night import play_night

DESTINATIONS = 50


@pytest.mark.slow
def test_a_night_loses_and_doubles_nothing_when_a_worker_is_killed(record_property):
    """Real Celery, Redis, S3, PostgreSQL and SFTP; each client's folder is held against the source at the end."""
    with TemporaryDirectory(prefix="cluster-") as folder, open_cluster(Path(folder), DESTINATIONS) as cluster:
        outcome = play_night(cluster, DESTINATIONS)
    record_property("outcome", outcome.describe())
    print(outcome.describe())
    assert outcome.wrong == []
    assert outcome.cut_off > 0, "nothing was under way on the worker that was killed"
    assert outcome.workers == list(WORKERS), "one worker did nothing"
