select file.rows
from event_delivery.delivery_record as recorded
inner join event_delivery.delivery_file as file
  on file.delivery_id = recorded.id and file.number = recorded.current_file
where
  recorded.destination = %(destination)s
  and recorded.event = %(event)s
  and recorded.kind = 'nightly'
  and recorded.state in ('delivered', 'skipped')
  and file.rows is not null
  and coalesce(file.recipe ->> 'company_id', %(company_id)s) = %(company_id)s
  and recorded.interval_start >= %(interval_start)s::timestamptz - interval '13 weeks 1 day'
  and recorded.interval_start < %(interval_start)s
  and recorded.interval_end - recorded.interval_start between interval '22 hours' and interval '26 hours'
  and extract(isodow from case
    when (recorded.interval_start at time zone %(timezone)s)::time = time '00:00'
      then recorded.interval_start at time zone %(timezone)s
    else (recorded.interval_start + interval '12 hours') at time zone 'UTC'
  end) = %(weekday)s
order by recorded.interval_start desc
limit %(most)s
