select
  current_setting('lock_timeout'),
  set_config('lock_timeout', '0', true),
  set_config('statement_timeout', '0', true)
