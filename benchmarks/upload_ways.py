"""In which ways can a file be uploaded? Each runs alone: `python -m benchmarks.upload_ways WAY UPLOAD`."""

from __future__ import annotations

import importlib
import json
import logging
import resource
import sys
from collections.abc import Callable

from benchmarks import ROOT
from benchmarks.upload import CONNECTION, Upload
from benchmarks.upload_programs import adopt_orphans, prepare_lftp, prepare_openssh, prepare_rclone, reap_orphans
from benchmarks.ways import Work, measure


def main() -> None:
    """Prepare one way, measure from its connecting to its end, and print the figures as JSON."""
    way, upload = sys.argv[1], Upload(**json.loads(sys.argv[2]))
    adopt_orphans()
    work = WAYS[way](upload)
    who = resource.RUSAGE_SELF if way in ("ours", "stock") else resource.RUSAGE_CHILDREN
    figures = measure(work, who)
    if who == resource.RUSAGE_CHILDREN:
        figures |= {"cpu": reap_orphans()}
    print(json.dumps(figures))


def prepare_ours(upload: Upload) -> Work:
    """Import what a forked task has imported already, and return the work of the task `upload`."""
    _import_preloaded()
    from benchmarks.upload_file import uploaded_delivery
    from event_delivery.upload import UploadRun, deliver_file

    delivery = uploaded_delivery(upload.rows, upload.destination_id)
    log = logging.getLogger("bench")

    def work() -> dict[str, float]:
        deliver_file(delivery, UploadRun("bench", "bench"), log)
        return {}

    return work


def prepare_stock(upload: Upload) -> Work:
    """Return the upload as Airflow's SFTP hook does it with the provider's defaults."""
    _import_preloaded()
    from airflow.providers.sftp.hooks.sftp import SFTPHook

    hook = SFTPHook(CONNECTION)

    def work() -> dict[str, float]:
        with hook.get_managed_conn():
            hook.store_file(upload.remote, upload.file)
        return {}

    return work


WAYS: dict[str, Callable[[Upload], Work]] = {
    "ours": prepare_ours,
    "stock": prepare_stock,
    "openssh": prepare_openssh,
    "rclone": prepare_rclone,
    "lftp": prepare_lftp,
}


def _import_preloaded() -> None:
    """Import what config/airflow_local_settings.py has imported before tasks are forked."""
    sys.path.append(str(ROOT / "config"))
    for name in importlib.import_module("airflow_local_settings").PRELOADED:
        importlib.import_module(name)
    from airflow.sdk import Connection

    Connection.get(CONNECTION)


if __name__ == "__main__":
    main()
