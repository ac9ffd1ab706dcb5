"""Writing: units of work, each one transaction."""
