select
  destination, event, interval_start, interval_end, kind, file_name, remote_path, rows, bytes, sha256, state,
  step, temporary_path, attempts, first_attempt_at, delivered_at, seconds, last_error, permanent, profile, dag_id,
  run_id
from event_delivery.delivery
where
  destination = %(destination)s
  and event = %(event)s
  and interval_start = %(interval_start)s
  and interval_end = %(interval_end)s
  and kind = %(kind)s
