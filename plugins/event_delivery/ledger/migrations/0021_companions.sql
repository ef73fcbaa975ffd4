-- How far the companion of a delivery's file has come: a small file that says that the file is whole. `beside` is the
-- sha256 of the file that it belongs to: what was reached beside another one counts for nothing.
create table event_delivery.delivery_companion (
  delivery_id bigint primary key references event_delivery.delivery_record on delete cascade,
  beside text not null,
  name text not null,
  sha256 text not null,
  step text not null,
  server text not null,
  remote_path text not null,
  temporary_path text not null,
  recorded_at timestamptz not null default now()
);

-- Which columns a destination's files have had, since when: a version for each change.
create table event_delivery.file_schema (
  destination text not null,
  event text not null,
  version integer not null,
  columns jsonb not null,
  since timestamptz not null default now(),
  primary key (destination, event, version)
);
