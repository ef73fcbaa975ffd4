select
  floor(extract(epoch from "timestamp" - %(interval_start)s) / 3600)::int as hour,
  {title} as title,
  count(*) as rows,
  sum({hash}) as ids
from {events} as event
group by 1, 2
