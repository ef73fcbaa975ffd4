-- What would fail tonight, as it was last looked over in working hours: one look, and what it found, replaced whole by
-- the next.
create table event_delivery.preflight (
  id integer primary key default 1 check (id = 1),
  looked_at timestamptz not null,
  destinations integer not null
);

-- `destination`: null where it concerns all of them.
create table event_delivery.preflight_finding (
  number integer primary key,
  destination text,
  kind text not null,
  told text not null,
  advice text not null
);
