-- A ledger made by release 0.1.0 (commit f3db529): its tables as it made them, and rows of real deliveries to a real server.

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

insert into event_delivery.delivery (destination, event, interval_start, interval_end, kind, file_name, remote_path, rows, bytes, sha256, state, step, attempts, first_attempt_at, delivered_at, seconds, last_error, profile, dag_id, run_id, temporary_path, permanent) values ('acme', 'courseCompletion', '2026-03-07 05:00:00+00:00'::timestamptz, '2026-03-08 05:00:00+00:00'::timestamptz, 'nightly', 'courseCompletion-2329139872_2026-03-08T07-00-00-59tx6hl.json', 'courseCompletion-2329139872_2026-03-08T07-00-00-59tx6hl.json', 0, 3, '37517e5f3dc66819f61f5a7bb8ace1921282415f10551d2defa5c3eb0985b570', 'uploading', 'renaming', 1, '2026-11-24 17:51:33.096338+00:00'::timestamptz, NULL, NULL, NULL, '{"top_titles": {}, "rows_by_hour": {}}', 'nightly_sftp_events__acme', 'scheduled__y', '.courseCompletion-2329139872_2026-03-08T07-00-00-59tx6hl.json.1.part', NULL);

insert into event_delivery.delivery (destination, event, interval_start, interval_end, kind, file_name, remote_path, rows, bytes, sha256, state, step, attempts, first_attempt_at, delivered_at, seconds, last_error, profile, dag_id, run_id, temporary_path, permanent) values ('acme', 'courseCompletion', '2026-03-08 05:00:00+00:00'::timestamptz, '2026-03-09 04:00:00+00:00'::timestamptz, 'nightly', 'courseCompletion-2329139872_2026-03-09T06-00-00-a8k1tmj.json', 'courseCompletion-2329139872_2026-03-09T06-00-00-a8k1tmj.json', 0, 3, '37517e5f3dc66819f61f5a7bb8ace1921282415f10551d2defa5c3eb0985b570', 'delivered', 'delivered', 2, '2026-11-24 17:51:32.814027+00:00'::timestamptz, '2026-11-24 17:51:33.005325+00:00'::timestamptz, 0.1448271009999189, NULL, '{"top_titles": {}, "rows_by_hour": {}}', 'nightly_sftp_events__acme', 'scheduled__x', '.courseCompletion-2329139872_2026-03-09T06-00-00-a8k1tmj.json.2.part', NULL);

insert into event_delivery.delivery (destination, event, interval_start, interval_end, kind, file_name, remote_path, rows, bytes, sha256, state, step, attempts, first_attempt_at, delivered_at, seconds, last_error, profile, dag_id, run_id, temporary_path, permanent) values ('acme', 'courseCompletion', '2026-03-09 04:00:00+00:00'::timestamptz, '2026-03-10 04:00:00+00:00'::timestamptz, 'nightly', 'courseCompletion-2329139872_2026-03-10T06-00-00-qwiunhi.json', 'courseCompletion-2329139872_2026-03-10T06-00-00-qwiunhi.json', 3, 1944, 'ec1345f0e543aae76d40662230036ac85079fe99b6ca57d9281bf4103bae47f7', 'delivered', 'delivered', 2, '2026-11-24 17:51:32.433079+00:00'::timestamptz, '2026-11-24 17:51:32.703228+00:00'::timestamptz, 0.08267418600007659, NULL, '{"top_titles": {"New Student Orientation": 3}, "rows_by_hour": {"13": 3}}', 'nightly_sftp_events__acme', 'manual__again', '.courseCompletion-2329139872_2026-03-10T06-00-00-qwiunhi.json.1.part', NULL);

insert into event_delivery.delivery (destination, event, interval_start, interval_end, kind, file_name, remote_path, rows, bytes, sha256, state, step, attempts, first_attempt_at, delivered_at, seconds, last_error, profile, dag_id, run_id, temporary_path, permanent) values ('acme', 'courseCompletion', '2026-03-09 12:00:00+00:00'::timestamptz, '2026-03-09 12:00:00+00:00'::timestamptz, 'test', 'courseCompletion-test-2329139872_2026-03-09T12-00-00-02u391r.json', 'courseCompletion-test-2329139872_2026-03-09T12-00-00-02u391r.json', 1, 650, 'a388bdaa8837d7539e9cfa52fe6575717e2b2afb8eed520391457a7d19cc30ff', 'delivered', 'delivered', 1, '2026-11-24 17:51:31.493793+00:00'::timestamptz, '2026-11-24 17:51:31.630377+00:00'::timestamptz, 2.7191089520001697, NULL, '{}', 'sftp_test_file__acme', 'scheduled__2026-03-09', '.courseCompletion-test-2329139872_2026-03-09T12-00-00-02u391r.json.1.part', NULL);

insert into event_delivery.delivery (destination, event, interval_start, interval_end, kind, file_name, remote_path, rows, bytes, sha256, state, step, attempts, first_attempt_at, delivered_at, seconds, last_error, profile, dag_id, run_id, temporary_path, permanent) values ('beta', 'courseCompletion', '2026-03-09 04:00:00+00:00'::timestamptz, '2026-03-10 04:00:00+00:00'::timestamptz, 'nightly', 'courseCompletion-4335660265_2026-03-10T06-00-00-wj3k2dc.csv', NULL, 3, 1339, 'a505c96cfeeed46b6ed121949fe8045ffe33e4911bc7e19254eda678a883efcc', 'failed', NULL, 2, '2026-11-24 17:51:33.163010+00:00'::timestamptz, NULL, NULL, '127.0.0.1:34261, logging in: the server refuses the login of user ''acme'' (offered: password). Ask the client for the right user and credentials, and correct the Airflow Connection.', '{"top_titles": {"New Student Orientation": 3}, "rows_by_hour": {"13": 3}}', 'nightly_sftp_events__beta', 'scheduled__z', NULL, true);

insert into event_delivery.attempt (destination, event, interval_start, interval_end, kind, attempt, run_id, started_at, ended_at, error, bytes_sent, send_seconds, compressed, permanent) values ('acme', 'courseCompletion', '2026-03-07 05:00:00+00:00'::timestamptz, '2026-03-08 05:00:00+00:00'::timestamptz, 'nightly', 1, 'scheduled__y', '2026-11-24 17:51:33.097382+00:00'::timestamptz, NULL, NULL, NULL, NULL, NULL, NULL);

insert into event_delivery.attempt (destination, event, interval_start, interval_end, kind, attempt, run_id, started_at, ended_at, error, bytes_sent, send_seconds, compressed, permanent) values ('acme', 'courseCompletion', '2026-03-08 05:00:00+00:00'::timestamptz, '2026-03-09 04:00:00+00:00'::timestamptz, 'nightly', 1, 'scheduled__x', '2026-11-24 17:51:32.819484+00:00'::timestamptz, '2026-11-24 17:51:32.859608+00:00'::timestamptz, '127.0.0.1:34261, logging in: the server refuses the login of user ''acme'' (offered: password). Ask the client for the right user and credentials, and correct the Airflow Connection.', NULL, NULL, NULL, true);

insert into event_delivery.attempt (destination, event, interval_start, interval_end, kind, attempt, run_id, started_at, ended_at, error, bytes_sent, send_seconds, compressed, permanent) values ('acme', 'courseCompletion', '2026-03-08 05:00:00+00:00'::timestamptz, '2026-03-09 04:00:00+00:00'::timestamptz, 'nightly', 2, 'scheduled__x', '2026-11-24 17:51:32.888496+00:00'::timestamptz, '2026-11-24 17:51:33.006364+00:00'::timestamptz, NULL, 3, 0.0057485300003463635, false, NULL);

insert into event_delivery.attempt (destination, event, interval_start, interval_end, kind, attempt, run_id, started_at, ended_at, error, bytes_sent, send_seconds, compressed, permanent) values ('acme', 'courseCompletion', '2026-03-09 04:00:00+00:00'::timestamptz, '2026-03-10 04:00:00+00:00'::timestamptz, 'nightly', 1, 'scheduled__z', '2026-11-24 17:51:32.434677+00:00'::timestamptz, '2026-11-24 17:51:32.616389+00:00'::timestamptz, NULL, 1944, 0.008031408000078955, false, NULL);

insert into event_delivery.attempt (destination, event, interval_start, interval_end, kind, attempt, run_id, started_at, ended_at, error, bytes_sent, send_seconds, compressed, permanent) values ('acme', 'courseCompletion', '2026-03-09 04:00:00+00:00'::timestamptz, '2026-03-10 04:00:00+00:00'::timestamptz, 'nightly', 2, 'manual__again', '2026-11-24 17:51:32.649507+00:00'::timestamptz, '2026-11-24 17:51:32.704114+00:00'::timestamptz, NULL, NULL, NULL, NULL, NULL);

insert into event_delivery.attempt (destination, event, interval_start, interval_end, kind, attempt, run_id, started_at, ended_at, error, bytes_sent, send_seconds, compressed, permanent) values ('acme', 'courseCompletion', '2026-03-09 12:00:00+00:00'::timestamptz, '2026-03-09 12:00:00+00:00'::timestamptz, 'test', 1, 'scheduled__2026-03-09', '2026-11-24 17:51:31.494551+00:00'::timestamptz, '2026-11-24 17:51:31.632336+00:00'::timestamptz, NULL, 650, 0.0012307360002523637, false, NULL);

insert into event_delivery.attempt (destination, event, interval_start, interval_end, kind, attempt, run_id, started_at, ended_at, error, bytes_sent, send_seconds, compressed, permanent) values ('beta', 'courseCompletion', '2026-03-09 04:00:00+00:00'::timestamptz, '2026-03-10 04:00:00+00:00'::timestamptz, 'nightly', 1, 'scheduled__z', '2026-11-24 17:51:33.167042+00:00'::timestamptz, '2026-11-24 17:51:33.194946+00:00'::timestamptz, '127.0.0.1:34261, logging in: the server refuses the login of user ''acme'' (offered: password). Ask the client for the right user and credentials, and correct the Airflow Connection.', NULL, NULL, NULL, true);

insert into event_delivery.attempt (destination, event, interval_start, interval_end, kind, attempt, run_id, started_at, ended_at, error, bytes_sent, send_seconds, compressed, permanent) values ('beta', 'courseCompletion', '2026-03-09 04:00:00+00:00'::timestamptz, '2026-03-10 04:00:00+00:00'::timestamptz, 'nightly', 2, 'scheduled__z', '2026-11-24 17:51:33.223335+00:00'::timestamptz, '2026-11-24 17:51:33.257647+00:00'::timestamptz, '127.0.0.1:34261, logging in: the server refuses the login of user ''acme'' (offered: password). Ask the client for the right user and credentials, and correct the Airflow Connection.', NULL, NULL, NULL, true);

insert into event_delivery.host_key (host, port, public_key, first_seen_at) values ('127.0.0.1', 34261, 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMS/0ccxFR6MRrynnfxDJVSiO9QIrOfJObT1XHHcAMuG', '2026-11-24 17:51:31.570040+00:00'::timestamptz);

insert into event_delivery.server_behaviour (destination, place, upload_mode, takes_files, found_at) values ('acme', '127.0.0.1:34261/', 'direct', true, '2026-11-24 17:51:33.299953+00:00'::timestamptz);
