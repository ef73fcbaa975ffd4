create or replace function event_delivery.insert_delivery() returns trigger language plpgsql as $$
declare recorded bigint;
begin
  insert into event_delivery.delivery_record (
    destination, event, interval_start, interval_end, kind, state, attempts, first_attempt_at, delivered_at,
    seconds, last_error, profile, dag_id, run_id, permanent
  )
  values (
    new.destination, new.event, new.interval_start, new.interval_end, new.kind, new.state,
    coalesce(new.attempts, 0), new.first_attempt_at, new.delivered_at, new.seconds, new.last_error,
    new.profile, new.dag_id, new.run_id, new.permanent
  )
  returning id into recorded;
  insert into event_delivery.delivery_file (
    delivery_id, number, file_name, recipe, rows, bytes, sha256, state, step, remote_path, temporary_path
  )
  values (
    recorded, 1, new.file_name, '{}', new.rows, new.bytes, new.sha256, new.state, new.step, new.remote_path,
    new.temporary_path
  );
  return new;
end $$;
create or replace function event_delivery.insert_attempt() returns trigger language plpgsql as $$
begin
  insert into event_delivery.delivery_record (destination, event, interval_start, interval_end, kind, state, attempts)
  values (new.destination, new.event, new.interval_start, new.interval_end, new.kind, 'uploading', new.attempt)
  on conflict do nothing;
  insert into event_delivery.delivery_attempt (
    delivery_id, attempt, run_id, started_at, ended_at, error, bytes_sent, send_seconds, compressed, permanent
  )
  select id, new.attempt, new.run_id, coalesce(new.started_at, now()), new.ended_at, new.error, new.bytes_sent,
    new.send_seconds, new.compressed, new.permanent
  from event_delivery.delivery_record
  where (destination, event, interval_start, interval_end, kind)
    = (new.destination, new.event, new.interval_start, new.interval_end, new.kind);
  return new;
end $$;
create or replace trigger insert_row instead of insert on event_delivery.delivery
for each row execute function event_delivery.insert_delivery();
create or replace trigger insert_row instead of insert on event_delivery.attempt
for each row execute function event_delivery.insert_attempt();
