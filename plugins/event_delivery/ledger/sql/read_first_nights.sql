select earliest.destination, earliest.event, earliest.interval_start
from (
  select unnest(%(destinations)s::text[]) as destination, unnest(%(events)s::text[]) as event
) as wanted
cross join lateral (
  select recorded.destination, recorded.event, recorded.interval_start
  from event_delivery.delivery_record as recorded
  where
    recorded.destination = wanted.destination
    and recorded.event = wanted.event
    and recorded.kind = 'nightly'
    and (
      (recorded.attempts = 0 and recorded.run_id ~ '^(scheduled|missing)__')
      or exists (
        select
        from event_delivery.delivery_attempt as made
        where made.delivery_id = recorded.id and made.run_id ~ '^(scheduled|missing)__'
      )
    )
  order by recorded.interval_start
  limit 1
) as earliest
order by earliest.destination, earliest.event
