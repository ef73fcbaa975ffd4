-- A delivery has an id of its own and one or more numbered files; attempts refer to ids. The views `delivery` and
-- `attempt` keep the columns that users' SQL knows.
alter table event_delivery.delivery rename to old_delivery;
alter table event_delivery.attempt rename to old_attempt;
alter table event_delivery.server_behaviour rename column place to remote_folder;

create table event_delivery.delivery_record (
  id bigint generated always as identity,
  destination text not null,
  event text not null,
  interval_start timestamptz not null,
  interval_end timestamptz not null,
  kind text not null check (kind in ('nightly', 'test')),
  state text not null check (state in ('uploading', 'failed', 'delivered')),
  attempts integer not null default 0,
  first_attempt_at timestamptz,
  delivered_at timestamptz,
  seconds double precision,
  last_error text,
  permanent boolean,
  profile jsonb,
  dag_id text,
  run_id text
);

create table event_delivery.delivery_file (
  id bigint generated always as identity,
  delivery_id bigint not null,
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
  delivered_at timestamptz
);

create table event_delivery.delivery_attempt (
  id bigint generated always as identity,
  delivery_id bigint not null,
  attempt integer not null,
  run_id text,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  error text,
  permanent boolean,
  bytes_sent bigint,
  send_seconds double precision,
  compressed boolean
);

insert into event_delivery.delivery_record (
  destination, event, interval_start, interval_end, kind, state, attempts, first_attempt_at, delivered_at, seconds,
  last_error, permanent, profile, dag_id, run_id
)
select
  destination, event, interval_start, interval_end, kind, state, attempts, first_attempt_at, delivered_at, seconds,
  last_error, permanent, profile, dag_id, run_id
from event_delivery.old_delivery
order by first_attempt_at;

-- An attempt whose delivery somebody has removed keeps a delivery to belong to.
insert into event_delivery.delivery_record (
  destination, event, interval_start, interval_end, kind, state, attempts, first_attempt_at
)
select destination, event, interval_start, interval_end, kind, 'failed', max(attempt), min(started_at)
from event_delivery.old_attempt as made
where not exists (
  select
  from event_delivery.old_delivery as recorded
  where
    recorded.destination = made.destination
    and recorded.event = made.event
    and recorded.interval_start = made.interval_start
    and recorded.interval_end = made.interval_end
    and recorded.kind = made.kind
)
group by destination, event, interval_start, interval_end, kind;

insert into event_delivery.delivery_file (
  delivery_id, number, file_name, recipe, rows, bytes, sha256, sent_bytes, sent_sha256, state, step, remote_path,
  temporary_path, delivered_at
)
select
  recorded.id, 1, old.file_name, jsonb_build_object('format', substring(old.file_name from '[^.]*$')), old.rows,
  old.bytes, old.sha256, old.bytes, old.sha256, old.state, old.step, old.remote_path, old.temporary_path,
  old.delivered_at
from event_delivery.old_delivery as old
join event_delivery.delivery_record as recorded using (destination, event, interval_start, interval_end, kind)
order by recorded.id;

insert into event_delivery.delivery_attempt (
  delivery_id, attempt, run_id, started_at, ended_at, error, permanent, bytes_sent, send_seconds, compressed
)
select
  recorded.id, old.attempt, old.run_id, old.started_at, old.ended_at, old.error, old.permanent, old.bytes_sent,
  old.send_seconds, old.compressed
from event_delivery.old_attempt as old
join event_delivery.delivery_record as recorded using (destination, event, interval_start, interval_end, kind)
order by recorded.id, old.attempt;

alter table event_delivery.delivery_record
add primary key (id),
add unique (destination, event, interval_start, interval_end, kind);

create index delivery_record_destination_kind_interval_start
on event_delivery.delivery_record (destination, kind, interval_start);

alter table event_delivery.delivery_file
add primary key (id),
add unique (delivery_id, number),
add foreign key (delivery_id) references event_delivery.delivery_record on delete cascade;

alter table event_delivery.delivery_attempt
add primary key (id),
add unique (delivery_id, attempt),
add foreign key (delivery_id) references event_delivery.delivery_record on delete cascade;

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
      relation.oid in ('event_delivery.old_delivery'::regclass, 'event_delivery.old_attempt'::regclass)
      and acl.grantee <> relation.relowner
      and acl.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
  loop
    if granted.old = 'old_delivery' then
      execute format('grant %s on event_delivery.delivery_record to %s', granted.privilege, granted.grantee);
      execute format('grant %s on event_delivery.delivery_file to %s', granted.privilege, granted.grantee);
      execute format('grant select on event_delivery.delivery to %s', granted.grantee);
      execute format('grant select on event_delivery.schema_version to %s', granted.grantee);
    else
      execute format('grant %s on event_delivery.delivery_attempt to %s', granted.privilege, granted.grantee);
      execute format('grant select on event_delivery.attempt to %s', granted.grantee);
    end if;
  end loop;
end
$$;

drop table event_delivery.old_delivery;
drop table event_delivery.old_attempt;
