"""Which kinds of events can be delivered?"""

from dataclasses import dataclass


@dataclass(frozen=True)
class EventType:
    """One kind of event: the prefix of its file names, and the statement in include/sql that reads it."""

    file_prefix: str
    sql: str


EVENT_TYPES = {
    "courseCompletion": EventType(file_prefix="courseCompletion", sql="course_completion.sql"),
}
