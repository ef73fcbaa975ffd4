insert into task_instance (
  id, dag_id, run_id, task_id, map_index, state, try_number, max_tries, end_date, retry_delay_override, pool,
  pool_slots, context_carrier
)
select
  gen_random_uuid(), dag_id, run_id, task, -1,
  case when task <> 'upload' then 'success' when state = 'failed' then 'failed' else 'up_for_retry' end,
  3, 10, run_after + interval '3 minutes', 80, 'default_pool', 1, '{}'
from dag_run
cross join unnest(array['extract', 'format', 'upload']) as task
where state <> 'success'
