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
)
