select count(*) as events
from (select from {events} as event limit %(most)s) as counted
