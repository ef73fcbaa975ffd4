"""How do one day's events get from Postgres into the staging area?

`events`            one snapshot, streamed, checked, profiled
`readiness`         is the source complete for the interval?
`snapshot`          the source, read in UTC whatever is set there
`query`             the event type's statement, and the COPY that stages its rows
`company`           does the source take the destination's company_id?
`columns`           which columns does the statement return, and of which types?
`column_names`      can they be a header, and the keys of a JSON object?
`rendering`         how each column is written
`written_columns`   which columns the file has
`typed_columns`     of which types in Parquet
`copying`           from Postgres into a staged file
`blocks`            the rows of a COPY as a delivery file
`first_events`      only the first, masked, for a person to look at
`settled`           does the snapshot see the tables as they are?
`shared_snapshot`   two connections that read the same
`beside`            proven while they are copied, over a second connection
`proof`             what is known of a day's events beyond their bytes
`check`             may these events go out?
`ids`               which events, by their ids
`profile`           what the day looked like
`sample`            the test file's event, staged as real ones are
`sample_file`       what the sample holds, and does it fit the statement?
`sample_query`      the sample, written by Postgres
`unchecked_sample`  the same where Postgres cannot be reached
"""

from event_delivery.extract.events import extract_events
from event_delivery.extract.readiness import SourceNotReadyError
from event_delivery.extract.sample import stage_sample_event

__all__ = ["SourceNotReadyError", "extract_events", "stage_sample_event"]
