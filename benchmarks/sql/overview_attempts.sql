insert into event_delivery.attempt (
  destination, event, interval_start, interval_end, kind, attempt, run_id, started_at, ended_at, error
)
select
  destination, event, interval_start, interval_end, kind, number, run_id, interval_end + interval '2 hours',
  interval_end + interval '2 hours 1 minute',
  case when number < attempts or state = 'failed' then last_error end
from event_delivery.delivery
cross join lateral generate_series(1, attempts) as number
