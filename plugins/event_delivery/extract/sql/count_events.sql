select count(*) as events
from {events} as event
