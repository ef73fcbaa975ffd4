"""How do staged events become the file that the client gets?

`delivery_file`  from what `extract` staged to the file that `upload` sends
`reading`        which events a delivery file holds
"""

from event_delivery.formats.delivery_file import format_events, format_staged_events

__all__ = ["format_events", "format_staged_events"]
