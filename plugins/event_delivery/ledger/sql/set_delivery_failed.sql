update event_delivery.delivery_record
set
  failed_at = now(),
  state = case when state = 'unconfirmed' then state else %(state)s end,
  last_error = case when state = 'unconfirmed' and %(state)s = 'failed' then last_error else %(error)s end,
  permanent = case when state = 'unconfirmed' and %(state)s = 'failed' then permanent else %(permanent)s end
where id = %(delivery_id)s and attempts = %(attempt)s
