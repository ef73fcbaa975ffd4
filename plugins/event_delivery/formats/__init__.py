"""How do staged events become the file that the client gets?

`delivery_file`  from what `extract` staged to the file that `upload` sends
`dressing`       its text, then packed
`parted`         or into parts
`splitting`      where one of them ends
`text`           line ends and encoding
`compressed`     as gzip or ZIP, the same bytes each time
`packed`         compressed, then encrypted
`encrypted_once` a delivery is not encrypted anew
`unpacked`       what was in a packed file
`reading`        which events a delivery file holds
"""

from event_delivery.formats.delivery_file import format_events, format_staged_events

__all__ = ["format_events", "format_staged_events"]
