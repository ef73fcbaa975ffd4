"""How do one day's events get from Postgres into the staging area?

`events`     one snapshot, streamed, checked, profiled
`query`      the event type's statement, and the COPY that stages its rows
`rendering`  how each column is written
`check`      may these events go out?
`profile`    what the day looked like
`sample`     the test file's event, staged as real ones are
"""

from event_delivery.extract.events import extract_events
from event_delivery.extract.sample import SAMPLE_EVENT_TYPE, stage_sample_event

__all__ = ["SAMPLE_EVENT_TYPE", "extract_events", "stage_sample_event"]
