"""What does a machine need that has nothing but Python? PostgreSQL, SFTP and Airflow, each in a folder."""
