-- A delivery's name outlives edits: a file of another format is a further file, and says which one it replaces. An
-- attempt knows to which server it went. A delivery whose event type was taken out of its destination is cancelled.
alter table event_delivery.delivery_record
add column current_file integer not null default 1,
drop constraint delivery_record_state_check,
add constraint delivery_record_state_check
check (state in ('uploading', 'failed', 'delivered', 'unconfirmed', 'cancelled'));

alter table event_delivery.delivery_file
add column replaces integer,
add column server text;

create index delivery_record_run_id on event_delivery.delivery_record (run_id);

create or replace view event_delivery.delivery as
select
  recorded.destination, recorded.event, recorded.interval_start, recorded.interval_end, recorded.kind,
  file.file_name, file.remote_path, file.rows, file.bytes, file.sha256, recorded.state, file.step,
  recorded.attempts, recorded.first_attempt_at, recorded.delivered_at, recorded.seconds, recorded.last_error,
  recorded.profile, recorded.dag_id, recorded.run_id, file.temporary_path, recorded.permanent,
  replaced.file_name as replaces
from event_delivery.delivery_record as recorded
left join event_delivery.delivery_file as file
  on file.delivery_id = recorded.id and file.number = recorded.current_file
left join event_delivery.delivery_file as replaced
  on replaced.delivery_id = recorded.id and replaced.number = file.replaces;
