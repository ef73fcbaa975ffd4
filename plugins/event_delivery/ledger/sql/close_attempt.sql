update event_delivery.attempt
set ended_at = now(), error = %(error)s, permanent = %(permanent)s
where
  destination = %(destination)s
  and event = %(event)s
  and interval_start = %(interval_start)s
  and interval_end = %(interval_end)s
  and kind = %(kind)s
  and attempt = %(attempt)s
