select set_config('lock_timeout', %(lock)s, true)
