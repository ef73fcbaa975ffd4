-- What a person should know of a file that was made all the same: the source was not complete (`unready`), or the
-- number of its events is out of line (`unusual`). One sentence each. A delivery that waits for a person is held.
alter table event_delivery.delivery_record
add column unready text,
add column unusual text,
drop constraint delivery_record_state_check,
add constraint delivery_record_state_check
check (state in ('uploading', 'failed', 'delivered', 'unconfirmed', 'cancelled', 'held'));

create or replace view event_delivery.delivery as
select
  recorded.destination, recorded.event, recorded.interval_start, recorded.interval_end, recorded.kind,
  file.file_name, file.remote_path, file.rows, file.bytes, file.sha256, recorded.state, file.step,
  recorded.attempts, recorded.first_attempt_at, recorded.delivered_at, recorded.seconds, recorded.last_error,
  recorded.profile, recorded.dag_id, recorded.run_id, file.temporary_path, recorded.permanent,
  replaced.file_name as replaces, recorded.unready, recorded.unusual
from event_delivery.delivery_record as recorded
left join event_delivery.delivery_file as file
  on file.delivery_id = recorded.id and file.number = recorded.current_file
left join event_delivery.delivery_file as replaced
  on replaced.delivery_id = recorded.id and replaced.number = file.replaces;
