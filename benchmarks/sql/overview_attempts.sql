insert into event_delivery.delivery_attempt (delivery_id, attempt, run_id, started_at, ended_at, error)
select
  id, number, run_id, interval_end + interval '2 hours', interval_end + interval '2 hours 1 minute',
  case when number < attempts or state = 'failed' then last_error end
from event_delivery.delivery_record
cross join lateral generate_series(1, attempts) as number
