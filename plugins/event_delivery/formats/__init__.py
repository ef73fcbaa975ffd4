"""How do staged events become the file that the client gets?

`delivery_file`  from what `extract` staged to the file that `upload` sends
`dressing`       its text, then packed
`parted`         or into parts
`splitting`      where one of them ends
`text`           line ends and encoding
`parquet`        typed, a row group at a time
`records`        where a row group may end
`typed_records`  the values of its records
`compressed`     as gzip or ZIP, the same bytes each time
`packed`         compressed, then encrypted
`made_once`      what would not be made twice to the same bytes is made once
`unpacked`       what was in a packed file
`parquet_text`   the values of a Parquet file as text
`reading`        which events a delivery file holds
"""

from event_delivery.formats.delivery_file import format_events, format_staged_events

__all__ = ["format_events", "format_staged_events"]
