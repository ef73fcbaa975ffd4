-- A delivery that nobody can confirm is called so. That a robot takes files is believed only where a person says it:
-- a server that discards them looks the same, so what was merely observed before is forgotten.
alter table event_delivery.delivery_record
drop constraint delivery_record_state_check,
add constraint delivery_record_state_check
check (state in ('uploading', 'failed', 'delivered', 'unconfirmed'));

alter table event_delivery.delivery_file
drop constraint delivery_file_state_check,
add constraint delivery_file_state_check
check (state in ('uploading', 'failed', 'delivered', 'unconfirmed'));

update event_delivery.server_behaviour
set takes_files = false
where takes_files;
