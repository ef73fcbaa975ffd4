select
  set_config('application_name', 'nightly_sftp_events', false),
  set_config('statement_timeout', %(statement)s, false),
  set_config('lock_timeout', %(lock)s, false)
