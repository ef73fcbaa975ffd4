update event_delivery.delivery
set
  state = 'delivered', step = 'delivered', delivered_at = now(), seconds = %(seconds)s, last_error = null,
  permanent = null, remote_path = %(remote_path)s
where
  destination = %(destination)s
  and event = %(event)s
  and interval_start = %(interval_start)s
  and interval_end = %(interval_end)s
  and kind = %(kind)s
