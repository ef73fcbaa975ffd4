-- The ledger as it was before its schema had numbers. On an older ledger it adds what is missing, and takes the rows over.
create schema if not exists event_delivery;

create table if not exists event_delivery.delivery (
  destination text not null,
  event text not null,
  interval_start timestamptz not null,
  interval_end timestamptz not null,
  kind text not null check (kind in ('nightly', 'test')),
  file_name text not null,
  remote_path text,
  rows bigint,
  bytes bigint,
  sha256 text,
  state text not null check (state in ('uploading', 'failed', 'delivered')),
  step text,
  attempts integer not null default 0,
  first_attempt_at timestamptz,
  delivered_at timestamptz,
  seconds double precision,
  last_error text,
  profile jsonb,
  dag_id text,
  run_id text,
  primary key (destination, event, interval_start, interval_end, kind)
);

create table if not exists event_delivery.attempt (
  destination text not null,
  event text not null,
  interval_start timestamptz not null,
  interval_end timestamptz not null,
  kind text not null,
  attempt integer not null,
  run_id text,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  error text,
  primary key (destination, event, interval_start, interval_end, kind, attempt)
);

create table if not exists event_delivery.host_key (
  host text not null,
  port integer not null,
  public_key text not null,
  first_seen_at timestamptz not null default now(),
  primary key (host, port)
);

create table if not exists event_delivery.server_behaviour (
  destination text not null,
  place text not null,
  upload_mode text not null check (upload_mode in ('rename', 'direct')),
  takes_files boolean not null,
  found_at timestamptz not null default now(),
  primary key (destination, place)
);

alter table event_delivery.delivery
add column if not exists temporary_path text,
add column if not exists permanent boolean;

alter table event_delivery.attempt
add column if not exists bytes_sent bigint,
add column if not exists send_seconds double precision,
add column if not exists compressed boolean,
add column if not exists permanent boolean;
