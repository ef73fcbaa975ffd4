select
  count(*) as rows,
  coalesce(sum({hash}), 0) as total
from {events} as event
