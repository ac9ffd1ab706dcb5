"""How Alembic runs here: on a connection, and in a transaction, that the store opened (see `store.migrate`)."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),  # SQLModel's, where a new revision is drafted
    transactional_ddl=False,
    render_as_batch=True,
)
context.run_migrations()
