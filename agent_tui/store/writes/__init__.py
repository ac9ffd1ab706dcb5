"""Writing: units of work, each one transaction, in plain SQL.

Not through SQLModel, which declares the schema: loading it would cost the desk 0.8 s and 38 MB at its first write.
A test holds the declared tables and the database equal.
"""
