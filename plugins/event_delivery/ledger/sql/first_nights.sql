select wanted.destination, min(earliest.interval_start) as interval_start
from (
  select unnest(%(destinations)s::text[]) as destination, unnest(%(events)s::text[]) as event
) as wanted
cross join lateral (
  select interval_start
  from event_delivery.attempt
  where
    destination = wanted.destination
    and event = wanted.event
    and kind = 'nightly'
    and starts_with(run_id, 'scheduled__')
  order by interval_start
  limit 1
) as earliest
group by wanted.destination
