select attempt, run_id, started_at, ended_at, send_seconds, bytes_sent, error, permanent
from event_delivery.attempt
where
  destination = %(destination)s
  and event = %(event)s
  and interval_start = %(interval_start)s
  and interval_end = %(interval_end)s
  and kind = %(kind)s
order by attempt
