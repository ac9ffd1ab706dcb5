"""Reading: plain SQL over sqlite3, light enough to be imported ahead of the first paint."""
