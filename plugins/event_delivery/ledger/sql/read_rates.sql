select compressed, max(bytes_sent / send_seconds)
from (
  select
    made.compressed, made.bytes_sent, made.send_seconds,
    row_number() over (partition by made.compressed order by made.started_at desc) as age
  from event_delivery.delivery_attempt as made
  join event_delivery.delivery_record as recorded on recorded.id = made.delivery_id
  where recorded.destination = %(destination)s and made.send_seconds > 0 and made.bytes_sent >= 1000000
    and made.started_at > now() - interval '8 weeks'
) as latest
where age <= 5
group by compressed
