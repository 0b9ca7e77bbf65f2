"""How Alembic runs the steps: on the connection it is given, inside the caller's transaction."""

from alembic import context

from colloquia.store.tables import Row, SchemaVersionRow

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    version_table=SchemaVersionRow.__tablename__,
)
context.run_migrations()
