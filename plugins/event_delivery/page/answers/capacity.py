"""Are Airflow's settings enough for this many destinations, and which would be?"""

from __future__ import annotations

import math
from collections.abc import Iterator

# CPU-seconds of the dag processor and PostgreSQL at each pass, and seconds until the file's DAGs are serialized:
# `python -m benchmarks.parsing`, rounded up. A pass costs that much though nothing has changed.
_PASS, _PARSE = 0.015, 0.006
_BUSY, _AT_EASE = 0.25, 0.1  # of the dag processor's time: told from here on, aimed at
_ROUND = 60
_HERD = 300  # destinations from which on a night's runs are made noticeably late, some at each of a second's loops
_RUNS_A_LOOP = 100  # 1,000 runs due at once were made in 51 s, with Airflow's default of 10 in 157 s


def describe_capacity(destinations: int) -> str | None:
    """Return which of Airflow's settings to raise for so many destinations; None where none needs to be."""
    said = [*_check_interval(destinations), *_check_time(destinations), *_check_runs(destinations)]
    return f"{destinations:,} destinations. {' '.join(said)}" if said else None


def _check_interval(destinations: int) -> Iterator[str]:
    from airflow.configuration import conf

    interval, cost = conf.getint("dag_processor", "min_file_process_interval"), destinations * _PASS
    if interval > 0 and cost / interval < _BUSY:
        return
    enough = max(300, _ROUND * math.ceil(cost / _AT_EASE / _ROUND))
    busy = min(1.0, cost / interval) if interval > 0 else 1.0
    yield (
        f"[dag_processor] min_file_process_interval is {interval}: the dag processor is busy {busy:.0%} of the "
        f"time with reading what has not changed. Set it to {enough}."
    )


def _check_time(destinations: int) -> Iterator[str]:
    from airflow.configuration import conf

    needed = math.ceil(2 * destinations * _PARSE)
    for section, name in (("dag_processor", "dag_file_processor_timeout"), ("core", "dagbag_import_timeout")):
        allowed = conf.getfloat(section, name)
        if 0 < allowed < needed:
            told = f"[{section}] {name} is {allowed:.0f}, and a busy machine may need {needed} s"
            yield f"{told}: set it to {2 * needed}."


def _check_runs(destinations: int) -> Iterator[str]:
    from airflow.configuration import conf

    found = conf.getint("scheduler", "max_dagruns_to_create_per_loop")
    if destinations >= _HERD and found < _RUNS_A_LOOP:
        yield (
            f"[scheduler] max_dagruns_to_create_per_loop is {found}: a night's runs are made one handful after "
            f"another. Set it to {_RUNS_A_LOOP}."
        )
