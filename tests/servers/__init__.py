"""The real SFTP servers that the tests deliver to."""
