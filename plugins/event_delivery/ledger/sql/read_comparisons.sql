select
  destination, event, interval_start, interval_end, compared_at, found_at, rows, id_digest, late, deleted, differs,
  handling, delivered_until
from event_delivery.comparison
where
  destination = any(%(destinations)s)
  and interval_start >= %(since)s
  and interval_start < %(until)s
order by destination, event, interval_start, interval_end
