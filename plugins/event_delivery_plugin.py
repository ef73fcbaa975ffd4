"""What does this package add to Airflow itself?"""

from airflow.plugins_manager import AirflowPlugin

from event_delivery import listener
from event_delivery.timetable import LocalDayTimetable


class EventDeliveryPlugin(AirflowPlugin):
    """The schedule of local days, and what the scheduler does around a run."""

    name = "event_delivery"
    timetables = [LocalDayTimetable]  # noqa: RUF012 - Airflow's own spelling
    listeners = [listener]  # noqa: RUF012
