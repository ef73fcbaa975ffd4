select id as last_id
from events
where
  company_id = %(company_id)s
  and event = 'courseCompletion'
  and "timestamp" >= %(interval_start)s
  and "timestamp" < %(interval_end)s
order by "timestamp" desc, id desc
limit 1
