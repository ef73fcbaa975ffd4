select
  current_setting('lock_timeout'),
  set_config('lock_timeout', %(lock)s, true),
  set_config('statement_timeout', '0', true)
