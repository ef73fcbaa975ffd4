update event_delivery.delivery
set step = %(step)s, remote_path = %(remote_path)s, temporary_path = %(temporary_path)s
where
  destination = %(destination)s
  and event = %(event)s
  and interval_start = %(interval_start)s
  and interval_end = %(interval_end)s
  and kind = %(kind)s
