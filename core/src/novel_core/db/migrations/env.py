"""Alembic's entry: runs on the connection that `novel_core.db.migrate` hands over."""

from alembic import context

from novel_core.db.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=METADATA, transactional_ddl=True, compare_type=True
)
with context.begin_transaction():
    context.run_migrations()
