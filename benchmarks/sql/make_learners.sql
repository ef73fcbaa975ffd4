create temporary table learners as
select
  number,
  'learner.' || number || '@school.com' as login,
  jsonb_build_object(
    'id', md5('learner ' || number)::uuid,
    'firstName', (%(first_names)s::text[])[1 + number %% cardinality(%(first_names)s::text[])],
    'lastName', nullif((%(last_names)s::text[])[1 + number %% cardinality(%(last_names)s::text[])], 'null'),
    'externalCustomerId', case when number %% 20 > 0 then lpad(number::text, 12, '0') end,
    'sfContactId', case when number %% 3 = 0 then '003' || lpad(number::text, 12, '0') end,
    'sfAccountId', case when number %% 3 = 0 then '001' || lpad(number::text, 12, '0') end,
    'client', '00f928f4-8718-5043-9164-32398b165c60',
    'ref1', lpad(number::text, 12, '0'),
    'ref2', (%(departments)s::text[])[1 + number %% cardinality(%(departments)s::text[])],
    'ref3', case when number %% 5 > 0 then lpad((number %% 100)::text, 5, '0') end
  ) as detail
from generate_series(0, %(learners)s - 1) as number
