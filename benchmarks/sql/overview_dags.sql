insert into dag (
  dag_id, bundle_name, timetable_type, is_paused, is_stale, max_active_tasks, max_consecutive_failed_dag_runs,
  has_task_concurrency_limits, partition_mapper_info
)
select prefix || destination, 'dags', 'LocalDayTimetable', false, false, 16, 0, false, '{}'
from unnest(%(destinations)s::text[]) as destination
cross join unnest(array['nightly_sftp_events__', 'sftp_test_file__']) as prefix
