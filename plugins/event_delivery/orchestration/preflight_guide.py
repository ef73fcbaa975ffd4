"""What does a data engineer read on the page of the DAG that looks over the night by day?"""


def describe_preflight() -> str:
    """Return the documentation of that DAG, in Markdown."""
    return """
### Preflight

Looks over, each day in working hours, every destination that is due within 24 hours, without a login and without
a file: Connection, server, host key, source, staging area and ledger. Red: something would fail tonight, and its
message says what, a sentence each; mend it, or call the client, and trigger this DAG again. It keeps no delivery
from being made. What was found last stands in the ledger (`event_delivery.preflight_finding`). The same on a
command line, with pools and scheduler besides: `python -m event_delivery.preflight`.

"""
