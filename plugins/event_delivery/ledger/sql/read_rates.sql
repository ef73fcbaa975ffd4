select compressed, max(bytes_sent / send_seconds)
from (
  select
    compressed, bytes_sent, send_seconds,
    row_number() over (partition by compressed order by started_at desc) as age
  from event_delivery.attempt
  where destination = %(destination)s and send_seconds > 0 and bytes_sent >= 1000000
) as latest
where age <= 5
group by compressed
