insert into event_delivery.attempt (
  destination, event, interval_start, interval_end, kind, attempt, run_id
)
values (
  %(destination)s, %(event)s, %(interval_start)s, %(interval_end)s, %(kind)s, %(attempt)s, %(run_id)s
)
