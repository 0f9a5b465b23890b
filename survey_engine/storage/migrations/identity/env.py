"""Runs the migrations of the store 'identity' on the connection that Database.migrate hands over."""

from alembic import context

from survey_engine.storage.tables import IdentityTable

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=IdentityTable.metadata, render_as_batch=connection.dialect.name == "sqlite"
)
with context.begin_transaction():
    context.run_migrations()
