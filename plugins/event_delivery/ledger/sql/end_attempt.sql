update event_delivery.delivery_attempt
set
  ended_at = now(), error = %(error)s, permanent = %(permanent)s, bytes_sent = %(bytes_sent)s,
  send_seconds = %(send_seconds)s, compressed = %(compressed)s
where id = %(attempt_id)s
