select
  set_config('application_name', 'nightly_sftp_events', false),
  set_config('tcp_keepalives_idle', '30', false), -- else a machine that lost its power holds a delivery for hours
  set_config('tcp_keepalives_interval', '10', false),
  set_config('tcp_keepalives_count', '3', false),
  set_config('statement_timeout', %(statement)s, false),
  set_config('lock_timeout', %(lock)s, false)
