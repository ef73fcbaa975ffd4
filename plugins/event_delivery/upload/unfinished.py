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
    if found is None:
        return None
    carries_on = _is_cut_off(trace, found, run, made)
    if not (
        carries_on or _is_decided(trace, found, run, made) or _is_undelivered_supplement(trace, found, run, made)
    ):
        return None
    is_known = trace.knows(found.manifest.sha256, found.delivered_at)
    return bring_kept(found, None if is_known else found.delivered_at, carries_on)


def _is_decided(trace: Trace, found: KeptFile, run: UploadRun, made: Brought) -> bool:
    """Tell whether a person decides of the file, or has; not where its day came again since, which holds that."""
    if run.decision != SEND_AGAIN:
        return trace.state == "unconfirmed"
    if run.exact or not (trace.is_supplement and _is_alike(found, made)):
        return False  # the night is sent as it is now, or as it was once
    return trace.state != "delivered" or run.retrying


def _is_undelivered_supplement(trace: Trace, found: KeptFile, run: UploadRun, made: Brought) -> bool:
    """Tell whether it is a supplement that is still to arrive."""
    return trace.is_supplement and _is_open(trace, found, run, made) and trace.sha256 not in trace.delivered


def _is_cut_off(trace: Trace, found: KeptFile, run: UploadRun, made: Brought) -> bool:
    """Tell whether an attempt had sent the file whole, and nobody has asked for the delivery anew since.

    A run that was cleared delivers again, even where its first try never came as far as the ledger.
    """
    tried = trace.last_run == run.run_id and (trace.last_try or run.first_try) >= run.first_try
    by_itself = run.is_automatic or (run.retrying and tried)
    return by_itself and _is_open(trace, found, run, made) and trace.sha256 in trace.closed


def _is_open(trace: Trace, found: KeptFile, run: UploadRun, made: Brought) -> bool:
    """Tell whether the ledger waits for the arrival of such a file."""
    return not run.exact and trace.state not in ("delivered", "unconfirmed") and _is_alike(found, made)


def _is_alike(found: KeptFile, made: Brought) -> bool:
    """Tell whether it is of the same company, and of a day whose other files are the same."""
    before, now = found.manifest, made.file
    return (before.company_id, before.beside) == (now.company_id, now.beside)
