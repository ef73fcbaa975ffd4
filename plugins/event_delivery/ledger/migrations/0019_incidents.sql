-- What is wrong, from its first sign until it is over, and who was told of it: one message at each end for each
-- recipient. `hits` lists the destinations that it concerns, with their days. `routed_as` says for what it was last
-- decided who is told; null: not yet.
create table event_delivery.incident (
  id bigint generated always as identity primary key,
  topic text not null,
  concerns text not null,
  kind text not null,
  severity text not null check (severity in ('info', 'warning', 'error')),
  cause text not null,
  hits jsonb not null,
  opened_at timestamptz not null,
  last_seen_at timestamptz not null,
  closed_at timestamptz,
  routed_as text,
  acknowledged_by text,
  acknowledged_at timestamptz,
  snoozed_until timestamptz,
  snooze_reason text,
  unique (topic, concerns, opened_at)
);

create unique index incident_open on event_delivery.incident (topic, concerns) where closed_at is null;
create index incident_closed_at on event_delivery.incident (closed_at);

create table event_delivery.incident_message (
  id bigint generated always as identity primary key,
  incident_id bigint not null references event_delivery.incident on delete cascade,
  ending text not null check (ending in ('opened', 'closed')),
  recipient text not null,
  state text not null default 'to be sent' check (state in ('to be sent', 'sending', 'sent', 'failed')),
  made_at timestamptz not null,
  not_before timestamptz not null,
  claimed_at timestamptz,
  sent_at timestamptz,
  tries integer not null default 0,
  last_error text,
  unique (incident_id, ending, recipient)
);

create index incident_message_waiting on event_delivery.incident_message (not_before)
where state in ('to be sent', 'sending');
