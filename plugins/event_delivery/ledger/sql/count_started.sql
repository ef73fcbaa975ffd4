select count(distinct (interval_start, interval_end))
from event_delivery.delivery_record
where
  destination = %(destination)s
  and starts_with(run_id, %(prefix)s)
  and right(run_id, length(%(suffix)s)) = %(suffix)s
