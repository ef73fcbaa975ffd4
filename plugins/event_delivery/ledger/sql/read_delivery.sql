select state, last_error, sha256, remote_path, step, temporary_path
from event_delivery.delivery
where
  destination = %(destination)s
  and event = %(event)s
  and interval_start = %(interval_start)s
  and interval_end = %(interval_end)s
  and kind = %(kind)s
