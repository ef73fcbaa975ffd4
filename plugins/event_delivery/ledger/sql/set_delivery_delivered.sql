update event_delivery.delivery_record
set
  state = 'delivered', delivered_at = coalesce(%(delivered_at)s::timestamptz, now()),
  first_attempt_at = least(first_attempt_at, %(delivered_at)s::timestamptz), seconds = %(seconds)s,
  last_error = null, permanent = null
where id = %(delivery_id)s and attempts = %(attempt)s
