"""Does the file that the ledger stands for, sent before and not known to have arrived, go before what is staged?

Of an unconfirmed delivery a person decides by the bytes that were sent, and they go out, whichever try does it. A
supplement is never made anew over what the client may have under its name: the source may have lost that since.
"""

from __future__ import annotations

from collections.abc import Sequence

from event_delivery.delivery import SEND_AGAIN
from event_delivery.ledger.traces import Trace
from event_delivery.staging import KeptFile
from event_delivery.upload.brought import Brought, bring_kept
from event_delivery.upload.upload_run import UploadRun


def find_unfinished(trace: Trace, kept: Sequence[KeptFile], run: UploadRun, made: Brought) -> Brought | None:
    """Return the kept file that an attempt brings in the place of what is made, or None; pure.

    Args:
        trace: what the ledger knows of the delivery.
        kept: the kept files of it.
        run: the run that uploads.
        made: what is staged.
    """
    found = next((each for each in kept if each.manifest.sha256 == trace.sha256), None)
    if found is None or not _goes_first(trace, found, run, made):
        return None
    is_known = trace.knows(found.manifest.sha256, found.delivered_at)
    return bring_kept(found, None if is_known else found.delivered_at)


def _goes_first(trace: Trace, found: KeptFile, run: UploadRun, made: Brought) -> bool:
    sends_again = run.decision == SEND_AGAIN
    if sends_again and (run.exact or not trace.is_supplement):
        return False  # a person has the night sent as it is now, or as it was once
    if sends_again and found.manifest.beside != made.file.beside:
        return False  # its day came again since, which holds that
    return trace.state == "unconfirmed" or (
        not run.exact and trace.is_supplement and _is_undelivered(trace, found, run, made)
    )


def _is_undelivered(trace: Trace, found: KeptFile, run: UploadRun, made: Brought) -> bool:
    """Tell whether a supplement is still to arrive; or has, and this is a further try of the run that sent it."""
    if found.manifest.beside != made.file.beside:
        return False
    if run.decision == SEND_AGAIN:
        return trace.state != "delivered" or run.retrying
    return trace.state in ("failed", "uploading") and found.manifest.sha256 not in trace.delivered
