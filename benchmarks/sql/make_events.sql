insert into events
select
  md5(%(start)s::text || ' event ' || serial)::uuid,
  'course_completed',
  %(start)s::timestamptz
  + (%(end)s::timestamptz - %(start)s::timestamptz) * ((serial + abs(hashint4(serial)) %% 50 / 50.0) / (%(rows)s + 1)),
  'status_change',
  learner.login,
  %(company_id)s,
  'courseCompletion',
  md5('course ' || hashint4(serial) %% 500)::uuid,
  case
    when serial %% 200 > 0
      then (%(titles)s::text[])[1 + abs(hashint4(serial)) %% cardinality(%(titles)s::text[])]
    when serial %% 400 > 0 then ''
  end,
  learner.detail
from generate_series(0, %(rows)s - 1) as serial
join learners as learner on learner.number = abs(hashint4(serial)) %% %(learners)s
order by serial
