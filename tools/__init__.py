"""What helps to keep the project itself in order."""
