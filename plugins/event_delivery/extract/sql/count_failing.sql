select
  count(*) as rows,
  count(distinct {distinct}) as ids,
  count(*) filter (
    where
      id is null
      or "timestamp" is null
      or "timestamp" < %(interval_start)s
      or "timestamp" >= %(interval_end)s
      or {of_other_company}
  ) as failing
from {events} as event
