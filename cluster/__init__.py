"""A night on two machines: workers that share neither a disk nor an AIRFLOW_HOME, one of which is killed.

`python -m cluster` runs it and tells which worker did what. Real parts: CeleryExecutor, Redis, an S3, PostgreSQL,
an SFTP server; the machines are folders of this one.

`machine`   what a worker calls itself
`broker`    Redis
`machines`  all that a cluster needs, started and stopped
`night`     the night, and what came of it

Its destinations and events are those of `local_servers.many_destinations`.
"""
