select *
from (
  select
    id::text as id,
    count(*) as copies,
    count(*) - count("timestamp") as without_timestamp,
    count(*) filter (
      where "timestamp" < %(interval_start)s or "timestamp" >= %(interval_end)s
    ) as outside_interval,
    count(*) filter (where {of_other_company}) as of_other_company
  from {events} as event
  group by id
) as checked
where
  id is null
  or copies > 1
  or without_timestamp > 0
  or outside_interval > 0
  or of_other_company > 0
order by id nulls first
limit 20
