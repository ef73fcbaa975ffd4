update event_delivery.attempt
set bytes_sent = %(bytes_sent)s, send_seconds = %(seconds)s, compressed = %(compressed)s
where
  destination = %(destination)s
  and event = %(event)s
  and interval_start = %(interval_start)s
  and interval_end = %(interval_end)s
  and kind = %(kind)s
  and attempt = %(attempt)s
