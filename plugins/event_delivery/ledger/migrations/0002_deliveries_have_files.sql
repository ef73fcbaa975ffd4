-- A delivery has an id of its own and one or more numbered files; attempts refer to ids. The views `delivery` and
-- `attempt` keep the columns that users' SQL knows.
alter table event_delivery.delivery rename to delivery_record;
alter table event_delivery.attempt rename to delivery_attempt;
alter table event_delivery.server_behaviour rename column place to remote_folder;

-- An attempt whose delivery somebody has removed keeps a delivery to belong to.
insert into event_delivery.delivery_record (
  destination, event, interval_start, interval_end, kind, file_name, state, attempts, first_attempt_at
)
select destination, event, interval_start, interval_end, kind, '', 'failed', max(attempt), min(started_at)
from event_delivery.delivery_attempt
where kind in ('nightly', 'test')
group by destination, event, interval_start, interval_end, kind
on conflict do nothing;

alter table event_delivery.delivery_record
add column id bigint generated always as identity,
drop constraint delivery_pkey,
add primary key (id),
add unique (destination, event, interval_start, interval_end, kind);

create index delivery_record_destination_kind_interval_start
on event_delivery.delivery_record (destination, kind, interval_start);

create table event_delivery.delivery_file (
  id bigint generated always as identity primary key,
  delivery_id bigint not null references event_delivery.delivery_record on delete cascade,
  number integer not null check (number > 0),
  file_name text not null,
  recipe jsonb not null,
  rows bigint,
  bytes bigint,
  sha256 text,
  sent_bytes bigint,
  sent_sha256 text,
  state text not null check (state in ('uploading', 'failed', 'delivered')),
  step text,
  remote_path text,
  temporary_path text,
  delivered_at timestamptz,
  unique (delivery_id, number)
);

insert into event_delivery.delivery_file (
  delivery_id, number, file_name, recipe, rows, bytes, sha256, sent_bytes, sent_sha256, state, step, remote_path,
  temporary_path, delivered_at
)
select
  id, 1, file_name, jsonb_build_object('format', substring(file_name from '[^.]*$')), rows, bytes, sha256, bytes,
  sha256, state, step, remote_path, temporary_path, delivered_at
from event_delivery.delivery_record
where file_name <> ''
order by id;

alter table event_delivery.delivery_record
drop column file_name,
drop column remote_path,
drop column rows,
drop column bytes,
drop column sha256,
drop column step,
drop column temporary_path;

alter table event_delivery.delivery_attempt
add column id bigint generated always as identity,
add column delivery_id bigint references event_delivery.delivery_record on delete cascade;

update event_delivery.delivery_attempt as made
set delivery_id = recorded.id
from event_delivery.delivery_record as recorded
where
  recorded.destination = made.destination
  and recorded.event = made.event
  and recorded.interval_start = made.interval_start
  and recorded.interval_end = made.interval_end
  and recorded.kind = made.kind;

alter table event_delivery.delivery_attempt
drop constraint attempt_pkey,
alter column delivery_id set not null,
drop column destination,
drop column event,
drop column interval_start,
drop column interval_end,
drop column kind,
add primary key (id),
add unique (delivery_id, attempt);

create view event_delivery.delivery as
select
  recorded.destination, recorded.event, recorded.interval_start, recorded.interval_end, recorded.kind,
  file.file_name, file.remote_path, file.rows, file.bytes, file.sha256, recorded.state, file.step,
  recorded.attempts, recorded.first_attempt_at, recorded.delivered_at, recorded.seconds, recorded.last_error,
  recorded.profile, recorded.dag_id, recorded.run_id, file.temporary_path, recorded.permanent
from event_delivery.delivery_record as recorded
left join event_delivery.delivery_file as file on file.delivery_id = recorded.id and file.number = 1;

create view event_delivery.attempt as
select
  recorded.destination, recorded.event, recorded.interval_start, recorded.interval_end, recorded.kind,
  made.attempt, made.run_id, made.started_at, made.ended_at, made.error, made.bytes_sent, made.send_seconds,
  made.compressed, made.permanent
from event_delivery.delivery_attempt as made
join event_delivery.delivery_record as recorded on recorded.id = made.delivery_id;

-- Whoever might read or write the tables before, may do so with what has come of them.
do $$
declare
  granted record;
begin
  for granted in
    select
      relation.relname as old,
      acl.privilege_type as privilege,
      case when acl.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end as grantee
    from pg_class as relation
    cross join lateral aclexplode(relation.relacl) as acl
    where
      relation.oid in ('event_delivery.delivery_record'::regclass, 'event_delivery.delivery_attempt'::regclass)
      and acl.grantee <> relation.relowner
      and acl.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
  loop
    if granted.old = 'delivery_record' then
      execute format('grant %s on event_delivery.delivery_file to %s', granted.privilege, granted.grantee);
      execute format('grant select on event_delivery.delivery to %s', granted.grantee);
      execute format('grant select on event_delivery.schema_version to %s', granted.grantee);
    else
      execute format('grant select on event_delivery.attempt to %s', granted.grantee);
    end if;
  end loop;
end
$$;
