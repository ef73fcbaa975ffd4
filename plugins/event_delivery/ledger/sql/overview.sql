select
  destination, event, interval_start, state, rows, bytes, delivered_at, seconds, attempts,
  case
    when attempts <= 1 then delivered_at
    else coalesce(
      (
        select min(ended_at)
        from event_delivery.attempt as made
        where
          made.destination = recorded.destination
          and made.event = recorded.event
          and made.interval_start = recorded.interval_start
          and made.interval_end = recorded.interval_end
          and made.kind = recorded.kind
          and made.error is null
      ),
      delivered_at
    )
  end as first_delivered_at,
  split_part(last_error, e'\n', 1) as last_error
from event_delivery.delivery as recorded
where
  kind = 'nightly'
  and destination = any(%(destinations)s)
  and interval_start >= %(since)s
  and interval_start < %(until)s
order by destination, event, interval_start
