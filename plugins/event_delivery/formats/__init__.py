"""How do staged events become the file that the client gets?

`delivery_file`  from what `extract` staged to the file that `upload` sends
`csv_events`     CSV: a copy
`json_events`    JSON: brackets and commas
`reading`        which events a delivery file holds
`blocks`         both in flat memory
"""

from event_delivery.formats.delivery_file import format_blocks, format_events, format_staged_events

__all__ = ["format_blocks", "format_events", "format_staged_events"]
