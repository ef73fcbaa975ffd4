create table if not exists events (
  id uuid primary key,
  source text,
  "timestamp" timestamptz,
  type text,
  "user" text,
  company_id uuid,
  event text,
  notifiable_id uuid,
  title text,
  user_detail jsonb
);

create index if not exists events_company_id_event_timestamp
on events (company_id, event, "timestamp");
