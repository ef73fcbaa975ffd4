"""The servers that the demo, the tests and the benchmarks start on this machine: PostgreSQL, SFTP, Airflow."""
