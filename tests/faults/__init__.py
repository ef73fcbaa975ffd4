"""A real SFTP server that fails on request, a TCP proxy that spoils the line, and a watcher of the final name."""
