select latest.destination, latest.state, latest.at, latest.last_error
from unnest(%(destinations)s::text[]) as wanted (destination)
cross join lateral (
  select
    destination, state, coalesce(delivered_at, first_attempt_at, interval_start) as at,
    split_part(last_error, e'\n', 1) as last_error
  from event_delivery.delivery_record
  where destination = wanted.destination and kind = 'test'
  order by interval_start desc
  limit 1
) as latest
