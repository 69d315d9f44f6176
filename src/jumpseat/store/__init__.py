"""What outlives a request: the archive (durable), and the switchboard (shared, short-lived)."""
