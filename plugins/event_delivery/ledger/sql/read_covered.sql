with settled as (
  select destination, event, interval_start, interval_end
  from event_delivery.delivery_record
  where
    kind = 'nightly'
    and destination = any(%(destinations)s)
    and (
      delivered_at is not null
      or state not in ('failed', 'cancelled', 'uploading')
      or (
        state = 'uploading'
        and exists (
          select
          from event_delivery.delivery_attempt as made
          where made.delivery_id = delivery_record.id and made.started_at >= %(under_way_since)s
        )
      )
    )
),

reached as (
  select
    destination, event, interval_start, interval_end,
    max(interval_end) over (
      partition by destination, event
      order by interval_start, interval_end
      rows between unbounded preceding and 1 preceding
    ) as last_end
  from settled
),

numbered as (
  select
    destination, event, interval_start, interval_end,
    count(*) filter (where last_end is null or last_end < interval_start) over (
      partition by destination, event
      order by interval_start, interval_end
      rows between unbounded preceding and current row
    ) as number
  from reached
)

select destination, event, min(interval_start), max(interval_end)
from numbered
group by destination, event, number
order by destination, event, min(interval_start)
