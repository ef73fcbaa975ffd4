select destination, event, format, weeks_ago, max(bytes) as bytes, (array_agg(seconds order by bytes desc))[1] as seconds
from (
  select
    recorded.destination, recorded.event, recorded.interval_start, file.bytes, file.recipe ->> 'format' as format,
    case when recorded.state = 'delivered' then recorded.seconds end as seconds,
    floor(
      extract(
        epoch from max(recorded.interval_start) over (partition by recorded.destination, recorded.event)
        - recorded.interval_start + interval '12 hours'
      ) / 604800
    )::int as weeks_ago
  from event_delivery.delivery_record as recorded
  inner join event_delivery.delivery_file as file
    on file.delivery_id = recorded.id and file.number = recorded.current_file
  where
    recorded.kind = 'nightly'
    and recorded.state not in ('held', 'skipped')
    and (%(destinations)s::text[] is null or recorded.destination = any(%(destinations)s::text[]))
    and recorded.interval_start >= %(now)s::timestamptz - (%(weeks)s + 1) * interval '7 days'
    and recorded.interval_start < %(now)s
    and recorded.interval_end - recorded.interval_start between interval '22 hours' and interval '26 hours'
    and file.bytes > 0
) as night
where weeks_ago < %(weeks)s
group by destination, event, format, weeks_ago
having count(*) >= %(nights)s
order by destination, event, weeks_ago, max(interval_start) desc
