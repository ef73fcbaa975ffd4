select latest.destination, latest.event, latest.interval_start, latest.interval_end, latest.unusual
from (
  select distinct on (destination, event) destination, event, interval_start, interval_end, unusual
  from event_delivery.delivery_record
  where
    destination = any(%(destinations)s)
    and kind = 'nightly'
    and state in ('delivered', 'skipped')
    and interval_start >= %(since)s
  order by destination, event, interval_start desc
) as latest
where latest.unusual is not null
order by latest.destination, latest.event
