-- What a run found that compared a client's events with the source's: the report as it was written, and of it what a
-- list needs. `differing` holds the first intervals that are not as they should be, of `differing_count`.
create table event_delivery.reconciliation (
  id bigint generated always as identity primary key,
  destination text not null,
  first_day date not null,
  last_day date not null,
  queried_at timestamptz not null,
  clean boolean not null,
  totals json not null,
  unknown bigint not null,
  differing json not null,
  differing_count bigint not null,
  report text not null,
  sha256 text not null,
  run_id text not null,
  recorded_at timestamptz not null default now()
);

create index reconciliation_destination on event_delivery.reconciliation (destination, id);
