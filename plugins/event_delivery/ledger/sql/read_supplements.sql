select
  substring(recorded.kind from '[0-9]+$')::int as number, recorded.state,
  coalesce(delivered.file_name, planned.file_name) as file_name, delivered.delivered_rows as rows,
  delivered.delivered_sha256 as sha256, delivered.delivered_at, recorded.last_error
from event_delivery.delivery_record as recorded
left join event_delivery.delivery_file as planned
  on planned.delivery_id = recorded.id and planned.number = recorded.current_file
left join lateral (
  select *
  from event_delivery.delivery_file as made
  where made.delivery_id = recorded.id and made.delivered_at is not null
  order by made.delivered_at desc
  limit 1
) as delivered on true
where
  recorded.destination = %(destination)s
  and recorded.event = %(event)s
  and recorded.interval_start = %(interval_start)s
  and recorded.interval_end = %(interval_end)s
  and recorded.kind like 'supplement-%%'
order by number
