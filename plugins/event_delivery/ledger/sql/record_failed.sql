update event_delivery.delivery
set state = 'failed', last_error = %(error)s, permanent = %(permanent)s
where
  destination = %(destination)s
  and event = %(event)s
  and interval_start = %(interval_start)s
  and interval_end = %(interval_end)s
  and kind = %(kind)s
