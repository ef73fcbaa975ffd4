"""Which kept and staged files hold a learner's id or e-mail, who received them, and how do they leave?

`packed_text`  in a file that was compressed or typed; in an encrypted one nobody can look
`blocks`       what comes in blocks, as a file
`sought_text`  how a text stands in CSV and JSON, and whether a file holds it
`found`        those of one delivery
`stored`       those of the object store
`search`       all files of the staging area
`of_destination`  those of one destination, whatever they hold
`recipients`   which clients received those that hold it
`removal`      those files leave, whole

`python -m event_delivery.erasure` does it. The text itself is written nowhere: not in a log, not in the ledger.
"""

from event_delivery.erasure.found import Found
from event_delivery.erasure.removal import remove_found
from event_delivery.erasure.search import Search, search_files
from event_delivery.erasure.sought_text import SoughtText

__all__ = ["Found", "Search", "SoughtText", "remove_found", "search_files"]
