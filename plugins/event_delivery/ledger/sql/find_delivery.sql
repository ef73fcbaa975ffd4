select
  0 as id, destination, event, kind, interval_start, interval_end, state, file_name, remote_path, rows, bytes, sha256,
  attempts, first_attempt_at, delivered_at, seconds, last_error, permanent, profile, dag_id, run_id
from event_delivery.delivery
where
  destination = %(destination)s
  and event = %(event)s
  and kind = %(kind)s
  and interval_start >= %(since)s
  and interval_start < %(until)s
order by interval_start desc
limit 1
